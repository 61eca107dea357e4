"""The signing key of an installation that sets none: made once, kept beside the database."""

import os
import tempfile
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def stored_key(path: Path) -> str:
    """The key in `path`, made on first use. Processes that start together agree on one."""
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(get_random_secret_key())
        try:
            os.link(draft, path)  # whole or not at all, and never over another process's key
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text()
