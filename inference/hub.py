"""Fetching one file of a repository on the Hugging Face Hub, going on where an earlier try ended.

The library's own download starts from the beginning in a new process, so only its parts are used:
the address, the metadata, the request with its retries, and the errors.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self

from django.conf import settings
from django.utils.translation import gettext as _

SHA256_DIGITS = 64

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and those there will be."""


class HubError(Exception):
    """The message is a sentence for people."""

    def __init__(self, message: str, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        """Trying again later may help."""


class BeingFetched(Exception):
    """Another process is fetching this file just now."""


def destination(repo: str, filename: str) -> Path:
    """Where in MODELS_DIR the file will be. Raises HubError for a name that leads elsewhere."""
    parts = PurePosixPath(repo).parts + PurePosixPath(filename).parts
    if not repo or any(part in ("/", "..", ".") or "\0" in part for part in parts):
        raise HubError(_("The repository or file name is not valid."))
    if not filename.endswith(".gguf"):
        raise HubError(_("The file must be a GGUF file: its name ends in .gguf."))
    return Path(settings.MODELS_DIR, *parts)


def fetch(repo: str, filename: str, progress: Progress) -> Path:
    """The file, complete; what is there of it already is not fetched again.

    Raises HubError (what has come so far is kept) and BeingFetched.
    """
    target = destination(repo, filename)
    with _sentences(repo, filename), _only_one(target) as workplace:
        if not target.exists():
            _fetch(repo, filename, workplace, progress).replace(target)
    return target


def _fetch(repo: str, filename: str, workplace: Path, progress: Progress) -> Path:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers, logging

    logging.set_verbosity_error()  # its warnings about tries come again in the error
    url = hf_hub_url(repo, filename)
    metadata = get_hf_file_metadata(url)
    version = metadata.etag or "unknown"
    partial = workplace / f"{hashlib.sha256(version.encode()).hexdigest()[:16]}.partial"
    with partial.open("ab") as file:
        if metadata.size is not None and file.tell() > metadata.size:
            file.truncate(0)
        http_get(
            url,
            file,
            resume_size=file.seek(0, os.SEEK_END),
            headers=build_hf_headers(),
            expected_size=metadata.size,
            tqdm_class=_reporting(progress),
        )
    _verify(partial, version)
    return partial


def _verify(partial: Path, version: str) -> None:
    """Large files go by their SHA-256 on the Hub."""
    if len(version) != SHA256_DIGITS:
        return
    with partial.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != version:
        partial.unlink()
        raise HubError(_("The file was damaged on its way. Please try again."), may_pass=True)


def _reporting(progress: Progress) -> type:
    """What the library draws its progress with, reporting instead."""

    class Reporter:
        def __init__(self, *, initial: int = 0, total: int | None = None, **_options: Any) -> None:
            self._there = initial
            self._total = total or 0
            self.update(0)

        def update(self, count: int) -> None:
            self._there += count
            progress(self._there, max(self._total, self._there))

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_error: object) -> None: ...

    return Reporter


@contextmanager
def _only_one(target: Path) -> Iterator[Path]:
    """A folder for this file's unfinished parts, of one process at a time: the lock goes with the
    process, however that ends."""
    target.parent.mkdir(parents=True, exist_ok=True)
    inside = target.relative_to(settings.MODELS_DIR)
    workplace = Path(settings.MODELS_DIR, ".unfinished", *inside.parts)
    workplace.mkdir(parents=True, exist_ok=True)
    with (workplace / "lock").open("w") as lock:
        _lock(lock)
        yield workplace


def _lock(file: IO[str]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BeingFetched from None


@contextmanager
def _sentences(repo: str, filename: str) -> Iterator[None]:
    """What can go wrong, as HubError."""
    import httpx2
    from huggingface_hub import constants, errors

    names = {"repo": repo, "file": filename, "host": constants.ENDPOINT}
    try:
        yield
    except errors.HFValidationError:
        raise HubError(_("%(repo)s is not a valid repository name.") % names) from None
    except errors.GatedRepoError:
        raise HubError(_("%(repo)s wants an access token; set HF_TOKEN.") % names) from None
    except errors.RepositoryNotFoundError:
        raise HubError(_("%(host)s has no repository %(repo)s.") % names) from None
    except errors.EntryNotFoundError:
        raise HubError(_("%(repo)s has no file %(file)s.") % names) from None
    except errors.HfHubHTTPError as error:
        status = {"status": error.response.status_code}
        message = _("%(host)s answered with an error (%(status)s).") % (names | status)
        raise HubError(message, may_pass=True) from None
    except (httpx2.HTTPError, errors.OfflineModeIsEnabled):
        message = _("%(host)s can't be reached. Is there a network connection?") % names
        raise HubError(message, may_pass=True) from None
    except OSError as error:
        raise HubError(_("The file can't be stored: %(error)s") % {"error": error}) from None
