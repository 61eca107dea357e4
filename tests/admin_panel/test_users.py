from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts import second_factor
from accounts.models import APIKey, User
from inference.models import Generation
from tests.accounts.second_step import turned_on
from tests.admin_panel.conftest import signed_in

LIST = "/admin/accounts/user/"
MANAGER = [
    "accounts.view_user",
    "accounts.add_user",
    "accounts.change_user",
    "accounts.delete_user",
]


def fields(user: User, **changes: str) -> dict[str, str]:
    """What the form of a person sends."""
    return {
        "email": user.email,
        "name": user.name,
        "is_active": "on",
        "api_keys-TOTAL_FORMS": "0",
        "api_keys-INITIAL_FORMS": "0",
        **changes,
    }


def test_a_person_is_added_by_address_and_can_sign_in(admin: Client) -> None:
    response = admin.post(
        f"{LIST}add/",
        {
            "email": "Erin@Example.org",
            "name": "Erin",
            "usable_password": "true",
            "password1": "a very long password",
            "password2": "a very long password",
        },
    )

    erin = User.objects.get(email="erin@example.org")
    assert response["Location"] == f"{LIST}{erin.pk}/change/"
    assert Client().login(email="erin@example.org", password="a very long password")


@pytest.mark.parametrize("taken", ["alice@example.org", "Alice@Example.org"])
def test_an_address_is_taken_whatever_its_case(admin: Client, alice: User, taken: str) -> None:
    response = admin.post(f"{LIST}add/", {"email": taken, "usable_password": "false"})

    assert "This address is taken." in response.content.decode()
    assert User.objects.filter(email__iexact=taken).count() == 1


def test_a_weak_password_is_refused(admin: Client) -> None:
    passwords = {"usable_password": "true", "password1": "password", "password2": "password"}
    response = admin.post(f"{LIST}add/", {"email": "erin@example.org", **passwords})

    assert "too common" in response.content.decode()
    assert not User.objects.filter(email="erin@example.org").exists()


def test_deactivating_ends_sessions(admin: Client, alice: User, charlie: User) -> None:
    hers = signed_in(alice)
    assert hers.get("/accounts/password/change/").status_code == 200

    admin.post(LIST, {"action": "deactivate", "_selected_action": [alice.pk, charlie.pk]})

    assert hers.get("/accounts/password/change/").status_code == 302
    alice.refresh_from_db()
    charlie.refresh_from_db()
    assert not alice.is_active
    assert charlie.is_active  # nobody locks themselves out
    assert LogEntry.objects.filter(object_id=str(alice.pk), user=charlie).exists()


def test_nobody_deactivates_themselves_in_the_form_either(admin: Client, charlie: User) -> None:
    changes = fields(charlie, is_staff="on", is_superuser="on")
    del changes["is_active"]

    admin.post(f"{LIST}{charlie.pk}/change/", changes)

    charlie.refresh_from_db()
    assert charlie.is_active


def test_activating_again(admin: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)

    admin.post(LIST, {"action": "activate", "_selected_action": [alice.pk]})

    alice.refresh_from_db()
    assert alice.is_active


def test_nobody_deletes_themselves(admin: Client, charlie: User) -> None:
    admin.post(f"{LIST}{charlie.pk}/delete/", {"post": "yes"})

    assert User.objects.filter(pk=charlie.pk).exists()


def test_people_are_deleted_one_by_one(admin: Client, alice: User) -> None:
    assert "delete_selected" not in admin.get(LIST).content.decode()


def test_a_manager_of_people_does_not_touch_superusers(
    staff: Callable[..., Client], charlie: User
) -> None:
    client = staff(*MANAGER)

    page = client.get(f"{LIST}{charlie.pk}/change/")
    assert 'name="_save"' not in page.content.decode()
    assert client.post(f"{LIST}{charlie.pk}/change/", fields(charlie)).status_code == 403
    assert client.get(f"{LIST}{charlie.pk}/delete/").status_code == 403
    client.post(LIST, {"action": "deactivate", "_selected_action": [charlie.pk]})
    charlie.refresh_from_db()
    assert charlie.is_active


def test_a_manager_of_people_can_rename_them(staff: Callable[..., Client], alice: User) -> None:
    staff(*MANAGER).post(f"{LIST}{alice.pk}/change/", fields(alice, name="Alice A."))

    alice.refresh_from_db()
    assert alice.name == "Alice A."


def test_a_manager_of_people_gives_no_rights_and_takes_over_no_account(
    staff: Callable[..., Client], alice: User
) -> None:
    """Whoever can set somebody's address or password can act as them."""
    client = staff(*MANAGER)
    dora = User.objects.get(email="dora@example.org")
    rank = {"is_staff": "on", "is_superuser": "on"}

    client.post(f"{LIST}{alice.pk}/change/", fields(alice, email="dora2@example.org", **rank))
    client.post(f"{LIST}{dora.pk}/change/", fields(dora, **rank))

    alice.refresh_from_db()
    dora.refresh_from_db()
    assert alice.email == "alice@example.org"
    assert not alice.is_staff
    assert not dora.is_superuser
    assert client.get(f"{LIST}{alice.pk}/password/").status_code == 403


def test_a_superuser_sets_a_password(admin: Client, alice: User) -> None:
    passwords = {"password1": "another long password", "password2": "another long password"}
    admin.post(f"{LIST}{alice.pk}/password/", {**passwords, "usable_password": "true"})

    assert Client().login(email="alice@example.org", password="another long password")


def test_a_person_shows_their_keys_and_leads_to_their_usage(admin: Client, alice: User) -> None:
    key, secret = APIKey.objects.issue(alice, "Notebook")
    html = admin.get(f"{LIST}{alice.pk}/change/").content.decode()

    assert key.prefix in html
    assert secret not in html
    assert key.key_hash not in html
    assert admin.get(f"{LIST}{alice.pk}/usage/")["Location"] == (
        f"/admin/inference/usagelog/?user__id__exact={alice.pk}"
    )


def test_the_list_can_be_narrowed_to_who_was_active(
    admin: Client, alice: User, bob: User, run: Callable[..., Generation], noon: object
) -> None:
    run()
    run()
    run(timedelta(days=3), user=bob)

    response = admin.get(LIST, {"usage__created_at__gte": "2026-03-10T00:00:00+00:00"})

    assert list(response.context["cl"].queryset) == [alice]


def test_the_second_factor_of_somebody_who_lost_it_is_turned_off(
    admin: Client, alice: User, charlie: User
) -> None:
    turned_on(alice)
    chosen = {"action": "reset_second_factor", "_selected_action": [alice.pk]}

    admin.post(LIST, chosen)

    assert not second_factor.is_on(alice)
    assert LogEntry.objects.filter(object_id=str(alice.pk), user=charlie).exists()


def test_managers_of_people_turn_no_second_factor_off(
    staff: Callable[..., Client], alice: User
) -> None:
    turned_on(alice)
    chosen = {"action": "reset_second_factor", "_selected_action": [alice.pk]}

    staff(*MANAGER).post(LIST, chosen)

    assert second_factor.is_on(alice)


def test_a_person_has_their_devices(admin: Client, alice: User) -> None:
    turned_on(alice)
    page = admin.get(f"{LIST}{alice.pk}/change/").content.decode()
    assert "Unknown device" in page
