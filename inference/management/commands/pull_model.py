import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from inference.downloads import model_name
from inference.gguf import GGUFError
from inference.hub import BeingFetched, HubError, fetch
from inference.management.commands.add_model import show
from inference.registry import only_demos, register

BAR_WIDTH = 30
LINE_EVERY_PERCENT = 10


class Command(BaseCommand):
    help = (
        "Download a GGUF file from the Hugging Face Hub and register it as a model. "
        "A download that broke off goes on where it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("repo", help="such as Qwen/Qwen2.5-0.5B-Instruct-GGUF")
        parser.add_argument("filename", help="such as qwen2.5-0.5b-instruct-q5_k_m.gguf")
        parser.add_argument("--name", default="", help="the id that programs use")

    def handle(self, **options: Any) -> None:
        name = options["name"] or model_name(options["filename"])
        show_progress = Bar() if sys.stderr.isatty() else Lines()
        try:
            file = fetch(options["repo"], options["filename"], show_progress)
            show_progress.end()
            registered = register(name, file, default=only_demos())
        except BeingFetched:
            raise CommandError(_("This file is being downloaded by another process.")) from None
        except KeyboardInterrupt:
            message = _("Interrupted. The same command goes on where it was.")
            raise CommandError(message) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except (HubError, GGUFError, OSError) as error:
            raise CommandError(str(error)) from None
        show(self, registered)


class Bar:
    """One line of a terminal, drawn over and over."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._first: int | None = None
        self._drawn_at = 0.0

    def __call__(self, there: int, total: int) -> None:
        self._first = there if self._first is None else self._first
        now = time.monotonic()
        if now - self._drawn_at < 0.1 and there < total:
            return
        self._drawn_at = now
        share = there / total if total else 0.0
        bar = ("█" * round(share * BAR_WIDTH)).ljust(BAR_WIDTH, "░")
        speed = (there - self._first) / 1e6 / max(now - self._started, 0.1)
        sys.stderr.write(
            f"\r{bar} {share:4.0%}  {there / 1e6:,.0f} of {total / 1e6:,.0f} MB  {speed:.1f} MB/s  "
        )
        sys.stderr.flush()

    def end(self) -> None:
        if self._first is not None:
            sys.stderr.write("\n")


class Lines:
    """For logs: a line at every tenth."""

    def __init__(self) -> None:
        self._shown = -1

    def __call__(self, there: int, total: int) -> None:
        step = int(100 * there / total) // LINE_EVERY_PERCENT if total else 0
        if step > self._shown:
            self._shown = step
            sys.stderr.write(f"{step * LINE_EVERY_PERCENT} % of {total / 1e6:,.0f} MB\n")
            sys.stderr.flush()

    def end(self) -> None: ...
