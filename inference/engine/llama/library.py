"""llama.cpp's library, set up once for this process."""

import ctypes
import logging
import os

# Threads of libgomp that wait for each other spin; without a bound they starve every other
# process on the machine. With a tenth of this, steps take some 2 % longer on a quiet one; beside a
# busy one, fewer threads are used (see threads.py). Read when the library is loaded, so it has to
# be set before the import.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

import llama_cpp as llama

__all__ = ["LoadError", "llama", "log_callback"]

LOG_ERROR = 4
"""ggml.h: GGML_LOG_LEVEL_ERROR. What it calls warnings is of no use to who runs a server."""

logger = logging.getLogger(__name__)


class LoadError(Exception):
    """The message is a sentence for people."""


@llama.llama_log_callback
def log_callback(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    severity = logging.ERROR if level == LOG_ERROR else logging.DEBUG
    logger.log(severity, "%s", text.decode(errors="replace").rstrip())


llama.llama_log_set(log_callback, ctypes.c_void_p(0))
llama.llama_backend_init()
