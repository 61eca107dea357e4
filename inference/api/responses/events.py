"""One run as the Responses API tells it: the object Response, and the events of its stream."""

from collections.abc import Iterable, Sequence

from inference.api.errors import Problem
from inference.api.openai.logprobs import ShownTokens
from inference.api.parts import CallArguments, CallStarted, Part, Reading, Text, Thought
from inference.api.responses.items import FunctionCall, Item, Message, Payload, Reasoning
from inference.api.responses.request import ResponsesRequest
from inference.models import Generation
from inference.token_log import Event, Tokens


class Writer:
    """Makes the events of one stream. What they add up to is `whole`, the answer to a request
    that wants no stream."""

    pulse: Sequence[Payload] = ()

    def __init__(self, generation: Generation, request: ResponsesRequest) -> None:
        self.whole = _response(generation, request)
        self._reading = Reading(generation)
        self._shown = ShownTokens()
        self._tells_logprobs = bool(generation.parameters.get("logprobs"))
        self._hex = generation.pk.hex
        self._due: list[Payload] = []
        """Log-probabilities of tokens whose text comes next."""
        self._open: Item | None = None
        self._next = 0

    def begin(self) -> list[Payload]:
        types = ("response.created", "response.in_progress")
        return self._numbered({"type": type, "response": self.whole} for type in types)

    def take(self, event: Event) -> list[Payload]:
        if self._tells_logprobs and isinstance(event, Tokens):
            self._due += self._shown.take(event)
        parts = self._reading.take(event)
        return self._numbered(told for part in parts for told in self._take(part))

    def end(self, generation: Generation) -> list[Payload]:
        """With the run's final row."""
        is_cut_off = self._reading.finish_reason == "length"
        status = "incomplete" if is_cut_off else "completed"
        empty = [] if self._open else self._begin(Message(self._id("msg"), self._index))
        told = empty + self._close(status)
        self.whole |= {"status": status, "usage": _usage(generation)}
        if is_cut_off:
            self.whole["incomplete_details"] = {"reason": "max_output_tokens"}
        elif generation.finished_at:
            self.whole["completed_at"] = int(generation.finished_at.timestamp())
        return self._numbered([*told, {"type": f"response.{status}", "response": self.whole}])

    def fail(self, problem: Problem) -> list[Payload]:
        message = str(problem)
        error = {"code": problem.code, "message": message, "param": problem.param}
        told = [{"type": "error"} | error, *self._close("incomplete")]
        self.whole |= {"status": "failed", "error": {"code": "server_error", "message": message}}
        return self._numbered([*told, {"type": "response.failed", "response": self.whole}])

    def _take(self, part: Part) -> list[Payload]:
        if isinstance(part, Thought):
            return self._think(part.text)
        due, self._due = self._due, []
        match part, self._open:
            case Text(text), Message() as message:
                return [message.add(text, due)]
            case Text(text), _:
                told, message = self._close("completed"), Message(self._id("msg"), self._index)
                return [*told, *self._begin(message), message.add(text, due)]
            case CallStarted(_, id, name), _:
                told = self._close("completed")
                return told + self._begin(FunctionCall(self._id("fc"), self._index, id, name))
            case CallArguments(_, text), FunctionCall() as call:
                return [call.add(text)]
        return []

    def _think(self, text: str) -> list[Payload]:
        told: list[Payload] = []
        if not isinstance(thought := self._open, Reasoning):
            told = self._close("completed")
            told += self._begin(thought := Reasoning(self._id("rs"), self._index))
        return [*told, thought.add(text)]

    @property
    def _index(self) -> int:
        """Where the next item goes."""
        return len(self.whole["output"])

    def _id(self, kind: str) -> str:
        return f"{kind}_{self._hex}{self._index:02}"

    def _begin(self, item: Item) -> list[Payload]:
        self._open = item
        return [self._about("added", item, "in_progress"), *item.begin()]

    def _close(self, status: str) -> list[Payload]:
        if self._open is None:
            return []
        item, self._open = self._open, None
        self.whole["output"].append(item.item(status))
        return [*item.finish(), self._about("done", item, status)]

    def _about(self, what: str, item: Item, status: str) -> Payload:
        type, shown = f"response.output_item.{what}", item.item(status)
        return {"type": type, "output_index": item.index, "item": shown}

    def _numbered(self, events: Iterable[Payload]) -> list[Payload]:
        numbered = [event | {"sequence_number": at} for at, event in enumerate(events, self._next)]
        self._next += len(numbered)
        return numbered


def _response(generation: Generation, request: ResponsesRequest) -> Payload:
    """What hints (`reasoning`, `verbosity`) the models here do not take is told as not taken."""
    extra, parameters = request.model_extra or {}, generation.parameters
    return {
        "id": f"resp_{generation.pk.hex}",
        "object": "response",
        "created_at": int(generation.created_at.timestamp()),
        "status": "in_progress",
        "background": False,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "instructions": request.instructions,
        "max_output_tokens": request.max_output_tokens,
        "max_tool_calls": None,
        "metadata": request.metadata or {},
        "model": generation.model.name,
        "output": [],
        "parallel_tool_calls": request.parallel_tool_calls is not False,
        "previous_response_id": None,
        "prompt_cache_key": extra.get("prompt_cache_key"),
        "reasoning": {"effort": None, "summary": None},
        "safety_identifier": extra.get("safety_identifier"),
        "service_tier": "default",
        "store": False,
        "temperature": parameters["temperature"],
        "text": {
            "format": (request.text and request.text.format) or {"type": "text"},
            "verbosity": "medium",
        },
        "tool_choice": request.tool_choice or "auto",
        "tools": request.tools or [],
        "top_logprobs": request.top_logprobs or 0,
        "top_p": parameters["top_p"],
        "truncation": "auto",
        "usage": None,
        "user": extra.get("user"),
    }


def _usage(generation: Generation) -> Payload:
    read, written = generation.prompt_tokens, generation.completion_tokens
    cached = {"cached_tokens": generation.cached_tokens, "cache_write_tokens": 0}
    return {
        "input_tokens": read,
        "input_tokens_details": cached,
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
    }
