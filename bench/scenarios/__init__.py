"""What is measured: one module for each kind of load."""

from bench.scenarios.account import Account
from bench.scenarios.arrival import Arrival
from bench.scenarios.browser import Browser
from bench.scenarios.crowd import Crowd
from bench.scenarios.neighbour import Neighbour
from bench.scenarios.prefix import SharedPrefix
from bench.scenarios.scenario import Peers, Scale, Scenario
from bench.scenarios.search import Search
from bench.scenarios.streams import Streams
from bench.scenarios.turns import NextTurn

ALL: dict[str, type[Scenario]] = {
    "streams": Streams,
    "turns": NextTurn,
    "prefix": SharedPrefix,
    "arrival": Arrival,
    "crowd": Crowd,
    "neighbour": Neighbour,
    "search": Search,
    "browser": Browser,
    "account": Account,
}
"""By the name that `--only` takes, in the order in which they run."""

__all__ = ["ALL", "Peers", "Scale", "Scenario"]
