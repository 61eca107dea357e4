import pytest

from inference.engine.text import TextAssembler


def feed(assembler: TextAssembler, text: bytes) -> str:
    return "".join(assembler.feed(bytes([byte])) for byte in text)


def test_a_character_split_over_tokens_is_shown_whole() -> None:
    assembler = TextAssembler()

    assert [assembler.feed(bytes([byte])) for byte in "é€😀".encode()] == [
        "", "é", "", "", "€", "", "", "", "😀",
    ]  # fmt: skip


def test_bytes_that_are_no_character_are_replaced() -> None:
    assembler = TextAssembler()

    assert assembler.feed(b"a\xffb") == "a\ufffdb"
    assert assembler.feed(b"\xe2\x82") == ""
    assert assembler.finish() == "\ufffd"


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_stop_string_ends_the_text_before_it_however_it_is_split(size: int) -> None:
    assembler = TextAssembler(["STOP", "\n\n"])
    raw = b"one\ntwo STOP three"

    text = "".join(assembler.feed(raw[at : at + size]) for at in range(0, len(raw), size))

    assert text + assembler.finish() == "one\ntwo "
    assert assembler.stopped


def test_what_may_become_a_stop_string_is_held_back_and_shown_when_it_does_not() -> None:
    assembler = TextAssembler(["END"])

    assert feed(assembler, b"the EN") == "the "
    assert feed(assembler, b"GINE") == "ENGIN"
    assert assembler.finish() == "E"
    assert not assembler.stopped


def test_the_first_of_several_stop_strings_counts() -> None:
    assembler = TextAssembler(["late", "early"])

    assert assembler.feed(b"so early or late") == "so "
    assert assembler.stop == "early"


def test_nothing_is_shown_after_a_stop() -> None:
    assembler = TextAssembler(["."])
    assembler.feed(b"One. Two")

    assert assembler.feed(b" three") == ""
    assert assembler.finish() == ""


def test_it_goes_on_within_a_character() -> None:
    assembler = TextAssembler()
    assembler.go_on_after(b"caf" + "é".encode()[:1])

    assert assembler.feed("é".encode()[1:] + b"!") == "é!"
