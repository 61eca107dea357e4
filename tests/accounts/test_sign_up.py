import pytest
from allauth.account.internal.flows import manage_email
from django.test import Client

from accounts.models import User

PAGE = "/accounts/signup/"
FORM = {"email": "new@example.org", "password1": "correct horse"}


def test_it_signs_a_new_person_in(client: Client, db: None) -> None:
    assert client.get(PAGE).status_code == 200
    response = client.post(PAGE, FORM)
    assert response.status_code == 302
    assert response["Location"] == "/"
    user = User.objects.get(email="new@example.org")
    assert not user.is_staff
    assert client.session["_auth_user_id"] == str(user.pk)


def test_it_leads_on_to_where_one_was_going(client: Client, db: None) -> None:
    assert 'name="next" value="/c/1/"' in client.get(f"{PAGE}?next=/c/1/").content.decode()
    assert client.post(PAGE, {**FORM, "next": "/c/1/"})["Location"] == "/c/1/"


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]
)
def test_it_leads_nowhere_else(client: Client, db: None, next: str) -> None:
    assert client.post(PAGE, {**FORM, "next": next})["Location"] == "/"


def test_an_address_is_one_person_whatever_its_case(client: Client, alice: User) -> None:
    response = client.post(PAGE, {**FORM, "email": "Alice@Example.org"})
    page = response.content.decode()
    assert "This address has an account already." in page
    assert 'value="Alice@Example.org"' in page
    assert User.objects.count() == 1
    assert "_auth_user_id" not in client.session


def test_a_weak_password_is_refused_and_the_address_stays(client: Client, db: None) -> None:
    page = client.post(PAGE, {**FORM, "password1": "12345"}).content.decode()
    assert "too short" in page
    assert 'value="new@example.org"' in page
    assert "12345" not in page
    assert not User.objects.exists()


@pytest.mark.parametrize("email", ["", "nobody", "a\x00b@example.org", "x" * 250 + "@example.org"])
def test_it_refuses_what_is_not_an_address(client: Client, db: None, email: str) -> None:
    assert client.post(PAGE, {**FORM, "email": email}).status_code == 200
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_account(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other request has saved the account after this one looked for it."""
    monkeypatch.setattr(manage_email, "assess_unique_email", lambda *args, **kwargs: True)
    response = client.post(PAGE, {**FORM, "email": alice.email})
    assert "This address has an account already." in response.content.decode()
    assert User.objects.count() == 1


def test_it_limits_attempts(client: Client, db: None, settings: object) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/m/ip"}  # type: ignore[attr-defined]
    assert client.post(PAGE, {**FORM, "password1": "1"}).status_code == 200
    response = client.post(PAGE, FORM)
    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode()
    assert not User.objects.exists()
