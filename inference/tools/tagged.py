"""The grammar of arguments in tags, in llguidance's dialect of Lark."""

from collections.abc import Callable, Iterator
from typing import Any

from inference.engine.json_schema import COMBINED, embedded
from inference.engine.lark import GrammarError
from inference.tools.format import Tags
from inference.tools.values import TEXT, resolved, writing

Schema = dict[str, Any]

OF_THE_WHOLE = (COMBINED - {"unevaluatedProperties"}) | {
    *("minProperties", "maxProperties", "propertyNames", "dependentRequired", "dependentSchemas"),
    *("not", "enum", "const"),
}
"""Keywords about all arguments together, to which those in tags can't be held."""
MOST_MORE = 16
"""Arguments that the schema does not name."""
ANY_TEXT = r"[^\x0e]"
"""A character; control tokens stand behind that one."""
ANY_KEY = "/[A-Za-z0-9_.-]{1,64}/"


class TaggedArguments:
    """Writes the rule `name`, and those that it needs. `literal` puts a text into Lark's quotes."""

    def __init__(self, name: str, tags: Tags, literal: Callable[[str], str]) -> None:
        self._name = name
        self._tags = tags
        self._literal = literal

    def rules(self, schema: Schema, is_strict: bool) -> Iterator[str]:
        """Arguments in the order of the schema. One that is not strict and can't be followed here
        leaves any. Raises GrammarError."""
        root: Schema = resolved(schema, schema)
        if OF_THE_WHOLE & root.keys():
            if is_strict:
                raise GrammarError("The JSON schema can't be followed in this model's calls.")
            root = {}
        parts = []
        for at, (key, value) in enumerate(_named(root).items()):
            argument = f"{self._name}_{at}"
            parts.append(argument if key in root.get("required", ()) else f"{argument}?")
            yield f"{argument}: {self._literal(self._head(key))} {argument}_value"
            yield from self._value(f"{argument}_value", value, root)
        more = root.get("additionalProperties", "properties" not in root)
        if more is not False:
            parts.append(f"{self._name}_more{{0,{MOST_MORE}}}")
            yield from self._more(more, root)
        yield f"{self._name}: " + (" ".join(parts) or '""')

    def _head(self, key: str) -> str:
        if not key or self._tags.between in key or "\x0e" in key:
            raise GrammarError(f"This model can't write an argument with the name “{key[:100]}”.")
        return f"{self._tags.before}{key}{self._tags.between}"

    def _more(self, schema: Any, root: Schema) -> Iterator[str]:
        more, key = f"{self._name}_more", f"{self._name}_KEY".upper()
        taken = " | ".join(self._literal(name) for name in _named(root))
        before, between = self._literal(self._tags.before), self._literal(self._tags.between)
        yield f"{key}: {ANY_KEY}" + (f" & ~({taken})" if taken else "")
        yield f"{more}: {before} {key} {between} {more}_value"
        yield from self._value(f"{more}_value", schema, root)

    def _value(self, rule: str, schema: Any, root: Schema) -> Iterator[str]:
        """With what stands after it."""
        after = self._literal(self._tags.after)
        schema, found = resolved(schema, root), writing(schema, root)
        if not found.is_text:
            yield f"{rule}_json: {embedded(_with_definitions(schema, root))}"
            yield f"{rule}: {rule}_json {after}"
        elif found == TEXT and (words := schema.get("enum") or [schema.get("const")]) != [None]:
            yield f"{rule}: ({' | '.join(map(self._literal, words))}) {after}"
        else:
            terminal = f"{rule}_TEXT".upper()
            yield f"{terminal}: {self._text(schema if found == TEXT else {})}"
            yield f"{rule}[lazy]: {terminal} {after}"

    def _text(self, schema: Schema) -> str:
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        if not least and most is None:
            return f"/{ANY_TEXT}*/"
        length = f"{least},{'' if most is None else most}"
        within = f"/{ANY_TEXT}*/ {self._literal(self._tags.after)} /{ANY_TEXT}*/"
        return f"/{ANY_TEXT}{{{length}}}/ & ~({within})"  # or its end would be taken for another's


def _named(root: Schema) -> dict[str, Any]:
    """The arguments that the schema names, and that may come."""
    properties: dict[str, Any] = root.get("properties") or {}
    others = root.get("additionalProperties", {})
    required = {name: others for name in root.get("required", ()) if name not in properties}
    return {name: value for name, value in (properties | required).items() if value is not False}


def _with_definitions(schema: Any, root: Schema) -> Schema:
    """Standing for itself."""
    if not isinstance(schema, dict):
        return {}
    shared: Schema = {name: root[name] for name in ("$defs", "definitions") if name in root}
    return shared | schema
