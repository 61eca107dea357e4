import re
from collections.abc import Callable

from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import KEY_MARK, APIKey, User, hash_key
from inference.models import AIModel

LIST = "/admin/accounts/apikey/"
ALL = {"scopes": ["chat", "read", "manage"]}


def secrets_in(html: str) -> set[str]:
    return set(re.findall(rf"{KEY_MARK}[\w-]{{20,}}", html))


def test_a_new_keys_secret_is_shown_once(admin: Client, alice: User) -> None:
    response = admin.post(f"{LIST}add/", {"user": alice.pk, "name": "Notebook", **ALL})

    [secret] = secrets_in(response.content.decode())
    key = APIKey.objects.get()
    assert (key.user, key.name, key.key_hash) == (alice, "Notebook", hash_key(secret))
    assert "no-store" in response["Cache-Control"]
    for page in (LIST, f"{LIST}{key.pk}/change/", f"/admin/accounts/user/{alice.pk}/change/"):
        html = admin.get(page).content.decode()
        assert key.prefix in html
        assert not secrets_in(html)
    assert secret not in str(dict(admin.session))
    assert not LogEntry.objects.filter(object_repr__contains=secret).exists()


def test_a_key_may_expire(admin: Client, alice: User) -> None:
    expiry = {"expires_at_0": "2026-04-01", "expires_at_1": "12:00"}
    admin.post(f"{LIST}add/", {"user": alice.pk, "name": "Notebook", **expiry, **ALL})

    assert APIKey.objects.get().expires_at.isoformat() == "2026-04-01T12:00:00+00:00"


def test_a_key_needs_a_name(admin: Client, alice: User) -> None:
    response = admin.post(f"{LIST}add/", {"user": alice.pk, "name": "", **ALL})

    assert not secrets_in(response.content.decode())
    assert not APIKey.objects.exists()


def test_revoking_keys(admin: Client, alice: User) -> None:
    key, _secret = APIKey.objects.issue(alice, "Notebook")
    other, _secret = APIKey.objects.issue(alice, "Desktop")

    response = admin.post(LIST, {"action": "revoke", "_selected_action": [key.pk]}, follow=True)

    assert "1 key is revoked." in response.content.decode()
    key.refresh_from_db()
    other.refresh_from_db()
    assert not key.is_usable
    assert other.is_usable


def test_a_key_is_issued_with_restrictions(admin: Client, alice: User, model: AIModel) -> None:
    restrictions = {"scopes": ["chat"], "models": ["demo"], "tokens_per_day": 1000}
    admin.post(f"{LIST}add/", {"user": alice.pk, "name": "Notebook", **restrictions})

    key = APIKey.objects.get()
    assert (key.scopes, key.models, key.tokens_per_day) == (["chat"], ["demo"], 1000)
    assert key.requests_per_minute is None


def test_a_key_needs_a_scope(admin: Client, alice: User) -> None:
    admin.post(f"{LIST}add/", {"user": alice.pk, "name": "Notebook"})

    assert not APIKey.objects.exists()


def test_what_a_key_may_do_is_changed_and_nothing_else(
    admin: Client, alice: User, bob: User, model: AIModel
) -> None:
    key, secret = APIKey.objects.issue(alice, "Notebook", models=["gone"])
    page = f"{LIST}{key.pk}/change/"
    assert 'value="gone"' in admin.get(page).content.decode()

    changes = {"scopes": ["read"], "models": ["demo"], "running_at_once": 2}
    admin.post(page, {"name": "Mine", "user": bob.pk, "is_active": "", **changes})

    key.refresh_from_db()
    assert (key.scopes, key.models, key.running_at_once) == (["read"], ["demo"], 2)
    assert (key.name, key.user, key.is_active) == ("Notebook", alice, True)
    assert key.key_hash == hash_key(secret)


def test_bad_restrictions_are_refused(admin: Client, alice: User, model: AIModel) -> None:
    key, _secret = APIKey.objects.issue(alice, "Notebook")

    for wrong in ({"scopes": ["all"]}, {"models": ["other"]}, {"requests_per_minute": 0}):
        admin.post(f"{LIST}{key.pk}/change/", {**ALL, **wrong})

    key.refresh_from_db()
    assert (key.scopes, key.models) == (ALL["scopes"], [])
    assert key.requests_per_minute is None


def test_changing_keys_takes_the_permission(staff: Callable[..., Client], alice: User) -> None:
    key, _secret = APIKey.objects.issue(alice, "Notebook", scopes=["chat"])
    client = staff("accounts.view_apikey")

    assert "chat" in client.get(f"{LIST}{key.pk}/change/").content.decode()
    assert client.post(f"{LIST}{key.pk}/change/", ALL).status_code == 403

    key.refresh_from_db()
    assert key.scopes == ["chat"]


def test_staff_change_what_their_own_keys_may_do_only(
    staff: Callable[..., Client], alice: User
) -> None:
    client = staff("accounts.view_apikey", "accounts.change_apikey")
    hers, _secret = APIKey.objects.issue(alice, "Hers", scopes=["read"])
    mine, _secret = APIKey.objects.issue(User.objects.get(is_staff=True), "Mine", scopes=["read"])

    assert client.post(f"{LIST}{hers.pk}/change/", ALL).status_code == 403
    assert client.post(f"{LIST}{mine.pk}/change/", ALL).status_code == 302
    hers.refresh_from_db()
    mine.refresh_from_db()
    assert (hers.scopes, mine.scopes) == (["read"], ["chat", "read", "manage"])


def test_revoking_a_key_revokes_those_that_it_made(admin: Client, alice: User) -> None:
    key, _secret = APIKey.objects.issue(alice, "Notebook")
    made, _secret = APIKey.objects.issue(alice, "Script", issued_by=key)

    admin.post(LIST, {"action": "revoke", "_selected_action": [key.pk]})

    made.refresh_from_db()
    assert not made.is_active


def test_staff_issue_keys_for_themselves_only(staff: Callable[..., Client], alice: User) -> None:
    client = staff("accounts.add_apikey", "accounts.view_apikey")
    dora = User.objects.get(email="dora@example.org")

    client.post(f"{LIST}add/", {"user": alice.pk, "name": "Hers", **ALL})
    client.post(f"{LIST}add/", {"user": dora.pk, "name": "Mine", **ALL})

    assert [key.user for key in APIKey.objects.all()] == [dora]


def test_revoking_takes_the_permission(staff: Callable[..., Client], alice: User) -> None:
    key, _secret = APIKey.objects.issue(alice, "Notebook")
    client = staff("accounts.view_apikey")

    client.post(LIST, {"action": "revoke", "_selected_action": [key.pk]})

    key.refresh_from_db()
    assert key.is_usable
