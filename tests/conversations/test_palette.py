"""What the palette offers for what is typed in it."""

import re

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation
from tests.conversations.test_searching import held


def offered(page: Client, **asked: object) -> list[str]:
    html = page.get("/palette/", asked).content.decode()
    options = re.findall(r'role="option"[^>]*>(.*?)</a>', html, re.S)
    return [" ".join(re.sub(r"<[^>]*>", " ", option).split()) for option in options]


def test_before_anything_is_typed_the_latest_chats_come_first(page: Client, alice: User) -> None:
    for number in range(7):
        held(alice, "Hello", title=f"Chat {number}")

    names = offered(page)

    assert names[:5] == ["Chat 6", "Chat 5", "Chat 4", "Chat 3", "Chat 2"]
    assert "New chat Ctrl+Shift+O" in names
    assert "Administration" not in names


def test_words_choose_commands_and_find_chats(page: Client, alice: User) -> None:
    held(alice, "A brown fox in the dark", title="About foxes")

    assert offered(page, q="dark the") == [
        "Dark theme",
        "About foxes A brown fox in the dark",
        "Search all chats for “dark the”",
    ]


def test_the_open_chat_has_its_own_commands_and_is_not_recent(
    page: Client, conversation: Conversation
) -> None:
    html = page.get("/palette/", {"conversation": str(conversation.pk)}).content.decode()

    assert f'data-dialog="/c/{conversation.pk}/rename/"' in html
    assert conversation.title not in html


def test_a_temporary_chat_is_neither_shared_nor_moved(
    page: Client, conversation: Conversation
) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(is_temporary=True)

    names = offered(page, conversation=conversation.pk)

    assert "Rename this chat" in names
    assert "Share this chat" not in names


@pytest.mark.parametrize("id", ["", "new", "nothing", "0" * 32])
def test_no_conversation_has_no_commands(page: Client, id: str) -> None:
    assert "Rename this chat" not in offered(page, conversation=id)


def test_strangers_are_offered_nothing_of_it(
    strangers_page: Client, conversation: Conversation
) -> None:
    assert "Rename this chat" not in offered(strangers_page, conversation=conversation.pk)
    assert not any("fox" in name for name in offered(strangers_page, q="small animal")[:-1])
    assert not any(conversation.title in name for name in offered(strangers_page))


def test_nobody_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/palette/", headers={"HX-Request": "true"}).status_code == 401
    assert client.get("/palette/").status_code == 302


def test_the_keys_are_a_page_without_scripts(plain_page: Client, page: Client) -> None:
    assert "<html" in plain_page.get("/shortcuts/").content.decode()
    assert "<html" not in page.get("/shortcuts/").content.decode()
