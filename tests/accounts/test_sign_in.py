import pytest
from django.test import Client

from accounts.models import User

PAGE = "/accounts/login/"
FORM = {"login": "alice@example.org", "password": "a long password"}


def test_it_signs_in(client: Client, alice: User) -> None:
    page = client.get(PAGE).content.decode()
    assert 'autocomplete="current-password"' in page
    assert "placeholder" not in page
    response = client.post(PAGE, FORM)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_case_and_spaces_around_the_address_do_not_matter(client: Client, alice: User) -> None:
    assert client.post(PAGE, {**FORM, "login": " Alice@EXAMPLE.org "}).status_code == 302


def test_where_one_was_going_is_kept_through_both_pages(client: Client, alice: User) -> None:
    page = client.get(f"{PAGE}?next=/c/1/").content.decode()
    assert 'name="next" value="/c/1/"' in page
    assert "/accounts/signup/?next=%2Fc%2F1%2F" in page
    assert client.post(PAGE, {**FORM, "next": "/c/1/"})["Location"] == "/c/1/"


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_it_leads_nowhere_else(client: Client, alice: User, next: str) -> None:
    assert client.post(PAGE, {**FORM, "next": next})["Location"] == "/"


@pytest.mark.parametrize("login", ["alice@example.org", "nobody@example.org"])
def test_it_does_not_tell_whether_the_address_is_known(
    client: Client, alice: User, login: str
) -> None:
    page = client.post(PAGE, {"login": login, "password": "wrong"}).content.decode()
    assert "The address or the password is not right." in page
    assert f'value="{login}"' in page
    assert "_auth_user_id" not in client.session


def test_someone_signed_in_goes_straight_on(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(f"{PAGE}?next=/c/1/")["Location"] == "/c/1/"


def test_an_inactive_account_stays_out(client: Client, alice: User) -> None:
    User.objects.update(is_active=False)
    response = client.post(PAGE, FORM, follow=True)
    assert "This account is inactive" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_an_account_can_not_be_guessed_at_for_long(client: Client, alice: User) -> None:
    for _ in range(5):
        client.post(PAGE, {**FORM, "password": "wrong"})
    page = client.post(PAGE, FORM).content.decode()
    assert "Too many attempts." in page
    assert "_auth_user_id" not in client.session


def test_an_address_that_was_given_up_signs_nobody_in(client: Client, db: None) -> None:
    client.post("/accounts/signup/", {"email": "old@example.org", "password1": "a long password"})
    client.logout()
    user = User.objects.get()
    user.email = "new@example.org"
    user.save()
    assert client.post(PAGE, {**FORM, "login": "old@example.org"}).status_code == 200
    assert client.post(PAGE, {**FORM, "login": "new@example.org"}).status_code == 302
