"""/account/: what somebody is called, and how they like the pages."""

import pytest
from django.test import Client

from accounts.models import User

PAGE = "/account/"
FORM = {"name": "Alice A.", "language": "de", "theme": "dark"}
PAGES = ["", "usage/", "usage.csv", "keys/", "keys/new/", "security/", "data/", "delete/"]


@pytest.mark.parametrize("page", PAGES)
def test_only_the_signed_in_have_one(client: Client, plain_page: Client, page: str) -> None:
    assert client.get(f"/account/{page}")["Location"] == f"/accounts/login/?next=/account/{page}"
    assert plain_page.get(f"/account/{page}").status_code == 200


def test_it_is_saved(plain_page: Client, alice: User) -> None:
    assert plain_page.post(PAGE, FORM)["Location"] == PAGE

    alice.refresh_from_db()
    assert (alice.name, alice.language, alice.theme) == ("Alice A.", "de", "dark")


def test_theme_and_language_hold_on_other_devices(plain_page: Client, alice: User) -> None:
    plain_page.post(PAGE, FORM)
    elsewhere = Client(headers={"Accept-Language": "fr"})
    elsewhere.force_login(alice)

    page = elsewhere.get(PAGE)

    assert page["Content-Language"] == "de"
    assert '<html lang="de" data-signed-in data-account-theme="dark" data-theme="dark">' in (
        page.content.decode()
    )


def test_without_a_choice_the_browser_decides(plain_page: Client) -> None:
    assert plain_page.get(PAGE)["Content-Language"] == "en"
    french = plain_page.get(PAGE, headers={"Accept-Language": "fr-CH, en;q=0.5"})
    assert french["Content-Language"] == "fr"
    unknown = plain_page.get(PAGE, headers={"Accept-Language": "tlh"})
    assert unknown["Content-Language"] == "en"


def test_the_browser_keeps_the_language_when_one_signs_out(plain_page: Client) -> None:
    plain_page.post(PAGE, FORM)
    plain_page.post("/accounts/logout/")
    assert plain_page.get("/accounts/login/")["Content-Language"] == "de"


@pytest.mark.parametrize(
    "wrong", [{"language": "tlh"}, {"theme": "pink"}, {"theme": ""}, {"name": "x" * 151}]
)
def test_what_is_not_offered_is_refused(
    plain_page: Client, alice: User, wrong: dict[str, str]
) -> None:
    assert plain_page.post(PAGE, FORM | wrong).status_code == 422
    alice.refresh_from_db()
    assert (alice.name, alice.language, alice.theme) == ("", "", "")


def test_the_buttons_of_the_theme_tell_the_account(page: Client, alice: User) -> None:
    assert page.post("/account/theme/", {"theme": "light"}).status_code == 204
    assert page.post("/account/theme/", {"theme": "pink"}).status_code == 422
    assert page.get("/account/theme/").status_code == 405
    alice.refresh_from_db()
    assert alice.theme == "light"


def test_changes_need_the_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    for path in ("", "theme/", "keys/new/", "data/export/", "delete/", "sessions/end-others/"):
        assert client.post(f"/account/{path}", FORM).status_code == 403, path
