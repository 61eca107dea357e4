"""A hub of one's own: serves files as the real one does, and breaks off when told to."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import huggingface_hub.constants
import huggingface_hub.file_download
import pytest

from tests.inference.gguf_files import MODEL, header

REPO, FILENAME = "someone/Tiny-GGUF", "tiny-1.5b.Q8_0.gguf"
CONTENT = header(MODEL) + bytes(200_000)


class Hub(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        """By repository and name: "owner/repo/file.gguf"."""
        self.damaged = False
        self.break_after: int | None = None
        """The byte of a file that is never reached."""
        self.ranges: list[str | None] = []
        """What was asked for, request by request."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self.server.ranges.append(self.headers["Range"])
        self._answer(with_body=True)

    def _answer(self, with_body: bool) -> None:
        content = self.server.files.get(self.path.strip("/").replace("/resolve/main/", "/"))
        if content is None:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int((self.headers["Range"] or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if with_body:
            self._send(content, start)

    def _send(self, content: bytes, start: int) -> None:
        if self.server.damaged:
            content = bytes(len(content))
        self.wfile.write(content[start : self.server.break_after])
        self.close_connection = self.server.break_after is not None

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def hub_server() -> Iterator[Hub]:
    hub = Hub()
    threading.Thread(target=hub.serve_forever, args=[0.02], daemon=True).start()
    yield hub
    hub.shutdown()
    hub.server_close()


def point_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library believe that this is the hub, and not be patient with it."""
    constants = huggingface_hub.constants
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _seconds: None)
