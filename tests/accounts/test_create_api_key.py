from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.authentication import usable_key
from accounts.models import APIKey, User


def _output(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_last_line_is_the_key_alone(alice: User) -> None:
    secret = _output("Alice@Example.org", "--name", "laptop").splitlines()[-1]
    key = usable_key(secret)
    assert key
    assert (key.user, key.name, key.expires_at) == (alice, "laptop", None)
    assert secret.startswith(key.prefix)
    assert secret not in (key.key_hash, key.prefix)


def test_a_key_can_expire(alice: User) -> None:
    _output(alice.email, "--name", "ci", "--expires-days", "30")
    expires_at = APIKey.objects.get().expires_at
    assert expires_at
    assert abs(expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


def test_a_key_may_do_everything_unless_it_is_said(alice: User) -> None:
    _output(alice.email, "--name", "laptop")
    key = APIKey.objects.get()
    assert (key.scopes, key.models) == (["chat", "read", "manage"], [])
    assert {key.requests_per_minute, key.tokens_per_day, key.running_at_once} == {None}


def test_a_key_can_be_restricted(alice: User) -> None:
    restrictions = "--scopes chat,read --models demo,small --requests-per-minute 60"
    limits = "--tokens-per-day 100000 --running-at-once 4"
    _output(alice.email, "--name", "ci", *restrictions.split(), *limits.split())
    key = APIKey.objects.get()
    assert (key.scopes, key.models) == (["chat", "read"], ["demo", "small"])
    assert key.requests_per_minute == 60
    assert key.tokens_per_day == 100_000
    assert key.running_at_once == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody@example.org", "--name", "x"], "Nobody has the address nobody@example.org."),
        (["alice@example.org", "--name", " "], "1 to 100 characters"),
        (["alice@example.org", "--name", "x" * 101], "1 to 100 characters"),
        (["alice@example.org", "--name", "x", "--expires-days", "0"], "1 to 36500 days"),
        (["alice@example.org", "--name", "x", "--expires-days", "99999999"], "1 to 36500 days"),
        (["alice@example.org", "--name", "x", "--scopes", "chat,admin"], "chat, read, manage"),
        (["alice@example.org", "--name", "x", "--scopes", ""], "chat, read, manage"),
        (["alice@example.org", "--name", "x", "--models", ""], "names no model"),
        (["alice@example.org", "--name", "x", "--tokens-per-day", "0"], "--tokens-per-day can be"),
        (["alice@example.org"], "--name"),
    ],
)
def test_what_is_wrong_is_said(alice: User, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        _output(*arguments)
    assert not APIKey.objects.exists()


def test_an_inactive_person_gets_none(alice: User) -> None:
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="inactive"):
        _output(alice.email, "--name", "x")
