from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LIMITS, SCOPES, APIKey, User

NAME_LENGTH = 100
MOST_DAYS = 36_500


class Command(BaseCommand):
    help = "Issues an API key and prints it, alone on the last line. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose programs will use the key")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument("--expires-days", type=int, metavar="N", help="default: never")
        parser.add_argument(
            "--scopes",
            metavar="SCOPE,…",
            help=f"of {', '.join(SCOPES)}, with commas between them; default: all of them",
        )
        parser.add_argument(
            "--models",
            metavar="NAME,…",
            help="names of models, with commas between them; default: all of them",
        )
        for name in LIMITS:
            option = f"--{name.replace('_', '-')}"
            parser.add_argument(option, type=int, metavar="N", help="default: no limit")

    def handle(self, *args: Any, **options: Any) -> None:
        user = _user(options["email"])
        name = _name(options["name"])
        days = _days(options["expires_days"])
        expires_at = timezone.now() + timedelta(days=days) if days else None
        restrictions = {limit: _limit(limit, options[limit]) for limit in LIMITS}
        _key, secret = APIKey.objects.issue(
            user,
            name,
            expires_at,
            scopes=_scopes(options["scopes"]),
            models=_models(options["models"]),
            **restrictions,
        )
        self.stdout.write(_("Keep this key of %s now, it cannot be shown again:") % user.email)
        self.stdout.write(secret)


def _user(email: str) -> User:
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise CommandError(_("Nobody has the address %s.") % email)
    if not user.is_active:
        raise CommandError(_("The account of %s is inactive.") % email)
    return user


def _name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= NAME_LENGTH:
        raise CommandError(_("A name needs 1 to %d characters.") % NAME_LENGTH)
    return name


def _days(days: int | None) -> int | None:
    if days is not None and not 0 < days <= MOST_DAYS:
        raise CommandError(_("A key can last 1 to %d days.") % MOST_DAYS)
    return days


def _scopes(listed: str | None) -> Sequence[str]:
    scopes = SCOPES if listed is None else _names(listed)
    if not scopes or not set(scopes) <= set(SCOPES):
        raise CommandError(_("The scopes are %s.") % ", ".join(SCOPES))
    return list(scopes)


def _models(listed: str | None) -> list[str]:
    """An empty variable of a script must not mean all of them."""
    if listed is not None and not _names(listed):
        raise CommandError(_("--models names no model."))
    return _names(listed or "")


def _names(listed: str) -> list[str]:
    """Each once."""
    names = (name.strip() for name in listed.split(","))
    return list(dict.fromkeys(name for name in names if name))


def _limit(name: str, value: int | None) -> int | None:
    if value is not None and not 0 < value <= LIMITS[name]:
        option = name.replace("_", "-")
        raise CommandError(_("--%s can be 1 to %d.") % (option, LIMITS[name]))
    return value
