import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts import setup
from accounts.models import User
from accounts.setup import (
    become_first_admin,
    create_superuser_from_environment,
    setup_url_path,
)
from tests.accounts.second_step import turned_on

FORM = {"email": "boss@example.org", "password": "a long password"}


def _path() -> str:
    path = setup_url_path()
    assert path
    return path


def test_the_link_makes_the_first_administrator(client: Client, db: None) -> None:
    path = _path()
    assert "Set up Parley" in client.get(path).content.decode()
    assert client.post(path, FORM)["Location"] == "/"
    boss = User.objects.get()
    assert (boss.email, boss.is_staff, boss.is_superuser) == ("boss@example.org", True, True)
    assert client.session["_auth_user_id"] == str(boss.pk)


def test_it_works_once(client: Client, db: None) -> None:
    path = _path()
    client.post(path, FORM)
    assert setup_url_path() is None
    assert Client().get(path).status_code == 404
    assert Client().post(path, {**FORM, "email": "other@example.org"}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.parametrize("token", ["admin", "admin:1abcde:forged", "%00"])
def test_a_made_up_link_opens_nothing(client: Client, db: None, token: str) -> None:
    assert client.post(f"/accounts/setup/{token}/", FORM).status_code == 404
    assert not User.objects.exists()


def test_an_old_link_opens_nothing(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _path()
    monkeypatch.setattr(setup, "LINK_LASTS", timedelta(seconds=-1))
    assert client.get(path).status_code == 404


def test_a_weak_password_is_refused_and_the_address_stays(client: Client, db: None) -> None:
    page = client.post(_path(), {**FORM, "password": "boss@example.org"}).content.decode()
    assert "too similar to the email address" in page
    assert 'value="boss@example.org"' in page
    assert not User.objects.exists()


def test_someone_who_has_signed_up_already_becomes_it(client: Client, alice: User) -> None:
    client.post(_path(), {"email": "Alice@example.org", "password": "a long password"})
    alice.refresh_from_db()
    assert alice.is_staff and alice.is_superuser


def test_not_without_their_password(client: Client, alice: User) -> None:
    form = {"email": alice.email, "password": "another password"}
    assert "with another password" in client.post(_path(), form).content.decode()
    alice.refresh_from_db()
    assert not alice.is_superuser


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_administrator() -> None:
    start = threading.Barrier(2)
    made: list[User | None] = []

    def claim(name: str) -> None:
        start.wait()
        made.append(become_first_admin(f"{name}@example.org", "a long password"))
        connection.close()

    rivals = [threading.Thread(target=claim, args=[name]) for name in ("one", "two")]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    assert sorted(user is None for user in made) == [False, True]
    assert User.objects.filter(is_superuser=True).count() == 1


def _environment(monkeypatch: pytest.MonkeyPatch, email: str, password: str) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", email)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)


def test_the_environment_can_name_the_administrator(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _environment(monkeypatch, "boss@example.org", "from outside")
    create_superuser_from_environment()
    boss = User.objects.get()
    assert boss.is_superuser and boss.check_password("from outside")
    boss.set_password("chosen later")
    boss.save()
    create_superuser_from_environment()
    assert User.objects.get().check_password("chosen later")


def test_the_environment_promotes_nobody(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    _environment(monkeypatch, "Alice@example.org", "from outside")
    create_superuser_from_environment()
    alice.refresh_from_db()
    assert not alice.is_superuser


@pytest.mark.parametrize(("email", "password"), [("boss@example.org", ""), ("", "secret")])
def test_half_an_administrator_is_an_error(
    db: None, monkeypatch: pytest.MonkeyPatch, email: str, password: str
) -> None:
    _environment(monkeypatch, email, password)
    with pytest.raises(ImproperlyConfigured, match="needed together"):
        create_superuser_from_environment()


def test_an_empty_environment_asks_for_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    _environment(monkeypatch, "", "")
    create_superuser_from_environment()
    assert not User.objects.exists()


def test_djangos_own_command_works(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _environment(monkeypatch, "Boss@example.org", "a long password")
    call_command("createsuperuser", interactive=False, verbosity=0)
    assert client.login(email="boss@example.org", password="a long password")
    assert User.objects.get().is_superuser


def test_it_does_not_go_round_a_second_step(client: Client, alice: User) -> None:
    turned_on(alice)

    answer = client.post(_path(), {"email": alice.email, "password": "a long password"})

    assert answer["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in client.session
