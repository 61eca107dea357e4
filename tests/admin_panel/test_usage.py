import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import APIKey, User
from conversations import spreadsheet
from inference.models import Generation, UsageLog

LIST = "/admin/inference/usagelog/"


def test_sums_follow_the_filters(
    admin: Client, alice: User, bob: User, run: Callable[..., Generation]
) -> None:
    run()
    run(timedelta(days=2))
    run(user=bob, prompt_tokens=1000, completion_tokens=1)

    def sums(**filters: Any) -> dict[str, Any]:
        found: dict[str, Any] = admin.get(LIST, filters).context_data["sums"]
        return found

    everything = sums()
    assert (everything["runs"], everything["users"]) == (3, 2)
    assert (everything["prompt"], everything["reused"], everything["generated"]) == (1200, 120, 23)
    assert sums(user__id__exact=bob.pk)["prompt"] == 1000
    assert sums(created_at_from="2026-03-11")["runs"] == 2
    assert sums(q="alice")["runs"] == 2
    assert sums(status__exact="failed")["runs"] == 0


def test_usage_of_a_key(admin: Client, alice: User, run: Callable[..., Generation]) -> None:
    key, _secret = APIKey.objects.issue(alice, "Notebook")
    run()
    UsageLog.objects.filter(generation=run()).update(api_key=key)

    page = admin.get(LIST, {"api_key__id__exact": key.pk}).context_data

    assert page["sums"]["runs"] == 1
    rows = rows_of(admin.get(f"{LIST}export/", {"api_key__id__exact": key.pk}))
    assert [row["key"] for row in rows] == ["Notebook"]


def test_sums_are_of_all_pages(admin: Client, alice: User, run: Callable[..., Generation]) -> None:
    first = UsageLog.objects.get(generation=run())
    copies = [first.pk]
    for _number in range(60):
        first.pk, first.generation_id = None, None
        first.save(force_insert=True)
        copies.append(first.pk)

    page = admin.get(LIST).context_data
    assert len(page["cl"].result_list) < 61
    assert page["sums"]["runs"] == 61


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_the_export_has_the_filtered_rows(
    admin: Client, bob: User, run: Callable[..., Generation]
) -> None:
    run()
    run(user=bob, prompt_tokens=1000)

    response = admin.get(f"{LIST}export/", {"q": "bob"})

    assert response["Content-Type"].startswith("text/csv")
    assert 'filename="parley-usage-2026-03-11.csv"' in response["Content-Disposition"]
    [row] = rows_of(response)
    assert row["user"] == "bob@example.org"
    assert row["model"] == "demo"
    assert row["prompt tokens"] == "1000"
    assert row["time"].startswith("2026-03-11 12:00")
    assert len(rows_of(admin.get(f"{LIST}export/"))) == 2


def test_the_list_links_to_the_export_of_its_filters(
    admin: Client, run: Callable[..., Generation]
) -> None:
    run()
    html = admin.get(LIST, {"status__exact": "done"}).content.decode()

    assert f"{LIST}export/?status__exact=done" in html


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\n=1"]
)
def test_a_formula_becomes_a_text(formula: str) -> None:
    text = spreadsheet.write(["a"], [[formula]])
    _header, [cell] = csv.reader(io.StringIO(text, newline=""))
    assert cell == f"'{formula}"


def test_numbers_stay_numbers() -> None:
    assert spreadsheet.write(["a", "b", "c"], [[-1, 0.5, None]]) == "a,b,c\r\n-1,0.5,\r\n"


def test_a_formula_as_an_address_is_harmless_in_the_export(
    admin: Client, alice: User, run: Callable[..., Generation]
) -> None:
    User.objects.filter(pk=alice.pk).update(email="=cmd|'/c calc'!a1@example.org")
    run()

    [row] = rows_of(admin.get(f"{LIST}export/"))

    assert row["user"].startswith("'=")


def test_usage_outlives_its_run_in_the_list(admin: Client, run: Callable[..., Generation]) -> None:
    run().delete()

    assert admin.get(LIST).context_data["sums"]["runs"] == 1


def test_a_bad_filter_is_answered_with_the_whole_list(admin: Client) -> None:
    assert admin.get(LIST, {"user__id__exact": "x"}).status_code == 302
    assert admin.get(f"{LIST}export/", {"user__id__exact": "x"}).status_code == 302
