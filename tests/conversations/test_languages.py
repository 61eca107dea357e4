"""In which language somebody is answered, by pages and by their sockets."""

import re

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from conversations.models import Conversation
from conversations.organising import deleting
from inference import failures
from inference.models import AIModel
from tests.conversations.builders import asked, failed
from tests.conversations.sockets import open_page

HEADINGS = {
    "en": "What would you like to talk about?",
    "de": "Worum soll es gehen?",
    "es": "¿De qué quieres hablar?",
    "fr": "De quoi voulez-vous parler\N{NO-BREAK SPACE}?",
    "zh-hans": "想聊点什么？",
}
GERMAN = {"Accept-Language": "de"}
PAGES = [
    "/",
    "/search/",
    "/projects/",
    "/projects/new/",
    "/prompts/",
    "/prompts/new/",
    "/compare/",
    "/compare/board/",
    "/tokens/",
    "/archive/",
    "/import/",
    "/shortcuts/",
    "/account/",
    "/account/usage/",
    "/account/keys/new/",
    "/account/security/",
    "/account/data/",
    "/accounts/password/change/",
    "/c/00000000-0000-0000-0000-000000000000/",
]
ENGLISH = re.compile(
    r"\b(the|your|and|with|for|this|that|not|new|sign|delete|save|show|search|close|settings)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", HEADINGS)
def test_the_page_speaks_the_browsers_language(plain_page: Client, language: str) -> None:
    page = plain_page.get("/", headers={"Accept-Language": language})

    assert page["Content-Language"] == language
    assert "Accept-Language" in page["Vary"]
    assert f'<html lang="{language}"' in page.content.decode()
    assert HEADINGS[language] in page.content.decode()


def test_chinese_by_country_is_understood(plain_page: Client) -> None:
    page = plain_page.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert HEADINGS["zh-hans"] in page.content.decode()


@pytest.mark.parametrize("language", ["de", "es", "fr", "zh-hans"])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_half_english(plain_page: Client, path: str, language: str) -> None:
    page = plain_page.get(path, headers={"Accept-Language": language})
    assert [text for text in texts(page.content.decode()) if ENGLISH.search(text)] == []


def test_somebody_signed_out_is_answered_in_their_language(client: Client, db: None) -> None:
    page = client.get("/accounts/login/", headers=GERMAN)
    assert "Passwort vergessen?" in page.content.decode()


def test_numbers_and_dates_are_written_as_the_language_does(
    plain_page: Client, conversation: Conversation
) -> None:
    conversation.messages.filter(role="assistant").update(content="fox")
    found = plain_page.get("/search/?q=fox", headers=GERMAN).content.decode()
    day = conversation.updated_at
    assert f"{day.day}. " in found
    assert "1 Chat gefunden." in found


@pytest.mark.parametrize("path", ["/v1/models", "/api/v1/conversations", "/api/v1/nowhere"])
def test_programs_are_answered_in_english(client: Client, db: None, path: str) -> None:
    german = client.get(path, headers=GERMAN)
    english = client.get(path)

    assert german.status_code >= 400
    assert message_of(german.content) == message_of(english.content)
    assert "Accept-Language" not in german.get("Vary", "")


def test_programs_are_told_in_english_what_people_are_told_too(plain_page: Client) -> None:
    answer = plain_page.post(
        "/api/v1/projects",
        {"name": ""},
        content_type="application/json",
        headers=GERMAN,
    )
    assert answer.status_code == 400
    assert "name" in answer.content.decode()
    assert not re.search("[äöüß]|braucht", answer.content.decode())


def test_the_admin_is_in_english_throughout(client: Client, charlie: User) -> None:
    client.force_login(charlie)
    page = client.get("/admin/", headers=GERMAN).content.decode()
    assert '<html lang="en' in page
    assert "Abmelden" not in page


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("The model failed while it answered.", "Das Modell hat beim Antworten versagt."),
        (
            failures.NOT_LOADED % {"model": "Fox", "reason": "It is gone."},
            "Das Modell Fox konnte nicht geladen werden. It is gone.",
        ),
    ],
)
def test_what_a_worker_wrote_of_a_failure_is_translated_where_it_is_shown(
    plain_page: Client, alice: User, model: AIModel, written: str, shown: str
) -> None:
    failed(asked(alice, model, "Tell me"), written)
    page = plain_page.get(alice.conversations.get().get_absolute_url(), headers=GERMAN)
    assert shown in page.content.decode()


@pytest.mark.django_db(transaction=True)
async def test_what_comes_by_the_socket_speaks_the_persons_language(
    alice: User, conversation: Conversation
) -> None:
    alice.language = "de"
    await alice.asave()

    async with open_page(alice, f"/ws/c/{conversation.pk}/") as page:
        await page.hello()
        await sync_to_async(deleting.delete)(conversation)
        frames = await page.until("Dieser Chat wurde gelöscht.")

    assert "deleted" not in frames[-1].lower().replace("data-deleted", "")


def texts(html: str) -> list[str]:
    """What people read or hear, but for names of others."""
    body = re.sub(r"(?s)<(script|style|svg|template)\b.*?</\1>", "", html)
    labels = re.findall(r'(?:title|aria-label|placeholder)="([^"]+)"', body)
    return [text.strip() for text in [*re.split(r"<[^>]*>", body), *labels] if text.strip()]


def message_of(content: bytes) -> str:
    """Without the request's id."""
    return re.sub(r'"(request_id|id)": ?"[^"]*"', "", content.decode())
