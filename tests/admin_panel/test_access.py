"""Who gets into the admin, by which door, and under which content policy."""

from collections.abc import Callable

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse

from accounts.models import APIKey, User
from conversations.models import Conversation
from inference.models import AIModel, AIType, Generation, UsageLog
from tests.admin_panel.conftest import signed_in

LISTS = [
    "/admin/accounts/apikey/",
    "/admin/accounts/user/",
    "/admin/auth/group/",
    "/admin/conversations/comparison/",
    "/admin/conversations/conversation/",
    "/admin/conversations/project/",
    "/admin/conversations/projectmember/",
    "/admin/conversations/systemprompt/",
    "/admin/conversations/feedback/",
    "/admin/conversations/inspection/",
    "/admin/conversations/draft/",
    "/admin/conversations/sharedlink/",
    "/admin/conversations/tag/",
    "/admin/inference/aimodel/",
    "/admin/inference/aiprovider/",
    "/admin/inference/aitype/",
    "/admin/inference/generation/",
    "/admin/inference/usagelog/",
]
OTHERS = [
    "/admin/",
    "/admin/accounts/user/add/",
    "/admin/accounts/apikey/add/",
    "/admin/auth/group/add/",
    "/admin/inference/aimodel/add/",
    "/admin/inference/aimodel/download/",
    "/admin/inference/aimodel/download/progress/",
    "/admin/inference/aiprovider/add/",
    "/admin/inference/aitype/add/",
    "/admin/inference/usagelog/export/",
    "/admin/inference/",
    "/admin/search/?s=model",
]


@pytest.fixture
def rows(model: AIModel, alice: User, run: Callable[..., Generation]) -> list[str]:
    """The pages of single rows."""
    Conversation.objects.create(user=alice, title="Tea")
    key, _secret = APIKey.objects.issue(alice, "Notebook")
    kind = AIType.objects.create(name="Chat")
    return [
        f"/admin/accounts/user/{alice.pk}/change/",
        f"/admin/accounts/user/{alice.pk}/history/",
        f"/admin/accounts/user/{alice.pk}/delete/",
        f"/admin/accounts/user/{alice.pk}/password/",
        f"/admin/accounts/apikey/{key.pk}/change/",
        f"/admin/inference/aimodel/{model.pk}/change/",
        f"/admin/inference/aimodel/{model.pk}/delete/",
        f"/admin/inference/aiprovider/{model.provider_id}/change/",
        f"/admin/inference/aitype/{kind.pk}/change/",
        f"/admin/inference/generation/{run().pk}/change/",
        f"/admin/inference/usagelog/{UsageLog.objects.get().pk}/change/",
    ]


def test_the_lists_here_are_all_there_are() -> None:
    assert sorted(
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in django_admin.site._registry
    ) == sorted(LISTS)


def test_a_superuser_may_open_every_page(admin: Client, rows: list[str]) -> None:
    for page in LISTS + OTHERS + rows:
        response = admin.get(page)
        assert response.status_code == 200, page
        assert "(&#x27;" not in response.content.decode(), page  # a tuple where a word belongs


def test_for_anybody_else_signed_in_there_is_no_admin(alice: User, rows: list[str]) -> None:
    client = signed_in(alice)
    for page in LISTS + OTHERS + rows:
        assert client.get(page).status_code == 404, page
        assert client.post(page).status_code == 404, page


def test_a_deactivated_superuser_is_out(charlie: User) -> None:
    client = signed_in(charlie)
    User.objects.filter(pk=charlie.pk).update(is_active=False)

    assert client.get("/admin/").status_code == 302


@pytest.mark.django_db
def test_visitors_sign_in_on_the_sites_own_page(client: Client) -> None:
    for page in LISTS + OTHERS:
        response = client.get(page)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=/admin/"), page


@pytest.mark.django_db
def test_the_admins_own_sign_in_only_leads_there(client: Client) -> None:
    response = client.post("/admin/login/", {"username": "charlie@example.org", "password": "x"})

    assert response["Location"] == "/accounts/login/?next=/admin/"


@pytest.mark.django_db
@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "javascript:1"])
def test_the_way_back_after_signing_in_stays_on_the_site(client: Client, elsewhere: str) -> None:
    response = client.get("/admin/login/", {"next": elsewhere})

    assert response["Location"] == "/accounts/login/?next=/admin/"


def test_signing_out_takes_a_post(admin: Client) -> None:
    assert admin.get("/admin/logout/").status_code == 405
    assert admin.get("/admin/").status_code == 200

    admin.post("/admin/logout/")

    assert admin.get("/admin/").status_code == 302


def test_staff_without_a_permission_see_nothing_of_it(
    staff: Callable[..., Client], rows: list[str]
) -> None:
    client = staff("inference.view_aitype")

    overview = client.get("/admin/").content.decode()
    assert client.get("/admin/inference/aitype/").status_code == 200
    for page in LISTS:
        if "aitype" not in page:
            assert client.get(page).status_code == 403, page
            assert page not in overview
    assert client.get("/admin/inference/usagelog/export/").status_code == 403
    assert client.get("/admin/inference/aimodel/download/").status_code == 403
    assert client.get("/admin/inference/aimodel/download/progress/").status_code == 403


def test_only_the_admin_has_the_laxer_policy(admin: Client) -> None:
    inside = admin.get("/admin/")["Content-Security-Policy"]
    outside = admin.get("/accounts/password/change/")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in inside
    assert "style-src 'self'" in inside
    assert "style-src-attr 'unsafe-inline'" in inside
    assert "default-src 'self'" in inside
    assert "frame-ancestors 'none'" in inside
    assert "unsafe" not in outside


def test_pages_hold_no_script_and_no_style_sheet_and_name_no_other_host(
    admin: Client, rows: list[str]
) -> None:
    for page in LISTS + OTHERS + rows:
        html = admin.get(page).content.decode()
        assert "<script>" not in html, page
        assert "<style" not in html, page
        assert 'src="http' not in html, page
        assert "onclick=" not in html, page
