"""Models' vocabularies in a web process: to count tokens without loading any weights.

They are read on first use, as most web processes never need one. llama.cpp's library takes some
20 MB then, and a vocabulary of 150,000 tokens some 25 MB and a third of a second; measured.
"""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from inference.models import AIModel

if TYPE_CHECKING:
    from inference.engine.backend import Vocabulary

MOST_KEPT = 2
"""Of vocabularies in a process; the one that was not asked for longest goes first."""

_Key = tuple[str, int, int, int]


class NoVocabulary(Exception):
    """The model's file can't be read here. The message is a sentence for people."""


class Vocabularies:
    """Safe to use from several threads: one of them reads, the others wait for it."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[_Key, Vocabulary] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, path: Path, context: int) -> "Vocabulary":
        """Raises NoVocabulary."""
        key = _key(path, context)
        with self._lock:
            vocabulary = self._kept.pop(key, None) or _read(path, context)
            self._kept[key] = vocabulary
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return vocabulary


def _key(path: Path, context: int) -> _Key:
    """A file that was replaced is read anew."""
    try:
        known = path.stat()
    except OSError:
        raise NoVocabulary(_("The model's file is not on this machine.")) from None
    return str(path), known.st_size, known.st_mtime_ns, context


def _read(path: Path, context: int) -> "Vocabulary":
    from inference.engine.llama import LoadError, load_vocabulary  # not before it is needed

    try:
        return load_vocabulary(path, context)
    except LoadError:
        raise NoVocabulary(_("The model's file can't be read.")) from None


_vocabularies = Vocabularies()


def vocabulary_of(model: AIModel) -> "Vocabulary":
    """What the model's workers turn text into tokens with, and its chat template.

    May read a file for a second: call it in a thread that may wait. Raises NoVocabulary.
    """
    return _vocabularies.of(model.file, model.context_window or settings.N_CTX)
