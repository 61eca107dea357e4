"""A chat said in other ways, for chat templates that refuse the plain one."""

from collections.abc import Iterator

from inference.engine.backend import ChatMessage

BETWEEN = "\n\n"


def ways_to_say(messages: list[ChatMessage]) -> Iterator[list[ChatMessage]]:
    """The same chat, each time with less asked of the template: instructions anywhere, then only
    at the beginning, then none but in a user's turn, and then turns that strictly alternate."""
    yield messages
    instructions = [m for m in messages if m["role"] == "system"]
    turns = [m for m in messages if m["role"] != "system"]
    if instructions:
        said = BETWEEN.join(m["content"] for m in instructions)
        yield [{"role": "system", "content": said}, *turns]
        yield (turns := _instructed(turns, said))
    yield _alternating(turns)


def _instructed(turns: list[ChatMessage], said: str) -> list[ChatMessage]:
    """With the instructions where the first user's turn begins, or in one of their own."""
    if not turns or turns[0]["role"] != "user":
        return [{"role": "user", "content": said}, *turns]
    first, *rest = turns
    return [{**first, "content": said + BETWEEN + first["content"]}, *rest]


def _alternating(turns: list[ChatMessage]) -> list[ChatMessage]:
    """With what the same person says in a row said in one turn."""
    said: list[ChatMessage] = []
    for turn in turns:
        if said and said[-1]["role"] == turn["role"] in ("user", "assistant"):
            said[-1] = _joined(said[-1], turn)
        else:
            said.append(turn)
    return said


def _joined(one: ChatMessage, other: ChatMessage) -> ChatMessage:
    content = BETWEEN.join(filter(None, (one["content"], other["content"])))
    calls = [*(one.get("tool_calls") or ()), *(other.get("tool_calls") or ())]
    return {**one, "content": content} | ({"tool_calls": calls} if calls else {})
