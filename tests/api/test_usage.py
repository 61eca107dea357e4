"""/api/v1/usage: sums and single entries of UsageLog."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import APIKey, User
from inference.models import AIModel, UsageLog
from tests.api.conftest import bearer

pytestmark = pytest.mark.django_db
URL = "/api/v1/usage"
ENTRIES = "/api/v1/usage/entries"


def use(user: User, model: str = "demo", at: str = "2026-03-11T12:00", **fields: Any) -> UsageLog:
    values: dict[str, Any] = {
        "input_tokens": 100,
        "cached_tokens": 40,
        "output_tokens": 11,
        "total_tokens": 111,
        "cost": Decimal("0.00000111"),
        "duration": 1.5,
        "queue_wait": 0.5,
        "source": "api",
        "status": "done",
    }
    created_at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return UsageLog.objects.create(
        user=user, model_name=model, created_at=created_at, **values | fields
    )


def groups(client: Client, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(URL, query).json()["groups"]
    return found


def test_it_sums_up_ones_own_by_day(api: Client, alice: User, bob: User) -> None:
    use(alice)
    use(alice, at="2026-03-11T23:59:59.999999", cost=Decimal("0.1"))
    use(alice, at="2026-03-12T00:00")
    use(bob)

    found = api.get(URL).json()

    assert found["total"] == {
        "runs": 3,
        "input_tokens": 300,
        "cached_tokens": 120,
        "output_tokens": 33,
        "total_tokens": 333,
        "cost": "0.10000222",
        "duration": 4.5,
    }
    days = [(group["day"], group["runs"], group["cost"]) for group in found["groups"]]
    assert days == [("2026-03-11", 2, "0.10000111"), ("2026-03-12", 1, "0.00000111")]


def test_sums_of_cost_are_exact(api: Client, alice: User) -> None:
    for number in range(300):
        use(alice, cost=Decimal(number) / 10**7 + Decimal("1000.1"))

    cost = sum(UsageLog.objects.values_list("cost", flat=True))
    assert Decimal(api.get(URL).json()["total"]["cost"]) == cost


def test_by_model_and_by_key(api: Client, alice: User) -> None:
    key = alice.api_keys.get()
    use(alice, api_key=key)
    use(alice, "small", api_key=key)
    use(alice, "small")

    models = [(group["model"], group["runs"]) for group in groups(api, group_by="model")]
    keys = {group["key"]: group["key_name"] for group in groups(api, group_by="key")}

    assert models == [("demo", 1), ("small", 2)]
    assert keys == {key.pk: "tests", None: None}


def test_a_day_is_included_and_a_moment_is_not(api: Client, alice: User) -> None:
    use(alice, at="2026-03-10T23:59:59")
    use(alice, at="2026-03-11T00:00")
    use(alice, at="2026-03-11T23:59:59.999999")
    use(alice, at="2026-03-12T00:00")

    def runs(**period: str) -> int:
        count: int = api.get(URL, period).json()["total"]["runs"]
        return count

    assert runs(**{"from": "2026-03-11", "to": "2026-03-11"}) == 2
    assert runs(**{"from": "2026-03-11T00:00:00Z", "to": "2026-03-12T00:00:00Z"}) == 2
    assert runs(**{"from": "2026-03-11T02:00:00+02:00"}) == 3
    assert runs(to="2026-03-10") == 1
    assert runs(**{"from": "2026-03-12", "to": "2026-03-01"}) == 0


def test_nothing_used_is_nothing(api: Client) -> None:
    found = api.get(URL).json()

    assert found["groups"] == []
    assert (found["total"]["runs"], found["total"]["cost"]) == (0, "0.00000000")


def test_entries_come_page_by_page(api: Client, alice: User, bob: User) -> None:
    ids = [use(alice).pk for _number in range(3)]
    use(bob)

    first = api.get(ENTRIES, {"limit": 2}).json()
    second = api.get(ENTRIES, {"limit": 2, "cursor": first["next_cursor"]}).json()

    shown = [entry["id"] for entry in first["entries"] + second["entries"]]
    assert shown == ids[::-1]
    assert second["next_cursor"] is None


def test_an_entry_says_all_that_is_kept(api: Client, alice: User) -> None:
    key = alice.api_keys.get()
    row = use(alice, api_key=key)

    [entry] = api.get(ENTRIES).json()["entries"]

    assert entry == {
        "id": row.pk,
        "created_at": "2026-03-11T12:00:00Z",
        "model": "demo",
        "key": key.pk,
        "source": "api",
        "status": "done",
        "input_tokens": 100,
        "cached_tokens": 40,
        "output_tokens": 11,
        "total_tokens": 111,
        "cost": "0.00000111",
        "duration": 1.5,
        "queue_wait": 0.5,
        "time_to_first_token": None,
    }


def test_no_model_has_nul_in_its_name(api: Client, alice: User) -> None:
    use(alice)

    assert api.get(ENTRIES, {"model": "demo\0x"}).json()["entries"] == []


def test_entries_of_a_model_or_a_key(api: Client, alice: User) -> None:
    key = alice.api_keys.get()
    use(alice)
    use(alice, "small", api_key=key)

    for query in ({"model": "small"}, {"key": key.pk}):
        [entry] = api.get(ENTRIES, query).json()["entries"]
        assert entry["model"] == "small"
    assert api.get(ENTRIES, {"key": 2**62}).json()["entries"] == []


@pytest.mark.parametrize("address", [URL, ENTRIES])
def test_others_usage_is_for_staff(
    address: str, api: Client, alice: User, bob: User, charlie: User
) -> None:
    use(bob)
    boss = Client(headers={"authorization": bearer(charlie)})

    assert api.get(address, {"user": bob.email}).status_code == 404
    assert api.get(address, {"user": "nobody@example.org"}).status_code == 404
    assert api.get(address, {"user": "Alice@example.org"}).status_code == 200
    found = boss.get(address, {"user": "Bob@example.org"}).json()
    assert len(found.get("groups") or found["entries"]) == 1
    assert boss.get(address, {"user": "nobody@example.org"}).status_code == 404


def test_staff_need_the_permission_that_the_admin_asks_for(bob: User) -> None:
    dora = User.objects.create_user("dora@example.org", "a long password", is_staff=True)
    client = Client(headers={"authorization": bearer(dora)})
    assert client.get(URL, {"user": bob.email}).status_code == 404

    dora.user_permissions.add(Permission.objects.get(codename="view_usagelog"))

    assert client.get(URL, {"user": bob.email}).status_code == 200


@pytest.mark.parametrize("address", [URL, ENTRIES])
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"to": "1770000000"}, "to"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "from"),
        ({"to": "9999-12-31T23:59:59-14:00"}, "to"),
        ({"user": "x" * 300}, "user"),
    ],
)
def test_bad_input_is_named(address: str, query: dict[str, str], named: str, api: Client) -> None:
    response = api.get(address, query)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_value")
    assert named in response.json()["error"]


@pytest.mark.parametrize(
    "query", [{"group_by": "user"}, {"limit": 0}, {"cursor": "x"}, {"key": 2**63}]
)
def test_what_only_one_of_them_knows_is_checked_there(query: dict[str, Any], api: Client) -> None:
    address = URL if "group_by" in query else ENTRIES
    assert api.get(address, query).status_code == 400


def test_days_at_the_ends_of_time(api: Client, alice: User) -> None:
    use(alice)
    period = {"from": "0001-01-01", "to": "9999-12-31", "user": "\0"}
    assert api.get(URL, period).status_code == 404
    assert api.get(URL, period | {"user": ""}).json()["total"]["runs"] == 1


@pytest.mark.parametrize("address", [URL, ENTRIES])
def test_without_a_key_it_is_refused(address: str, client: Client, alice: User) -> None:
    assert client.get(address).status_code == 401


def test_usage_of_a_key_that_is_gone_stays(api: Client, alice: User, model: AIModel) -> None:
    key, _secret = APIKey.objects.issue(alice, "laptop")
    use(alice, api_key=key, model=model.name)
    key.delete()

    assert [group["key"] for group in groups(api, group_by="key")] == [None]
