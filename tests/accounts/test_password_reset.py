import re
from typing import Any

from django.core import mail
from django.template.loader import render_to_string
from django.test import Client

from accounts.models import User

PAGE = "/accounts/password/reset/"


def _link(client: Client, email: str = "alice@example.org") -> str:
    client.post(PAGE, {"email": email})
    (message,) = mail.outbox
    assert message.subject == "Reset your Parley password"
    found = re.search(r"http://testserver(/\S+)", str(message.body))
    assert found
    return found[1]


def test_the_mail_leads_to_a_new_password(client: Client, alice: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(alice)
    form_page: Any = client.get(_link(client), follow=True)
    assert "Choose a new password" in form_page.content.decode()
    address = form_page.redirect_chain[-1][0]
    response = client.post(address, {"password1": "a longer password"}, follow=True)
    assert "You can sign in again" in response.content.decode()
    alice.refresh_from_db()
    assert alice.check_password("a longer password")
    assert elsewhere.get("/accounts/password/change/").status_code == 302


def test_a_weak_password_is_refused(client: Client, alice: User) -> None:
    form_page: Any = client.get(_link(client), follow=True)
    page = client.post(form_page.redirect_chain[-1][0], {"password1": "123"}).content.decode()
    assert "too short" in page


def test_a_link_works_once(client: Client, alice: User) -> None:
    link = _link(client)
    form_page: Any = client.get(link, follow=True)
    client.post(form_page.redirect_chain[-1][0], {"password1": "a longer password"})
    page = Client().get(link, follow=True).content.decode()
    assert "This link is no longer valid" in page


def test_it_does_not_tell_whether_the_address_is_known(client: Client, alice: User) -> None:
    answers = [client.post(PAGE, {"email": f"{name}@example.org"}) for name in ("alice", "nobody")]
    assert [answer["Location"] for answer in answers] == ["/accounts/password/reset/done/"] * 2
    assert mail.outbox[1].subject == "No Parley account with this address"


def test_an_address_that_was_given_up_gets_no_link(client: Client, db: None) -> None:
    client.post("/accounts/signup/", {"email": "old@example.org", "password1": "a long password"})
    client.logout()
    user = User.objects.get()
    user.email = "new@example.org"
    user.save()
    client.post(PAGE, {"email": "old@example.org"})
    assert mail.outbox[0].subject == "No Parley account with this address"


def test_it_says_so_where_mail_ends_in_the_log() -> None:
    page = render_to_string("account/password_reset_done.html", {"mail_is_logged": True})
    assert "This installation has no mail server." in page
