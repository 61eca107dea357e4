"""GET /api/v1/me: who asks."""

from django.test import Client

from accounts.models import User
from tests.api.keys import program

URL = "/api/v1/me"


def test_it_tells_the_account_and_the_key(alice: User) -> None:
    me = program(alice, tokens_per_day=1000, scopes=["read"]).get(URL).json()

    assert (me["email"], me["is_staff"]) == ("alice@example.org", False)
    assert me["waiting"]["runs"] == 0
    assert (me["key"]["scopes"], me["key"]["tokens_per_day"]) == (["read"], 1000)
    assert me["tokens_left_today"] == 1000


def test_a_session_has_no_key(client: Client, alice: User) -> None:
    client.force_login(alice)
    me = client.get(URL).json()
    assert (me["email"], me["key"], me["tokens_left_today"]) == ("alice@example.org", None, None)


def test_strangers_and_other_scopes_are_refused(client: Client, alice: User) -> None:
    assert client.get(URL).status_code == 401
    assert program(alice, scopes=["chat"]).get(URL).status_code == 403
