"""Two-factor authentication, which allauth does, with our pages and settings."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts import second_factor
from accounts.models import User
from tests.accounts.second_step import PASSWORD, code, confirmed, turned_on
from tests.api.conftest import bearer

LOGIN = "/accounts/login/"
STEP = "/accounts/2fa/authenticate/"
FORM = {"login": "alice@example.org", "password": PASSWORD}


@pytest.fixture
def secret(alice: User) -> str:
    return turned_on(alice)[1]


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_signing_in_asks_for_the_code(client: Client, secret: str) -> None:
    assert client.post(LOGIN, FORM)["Location"] == STEP
    assert not is_in(client)
    assert "Second step" in client.get(STEP).content.decode()

    client.post(STEP, {"code": code(secret)})

    assert is_in(client)


def test_a_code_is_good_once(client: Client, secret: str) -> None:
    client.post(LOGIN, FORM)
    client.post(STEP, {"code": code(secret)})
    other = Client()
    other.post(LOGIN, FORM)

    page = other.post(STEP, {"code": code(secret)}).content.decode()

    assert "This code is not right, or it was used already." in page
    assert not is_in(other)


def test_codes_can_not_be_guessed_for_long(client: Client, secret: str) -> None:
    client.post(LOGIN, FORM)
    for _ in range(5):
        client.post(STEP, {"code": "000000"})

    page = client.post(STEP, {"code": code(secret)}).content.decode()

    assert "Too many attempts." in page
    assert not is_in(client)


def test_the_step_alone_leads_nowhere(client: Client, secret: str) -> None:
    assert client.get(STEP)["Location"] == LOGIN
    client.post(STEP, {"code": code(secret)})
    assert not is_in(client)


@pytest.mark.parametrize("wrong", [{"code": ""}, {"credential": "{}"}, {"credential": "["}, {}])
def test_nonsense_is_refused(client: Client, secret: str, wrong: dict[str, Any]) -> None:
    client.post(LOGIN, FORM)
    assert client.post(STEP, wrong).status_code == 200
    assert not is_in(client)


def test_a_recovery_code_is_good_once(client: Client, alice: User) -> None:
    browser, _secret = turned_on(alice)
    page = browser.get("/accounts/2fa/recovery-codes/").content.decode()
    download = browser.get("/accounts/2fa/recovery-codes/download/")
    codes = download.content.decode().split()
    assert len(codes) == 10
    assert all(code in page for code in codes)
    assert "attachment" in download["Content-Disposition"]

    for _ in range(2):
        other = Client()
        other.post(LOGIN, FORM)
        other.post(STEP, {"code": codes[0]})
        assert is_in(other) == (_ == 0)


def test_it_can_be_turned_off_with_the_password(alice: User, client: Client) -> None:
    browser, _secret = turned_on(alice)
    assert (
        "Turn the second step off?"
        in browser.get("/accounts/2fa/totp/deactivate/").content.decode()
    )

    assert browser.post("/accounts/2fa/totp/deactivate/")["Location"] == "/accounts/2fa/"

    assert not Authenticator.objects.exists()
    assert client.post(LOGIN, FORM)["Location"] == "/"


def test_a_session_that_was_left_open_does_not_turn_it_off(alice: User, secret: str) -> None:
    left = Client()
    left.force_login(alice)

    for page in ("totp/deactivate/", "recovery-codes/", "recovery-codes/download/"):
        assert "/accounts/reauthenticate/" in left.get(f"/accounts/2fa/{page}")["Location"]
    left.post("/accounts/2fa/totp/deactivate/")

    assert second_factor.is_on(alice)


def test_a_wrong_password_confirms_nothing(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    page = client.post("/accounts/reauthenticate/", {"password": "wrong"})
    assert page.status_code == 200
    assert "/reauthenticate/" in client.get("/accounts/2fa/totp/activate/")["Location"]


def test_a_wrong_code_turns_nothing_on(alice: User) -> None:
    client = confirmed(alice)
    client.get("/accounts/2fa/totp/activate/")
    page = client.post("/accounts/2fa/totp/activate/", {"code": "12"}).content.decode()
    assert "This code is not right" in page
    assert not second_factor.is_on(alice)


def test_keys_go_on_working(client: Client, alice: User, secret: str) -> None:
    headers = {"authorization": bearer(alice)}
    assert client.get("/api/v1/conversations", headers=headers).status_code == 200


def test_a_new_password_does_not_go_round_it(client: Client, alice: User, secret: str) -> None:
    alice.refresh_from_db()
    alice.set_password("another password")
    alice.save()
    assert client.post(LOGIN, {**FORM, "password": "another password"})["Location"] == STEP


def test_when_the_servers_secret_changes_no_code_is_right(
    client: Client, secret: str, settings: Any
) -> None:
    settings.SECRET_KEY = "another"
    client.post(LOGIN, FORM)
    for guess in (code(secret), code("")):
        assert client.post(STEP, {"code": guess}).status_code == 200
    assert not is_in(client)


def test_the_login_page_offers_passkeys_to_those_who_can(client: Client, db: None) -> None:
    page = client.get(LOGIN).content.decode()
    assert "data-passkeys hidden" in page
    options = client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    assert options.json()["request_options"]["publicKey"]["userVerification"] == "required"


@pytest.mark.parametrize("credential", ["", "[", "{}", '{"response": {"userHandle": "x"}}', "null"])
def test_a_passkey_that_is_none_signs_nobody_in(client: Client, db: None, credential: str) -> None:
    client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert answer.status_code == 302
    assert not is_in(client)


def test_passkeys_of_others_are_not_there(alice: User, bob: User) -> None:
    key = Authenticator.objects.create(
        user=bob, type="webauthn", data={"name": "Bob's", "credential": {}}
    )
    client = confirmed(alice)
    for page in ("edit", "remove"):
        address = f"/accounts/2fa/webauthn/keys/{key.pk}/{page}/"
        assert client.get(address).status_code == 404
        assert client.post(address, {"name": "mine"}).status_code == 404
    key.refresh_from_db()
    assert key.data["name"] == "Bob's"
