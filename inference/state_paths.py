"""Where workers keep states of KV caches, and clearing away those that nobody may use any more.

Without numpy, as web processes clear away too: no worker may be running.
"""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings

from inference.engine.state_names import SUFFIX, UNFINISHED
from inference.models import Generation

MOST_ASKED = 1000
"""Ids in one query; databases have a limit."""


def states_folder() -> Path:
    """Where the models' states are, in a folder for each."""
    return Path(settings.DATA_DIR) / "kv"


def remove_deleted() -> None:
    """The files of runs that have no row any more, whichever worker wrote them."""
    files = _files_of_runs(states_folder())
    for run in without_row(files):
        for path in files[run]:
            path.unlink(missing_ok=True)


def without_row(runs: Iterable[str]) -> set[str]:
    """Those of the runs that are not in the database any more."""
    ids = [UUID(run) for run in runs]
    known: set[UUID] = set()
    for at in range(0, len(ids), MOST_ASKED):
        some = Generation.objects.filter(pk__in=ids[at : at + MOST_ASKED])
        known.update(some.values_list("pk", flat=True))
    return {str(id) for id in ids if id not in known}


def _files_of_runs(root: Path) -> dict[str, list[Path]]:
    """The files in all folders in `root`, by the id of the run that each was computed for. They
    may be those of another worker, or of a model that is not loaded, or is no more."""
    found: dict[str, list[Path]] = {}
    for suffix in (SUFFIX, UNFINISHED):
        for path in root.glob(f"*/*{suffix}"):
            with contextlib.suppress(ValueError):  # some other file
                run = UUID(path.name.partition(".")[0])
                found.setdefault(str(run), []).append(path)
    return found
