"""What every run generates, event by event, in a Redis Stream of its own.

A reader that lost its connection goes on after the last event it saw: no gap, no repeat. Event ids
are `attempt-number`, and Redis refuses an id below the last one, so that a worker that was taken
for dead cannot write between the events of the one that took over.
"""

from inference.token_log.events import Embedded, Ended, Event, Started, Tokens
from inference.token_log.logprobs import Candidate, TokenLogprob
from inference.token_log.reader import follow, follow_closely
from inference.token_log.writer import TokenLog

__all__ = [
    "Candidate",
    "Embedded",
    "Ended",
    "Event",
    "Started",
    "TokenLog",
    "TokenLogprob",
    "Tokens",
    "follow",
    "follow_closely",
]
