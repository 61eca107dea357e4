"""What people write is theirs: no page of the admin shows it, and no search finds it."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Message, Tag
from inference.models import AIModel, Generation
from tests.admin_panel.test_access import LISTS

WORDS = "xylophone"


@pytest.fixture
def conversation(alice: User, model: AIModel, run: Callable[..., Generation]) -> Conversation:
    conversation = Conversation.objects.create(
        user=alice, title=f"About a {WORDS}", model=model, instructions=f"Only {WORDS}s."
    )
    conversation.tags.add(Tag.objects.create(user=alice, name=WORDS))
    live = run(
        status="queued",
        messages=[{"role": "user", "content": f"Where is my {WORDS}?"}],
        parameters={"temperature": 0.5, "stop": [WORDS]},
    )
    conversation.messages.create(role=Message.Role.USER, content=f"Where is my {WORDS}?")
    conversation.messages.create(
        role=Message.Role.ASSISTANT, content=f"The {WORDS} is here.", generation=live
    )
    return conversation


def test_no_page_shows_what_was_written(admin: Client, conversation: Conversation) -> None:
    live = Generation.objects.get()
    alice = conversation.user_id
    pages = [
        *LISTS,
        "/admin/",
        f"/admin/inference/generation/{live.pk}/change/",
        f"/admin/inference/generation/{live.pk}/history/",
        f"/admin/inference/aimodel/{live.model_id}/delete/",
        f"/admin/accounts/user/{alice}/change/",
        f"/admin/accounts/user/{alice}/history/",
        f"/admin/accounts/user/{alice}/delete/",
        "/admin/inference/usagelog/export/",
    ]
    for page in pages:
        response = admin.get(page)
        assert response.status_code == 200, page
        assert WORDS not in response.content.decode(), page


def test_a_conversation_has_a_row_but_no_page(admin: Client, conversation: Conversation) -> None:
    base = "/admin/conversations/conversation/"
    listed = admin.get(base).content.decode()

    assert "alice@example.org" in listed
    assert "Demo" in listed
    for page in ("change", "history", "delete"):
        assert admin.get(f"{base}{conversation.pk}/{page}/").status_code in (403, 404)
    assert admin.get(f"{base}add/").status_code in (403, 404)


@pytest.mark.parametrize(
    "page", ["conversations/conversation", "conversations/tag", "inference/generation"]
)
def test_a_search_for_what_was_written_finds_nothing(
    admin: Client, conversation: Conversation, page: str
) -> None:
    assert admin.get(f"/admin/{page}/", {"q": "alice"}).context["cl"].result_count == 1
    assert admin.get(f"/admin/{page}/", {"q": WORDS}).context["cl"].result_count == 0


@pytest.mark.parametrize(
    ("page", "lookup"),
    [
        ("conversations/conversation", "title__contains"),
        ("conversations/conversation", "messages__content__contains"),
        ("conversations/conversation", "instructions__contains"),
        ("conversations/conversation", "tags__name"),
        ("conversations/tag", "name__startswith"),
        ("conversations/tag", "conversations__title__contains"),
        ("conversations/conversation", "user__password__startswith"),
        ("inference/generation", "messages__contains"),
        ("inference/generation", "parameters__contains"),
        ("inference/generation", "message__content__contains"),
        ("inference/usagelog", "generation__messages__contains"),
        ("inference/usagelog", "user__conversations__title__contains"),
        ("inference/aimodel", "generations__messages__contains"),
        ("accounts/user", "conversations__title__contains"),
        ("accounts/user", "password__startswith"),
    ],
)
def test_no_filter_in_the_address_tells_what_was_written(
    admin: Client, conversation: Conversation, page: str, lookup: str
) -> None:
    """A list that is empty for a wrong guess and not for a right one would tell it bit by bit."""
    assert admin.get(f"/admin/{page}/", {lookup: WORDS}).status_code == 400


def test_deleting_a_person_lists_counts_only(admin: Client, conversation: Conversation) -> None:
    page = f"/admin/accounts/user/{conversation.user_id}/delete/"
    html = admin.get(page).content.decode()

    assert "Conversations: 1" in html
    assert "Generations: 1" in html
    assert admin.post(page, {"post": "yes"}).status_code == 302
    assert not Message.objects.exists()
