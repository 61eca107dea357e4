r"""A model's Markdown as safe HTML: a whole text (`render`), or one that grows (`BlockStream`).

CommonMark with tables, ~~strikethrough~~, task lists, bare addresses, line breaks as typed, and
maths in `$…$`, `$$…$$`, `\(…\)` and `\[…\]`. The text is hostile, as a model repeats what it read:
raw HTML is shown as text, and whatever parser, highlighter and maths converter make of the rest
passes the sanitiser last.
"""

from conversations.markdown.block_stream import BlockStream
from conversations.markdown.frames import Frame
from conversations.markdown.rendering import render
from conversations.markdown.titles import plain_text_title

__all__ = ["BlockStream", "Frame", "plain_text_title", "render"]
