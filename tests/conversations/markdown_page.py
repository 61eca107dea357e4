"""Rendered Markdown as a browser has it."""

import random
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from conversations.markdown import BlockStream, Frame


class Page:
    """What a browser shows when it applies the frames."""

    def __init__(self) -> None:
        self.closed = ""
        self.open = ""

    def apply(self, frame: Frame) -> None:
        self.closed += frame.closed
        if frame.open is not None:
            assert not frame.grown and frame.last is None
            self.open = frame.open
        elif frame.grown or frame.last is not None:
            slots = re.fullmatch(
                r'(.*?<(ol|ul|code|span) class="(?:highlight )?grown".*)'
                r'(</\2><\2 class="(?:highlight )?last">)(.*)(</\2>.*)',
                self.open,
                re.DOTALL,
            )
            assert slots
            before, _, between, last, after = slots.groups()
            last = last if frame.last is None else frame.last
            self.open = before + frame.grown + between + last + after

    @property
    def text(self) -> str:
        return text_of(self.closed + self.open)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def text_of(html: str) -> str:
    return read(html).text


def pieces(text: str, size: int, seed: int = 0) -> Iterator[str]:
    rng = random.Random(seed)
    while text:
        length = rng.randint(1, size)
        yield text[:length]
        text = text[length:]


def frames(text: str, size: int = 40) -> list[Frame]:
    stream = BlockStream()
    return [stream.feed(text[start : start + size]) for start in range(0, len(text), size)]
