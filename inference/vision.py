"""Whether the engine that is installed here can read images at all. Asking does not load it."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.utils.translation import gettext_lazy

NOT_BUILT = gettext_lazy(
    "This server was installed without support for images: its llama.cpp lacks libmtmd."
)
LIBRARY = "libmtmd"
"""Of llama.cpp, which is built on its own."""


@cache
def is_built() -> bool:
    engine = find_spec("llama_cpp")
    if engine is None or engine.origin is None:
        return False
    return any((Path(engine.origin).parent / "lib").glob(f"{LIBRARY}.*"))
