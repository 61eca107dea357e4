"""What people do with whole conversations."""

from conversations.organising.actions import (
    archive,
    archive_all,
    change,
    create,
    import_conversations,
    mark_read,
    move,
    pin,
    rename,
)
from conversations.organising.deleting import delete, put_away, put_away_all, restorable, restore

__all__ = [
    "archive",
    "archive_all",
    "change",
    "create",
    "delete",
    "import_conversations",
    "mark_read",
    "move",
    "pin",
    "put_away",
    "put_away_all",
    "rename",
    "restorable",
    "restore",
]
