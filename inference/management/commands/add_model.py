from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from inference.gguf import GGUFError, Header
from inference.registry import Registered, register


class Command(BaseCommand):
    help = "Register a GGUF file as a model, or update the model of that name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the id that programs use: letters, digits, - and _")
        parser.add_argument("--path", type=Path, required=True, help="the GGUF file")
        parser.add_argument(
            "--mmproj", type=Path, help="the GGUF file with which the model reads images"
        )
        parser.add_argument("--ctx", type=int, help="context length in tokens")
        parser.add_argument("--slots", type=int, help="answers generated at once")
        parser.add_argument("--display-name", default="", help="the name that people see")
        parser.add_argument(
            "--system-prompt",
            help="what conversations without instructions of their own begin with",
        )
        parser.add_argument(
            "--default", action="store_true", help="let new conversations start with it"
        )

    def handle(self, **options: Any) -> None:
        try:
            registered = register(
                options["name"],
                options["path"].expanduser().absolute(),
                context_window=options["ctx"],
                slots=options["slots"],
                display_name=options["display_name"],
                system_prompt=options["system_prompt"],
                projector=options["mmproj"] and options["mmproj"].expanduser().absolute(),
                default=options["default"],
            )
        except ValidationError as error:
            raise CommandError(_in_one_line(error)) from None
        except (GGUFError, OSError) as error:
            raise CommandError(str(error)) from None
        show(self, registered)


def show(command: BaseCommand, registered: Registered) -> None:
    """What has been registered, in a line, and what to know about it."""
    model, header = registered.model, registered.header
    line = _("Added %(name)s: %(what)s.") if registered.is_new else _("Updated %(name)s: %(what)s.")
    command.stdout.write(line % {"name": model.name, "what": _description(header)})
    for warning in registered.warnings:
        command.stderr.write(command.style.WARNING(warning))
    if model.is_default:
        command.stdout.write(_("New conversations start with it."))


def _description(header: Header) -> str:
    parts = [header.architecture, header.quantisation, f"{header.size / 1e6:,.1f} MB"]
    if header.context_length:
        trained = {"tokens": f"{header.context_length:,}"}
        parts.append(_("trained for %(tokens)s tokens of context") % trained)
    return ", ".join(filter(None, parts))


def _in_one_line(error: ValidationError) -> str:
    fields = {"context_window": "--ctx", "slots": "--slots", "display_name": "--display-name"}
    return " ".join(
        f"{fields.get(field, field)}: {' '.join(messages)}"
        for field, messages in error.message_dict.items()
    )
