from django.test import Client

from accounts.models import User

PAGE = "/accounts/password/change/"
FORM = {"oldpassword": "a long password", "password1": "a longer password"}


def test_it_keeps_this_session_and_ends_all_others(client: Client, alice: User) -> None:
    elsewhere = Client()
    for session in (client, elsewhere):
        session.force_login(alice)
        assert session.get(PAGE).status_code == 200
    response = client.post(PAGE, FORM, follow=True)
    assert "signed out everywhere else" in response.content.decode()
    alice.refresh_from_db()
    assert alice.check_password("a longer password")
    assert client.get(PAGE).status_code == 200
    assert elsewhere.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"


def test_a_wrong_current_password_changes_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)
    page = client.post(PAGE, {**FORM, "oldpassword": "wrong"}).content.decode()
    assert "This is not your current password." in page
    alice.refresh_from_db()
    assert alice.check_password("a long password")


def test_the_new_one_must_be_good(client: Client, alice: User) -> None:
    client.force_login(alice)
    page = client.post(PAGE, {**FORM, "password1": "alice@example.org"}).content.decode()
    assert "too similar to the email address" in page


def test_it_needs_a_session(client: Client, db: None) -> None:
    assert client.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
