from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User

PAGE = "/accounts/logout/"


def test_it_asks_first(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "alice@example.org" in client.get(PAGE).content.decode()
    assert "_auth_user_id" in client.session


def test_it_ends_the_session_and_not_only_the_cookie(client: Client, alice: User) -> None:
    client.force_login(alice)
    stolen = client.cookies["sessionid"].value
    assert client.post(PAGE)["Location"] == "/accounts/login/"
    assert not Session.objects.filter(session_key=stolen).exists()
    assert "You are signed out." in client.get("/accounts/login/").content.decode()
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/accounts/password/change/").status_code == 302


def test_it_needs_the_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(PAGE)
    assert response.status_code == 403
    assert "Your session changed in another tab" in response.content.decode()
    assert "_auth_user_id" in client.session
