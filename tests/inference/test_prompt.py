from typing import Any

import pytest

from inference.engine.prompt import PromptTooLong, fit, next_turn
from tests.inference.fakes import FakeVocabulary

vocabulary = FakeVocabulary(context=40)


def turn(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def text(messages: list[dict[str, Any]], max_tokens: int = 10) -> str:
    return bytes(fit(messages, vocabulary, max_tokens).tokens).decode()


def test_a_short_chat_is_kept_whole() -> None:
    chat = [turn("user", "one"), turn("assistant", "two"), turn("user", "three")]

    assert text(chat) == "u:one\na:two\nu:three\na:"


def test_the_oldest_turns_go_when_the_context_is_full() -> None:
    chat = [turn("user", "1" * 20), turn("assistant", "2" * 9), turn("user", "three")]

    assert text(chat) == "u:three\na:"


def test_instructions_stay_when_turns_go() -> None:
    chat = [
        turn("system", "rhyme"),
        turn("user", "1" * 30),
        turn("assistant", "ok"),
        turn("user", "go"),
    ]

    assert text(chat) == "s:rhyme\nu:go\na:"


def test_a_message_that_cannot_fit_alone_is_refused_with_its_size() -> None:
    with pytest.raises(PromptTooLong) as refused:
        fit([turn("user", "x" * 60)], vocabulary, 10)

    assert (refused.value.tokens, refused.value.most) == (65, 30)


def test_the_answer_may_be_as_long_as_the_context_leaves() -> None:
    assert fit([turn("user", "hello")], vocabulary, 1000).max_tokens == 30
    assert fit([turn("user", "hello")], vocabulary, 5).max_tokens == 5


def test_a_long_wish_for_the_answer_does_not_crowd_out_the_prompt() -> None:
    assert len(fit([turn("user", "x" * 20)], vocabulary, 1000).tokens) == 25


def test_a_long_chat_that_must_be_cut_begins_alike_for_several_turns() -> None:
    chat = [turn("ua"[at % 2] + "!", f"{at:02}") for at in range(33)]
    chat = [{**m, "role": {"u": "user", "a": "assistant"}[m["role"][0]]} for m in chat]
    begins = []
    for at in range(9, 33, 2):
        begins.append(text(chat[:at], max_tokens=10)[:4])

    assert len(set(begins)) <= 7  # of 12


def test_what_everybody_begins_with_is_public() -> None:
    chat = [turn("system", "be kind"), turn("user", "tell me")]

    assert fit(chat, vocabulary, 10).public == 0
    assert fit(chat, vocabulary, 10, public=1).public == len("s:be kind\nu:")
    assert fit(chat[1:], vocabulary, 10).public == len("u:")


def test_nothing_that_a_person_says_counts_as_public() -> None:
    for said in ("a", "b", "ab", "", "apple"):
        assert fit([turn("user", said)], vocabulary, 10).public == len("u:")


def test_the_next_turn_is_known_up_to_what_will_be_asked() -> None:
    chat = [turn("user", "hi")]

    assert bytes(next_turn(chat, "hello", vocabulary)).decode() == "u:hi\na:hello\nu:"


TOOLS = {"functions": [{"name": "f", "description": "", "parameters": {}}], "choice": "auto"}


def test_a_result_is_never_parted_from_its_call() -> None:
    calling = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    used = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": None, "tool_calls": [calling]},
        {"role": "tool", "tool_call_id": "1", "content": "result"},
        turn("assistant", "two"),
    ]
    chat = [*used, *used, turn("user", "three")]

    for context in range(40, 400, 10):
        tokens = fit(chat, FakeVocabulary(context=context), 10).tokens
        written = bytes(tokens).decode()
        assert written.count("<tool_call>") == written.count("<tool_response>")


def test_tools_are_told_and_are_nothing_public() -> None:
    roomy = FakeVocabulary(context=2000)
    chat = [turn("system", "be kind"), turn("user", "tell me")]

    prompt = fit(chat, roomy, 10, public=1, tools=TOOLS)

    assert '"name": "f"' in prompt.text
    assert prompt.public == len("s:be kind\n")


def test_the_next_turn_is_known_with_tools() -> None:
    roomy = FakeVocabulary(context=2000)
    chat = [turn("user", "hi")]

    ahead = bytes(next_turn(chat, "hello", roomy, TOOLS))

    assert ahead == bytes(fit(chat, roomy, 10, tools=TOOLS).tokens) + b"hello\nu:"
