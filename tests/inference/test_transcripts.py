import pytest

from inference.engine import transcripts as module
from inference.engine.transcripts import Reader, Transcript, Transcripts
from tests.inference.fakes import FakeVocabulary


def known(*transcripts: tuple[str, str]) -> Transcripts:
    """By owner and text; the tokens are not those that the vocabulary would take."""
    all_ = Transcripts()
    for at, (owner, text) in enumerate(transcripts):
        all_.add(f"run {at}", Transcript(text, [len(text), 999], owner))
    return all_


def read(text: str, transcripts: Transcripts, owner: str = "alice") -> list[int]:
    return Reader(FakeVocabulary(), transcripts, owner).tokenize(text)


def test_what_was_written_in_other_tokens_is_read_as_it_was_written() -> None:
    assert read("u:hi\na:hello\nu:", known(("alice", "u:hi\na:hello"))) == [12, 999, *b"\nu:"]


def test_the_longest_beginning_counts() -> None:
    transcripts = known(("alice", "u:"), ("alice", "u:hi\na:hello"), ("alice", "u:hi"))

    assert read("u:hi\na:hello\nu:", transcripts)[0] == 12


def test_anothers_words_are_nobodys_tokens() -> None:
    assert read("u:hi\n", known(("bob", "u:hi"))) == list(b"u:hi\n")


def test_a_beginning_that_ends_within_a_word_is_read_anew() -> None:
    assert read("u:hippo\n", known(("alice", "u:hi"))) == list(b"u:hippo\n")


def test_what_is_deleted_is_forgotten() -> None:
    transcripts = known(("alice", "u:hi"))

    transcripts.forget({"run 0"})

    assert read("u:hi\n", transcripts) == list(b"u:hi\n")


def test_the_oldest_goes_when_there_are_too_many_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TOKENS", 4)
    transcripts = known(("alice", "u:a"), ("alice", "u:b"), ("alice", "u:c"))

    assert transcripts.runs() == {"run 1", "run 2"}
