import re
from collections.abc import Callable

from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import KEY_MARK, APIKey, User, hash_key

LIST = "/admin/accounts/apikey/"


def secrets_in(html: str) -> set[str]:
    return set(re.findall(rf"{KEY_MARK}[\w-]{{20,}}", html))


def test_a_new_keys_secret_is_shown_once(admin: Client, alice: User) -> None:
    response = admin.post(f"{LIST}add/", {"user": alice.pk, "name": "Notebook"})

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
    admin.post(f"{LIST}add/", {"user": alice.pk, "name": "Notebook", **expiry})

    assert APIKey.objects.get().expires_at.isoformat() == "2026-04-01T12:00:00+00:00"


def test_a_key_needs_a_name(admin: Client, alice: User) -> None:
    response = admin.post(f"{LIST}add/", {"user": alice.pk, "name": ""})

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


def test_a_key_is_not_changed(admin: Client, alice: User) -> None:
    key, _secret = APIKey.objects.issue(alice, "Notebook")

    assert admin.post(f"{LIST}{key.pk}/change/", {"name": "Mine"}).status_code == 403
    key.refresh_from_db()
    assert key.name == "Notebook"


def test_staff_issue_keys_for_themselves_only(staff: Callable[..., Client], alice: User) -> None:
    client = staff("accounts.add_apikey", "accounts.view_apikey")
    dora = User.objects.get(email="dora@example.org")

    client.post(f"{LIST}add/", {"user": alice.pk, "name": "Hers"})
    client.post(f"{LIST}add/", {"user": dora.pk, "name": "Mine"})

    assert [key.user for key in APIKey.objects.all()] == [dora]


def test_revoking_takes_the_permission(staff: Callable[..., Client], alice: User) -> None:
    key, _secret = APIKey.objects.issue(alice, "Notebook")
    client = staff("accounts.view_apikey")

    client.post(LIST, {"action": "revoke", "_selected_action": [key.pk]})

    key.refresh_from_db()
    assert key.is_usable
