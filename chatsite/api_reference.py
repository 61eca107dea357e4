"""What the pages at /api/v1/docs show: the OpenAPI documents, made readable."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.utils.safestring import SafeString
from django.utils.text import slugify

from conversations import markdown

DEPTH = 4
"""So deep an example is made up; what is deeper is empty."""


@dataclass(frozen=True)
class Field:
    """A parameter, or a part of a body."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Response:
    status: int
    description: str
    media: str
    example: str


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: SafeString
    parameters: list[Field]
    fields: list[Field]
    responses: list[Response]
    body: str
    """An example of it, as JSON; empty if there is none."""
    needs_key: bool


@dataclass
class Group:
    name: str
    operations: list[Operation] = field(default_factory=list)


class Reference:
    """One API's document."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self.title: str = schema["info"]["title"]
        self.id = slugify(self.title)

    @cached_property
    def groups(self) -> list[Group]:
        """By tag, in the order in which they come."""
        groups: dict[str, Group] = {}
        for path, methods in self._schema["paths"].items():
            for method, details in methods.items():
                name = details.get("tags", [self.title])[0]
                group = groups.setdefault(name, Group(name))
                group.operations.append(self._operation(method, path, details))
        return list(groups.values())

    def _operation(self, method: str, path: str, details: Mapping[str, Any]) -> Operation:
        body = _content(details.get("requestBody", {}))[1]
        return Operation(
            id=f"{self.id}-{details['operationId']}",
            method=method.upper(),
            path=path,
            summary=details["summary"],
            description=markdown.render(details.get("description", "")),
            parameters=[self._parameter(parameter) for parameter in details["parameters"]],
            fields=sorted(self._fields(body.get("schema", {})), key=lambda of: not of.required),
            responses=[
                response
                for status, found in sorted(details["responses"].items())
                for response in self._responses(int(status), found)
            ],
            body=_shown(self._example(body)) if body else "",
            needs_key="security" in details,
        )

    def _parameter(self, parameter: Mapping[str, Any]) -> Field:
        return Field(
            parameter["name"],
            self._kind(parameter["schema"]),
            parameter["required"],
            parameter.get("description", ""),
        )

    def _fields(self, schema: Mapping[str, Any]) -> Iterator[Field]:
        known = self._resolved(schema)
        required = known.get("required", [])
        for name, details in known.get("properties", {}).items():
            description = details.get("description", "")
            yield Field(name, self._kind(details), name in required, description)

    def _responses(self, status: int, found: Mapping[str, Any]) -> Iterator[Response]:
        description = found.get("description") or HTTPStatus(status).phrase
        contents = found.get("content") or {"": {}}
        for media, content in contents.items():
            example = _shown(self._example(content)) if media else ""
            yield Response(status, description, media, example)

    def _kind(self, schema: Mapping[str, Any]) -> str:
        """In a few words, such as "list of string"."""
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self._kind(each) for each in schema["anyOf"]))
        if "$ref" in schema:
            known = self._resolved(schema)
            return self._kind(known) if "properties" not in known else "object"
        if "enum" in schema:
            return " or ".join(map(json.dumps, schema["enum"]))
        if "const" in schema:
            return json.dumps(schema["const"])
        if schema.get("type") == "array":
            return f"list of {self._kind(schema.get('items', {}))}"
        return str(schema.get("format") or schema.get("type", "anything"))

    def _example(self, content: Mapping[str, Any]) -> Any:
        """The one that is given, or one made up from the schema."""
        if "example" in content:
            return content["example"]
        for named in content.get("examples", {}).values():
            return named["value"]
        return self._made_up(content.get("schema", {}), DEPTH)

    def _made_up(self, schema: Mapping[str, Any], depth: int) -> Any:
        if schema.get("examples"):
            return schema["examples"][0]
        known = self._resolved(schema)
        if depth == 0:
            return None
        if known is not schema:
            return self._made_up(known, depth)
        if "anyOf" in known:
            return self._made_up(known["anyOf"][0], depth)
        for value in ("const", "default"):
            if value in known:
                return known[value]
        if "enum" in known:
            return known["enum"][0]
        match known.get("type"):
            case "object":
                return self._made_up_object(known, depth)
            case "array":
                return [self._made_up(known.get("items", {}), depth - 1)]
            case kind:
                return _SAMPLES.get(known.get("format") or kind or "")

    def _made_up_object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Of an input, what is needed and what has an example."""
        required = schema.get("required", [])
        return {
            name: self._made_up(part, depth - 1)
            for name, part in schema.get("properties", {}).items()
            if name in required or part.get("examples")
        }

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in schema:
            return schema
        name = schema["$ref"].rsplit("/", 1)[-1]
        found: Mapping[str, Any] = self._schema["components"]["schemas"][name]
        return found


_SAMPLES = {
    "string": "…",
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "uuid": "9f0c2a34-7d1e-4b7a-9c55-2f6f1f0c8e11",
    "date-time": "2026-01-31T12:00:00Z",
}


def _content(of: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The first of what it may be, with its media type."""
    return next(iter(of.get("content", {}).items()), ("", {}))


def _shown(example: Any) -> str:
    if isinstance(example, str):
        return example.strip("\n")
    return json.dumps(example, ensure_ascii=False, indent=2)
