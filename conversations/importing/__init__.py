"""Conversations that were held elsewhere, read from the files that keep them.

Three forms are understood: what Parley exports; messages as OpenAI's API has them; and the
conversations.json of ChatGPT's export. Several conversations may come as a list, or as
`conversations` of an object. Where messages form a tree, all branches are read.
"""

from conversations.importing.conversations import Limits, read
from conversations.importing.imported import Imported, ImportedMessage, Unreadable
from conversations.importing.uploads import UPLOAD, read_upload

__all__ = [
    "UPLOAD",
    "Imported",
    "ImportedMessage",
    "Limits",
    "Unreadable",
    "read",
    "read_upload",
]
