"""The tools of chat completions, and which of them are to be called."""

from typing import Any

from django.utils.translation import gettext as _

from inference.api import fields

OF_TOOLS = {"type", "function"}
OF_FUNCTIONS = {"name", "description", "parameters", "strict"}


def tools(tools: list[Any], choice: Any, parallel: bool | None) -> dict[str, Any]:
    """In the form of inference.tools; empty if there are none. Raises Problem."""
    functions = [_function(tool, f"tools[{at}]") for at, tool in enumerate(tools)]
    fields.check_functions(functions)
    chosen = _choice(choice)
    fields.check_choice(chosen, functions, "tool_choice")
    if not functions:
        return {}
    return {"functions": functions, "choice": chosen, "parallel": parallel is not False}


def _function(tool: Any, where: str) -> dict[str, Any]:
    match tool:
        case {"type": "function", "function": dict(function)}:
            fields.refuse_extra(_without(tool, OF_TOOLS), (), {}, f"{where}.")
            inside = f"{where}.function"
            fields.refuse_extra(_without(function, OF_FUNCTIONS), (), {}, f"{inside}.")
            return fields.function(function, inside, schema="parameters")
        case {"type": "function"}:
            raise fields.invalid(f"{where}.function", _("A tool needs a function."))
        case {"type": str(kind)}:
            message = _("Tools of type %(type)s are not supported.") % {"type": kind}
            raise fields.unsupported(f"{where}.type", message)
    raise fields.invalid(where, _("A tool must be an object with a type."))


def _choice(choice: Any) -> Any:
    match choice:
        case None:
            return "auto"
        case "auto" | "none" | "required":
            return choice
        case {"type": "function", "function": {"name": str(name)}}:
            return {"name": name}
        case {"type": "function"}:
            message = _("A choice of a function needs its name.")
            raise fields.invalid("tool_choice.function.name", message)
        case {"type": str(kind)}:
            message = _("Choices of type %(type)s are not supported.") % {"type": kind}
            raise fields.unsupported("tool_choice.type", message)
    raise fields.invalid("tool_choice", _("The choice must be auto, none, required or a function."))


def _without(found: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in names}
