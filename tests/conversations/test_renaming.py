import pytest
from django.test import Client

from conversations.models import Conversation


def test_it_gets_the_new_title(page: Client, conversation: Conversation) -> None:
    reply = page.post(f"/c/{conversation.pk}/rename/", {"title": " Foxes "})

    conversation.refresh_from_db()
    assert reply.status_code == 204
    assert reply["HX-Trigger"] == "parley:done"
    assert conversation.title == "Foxes"


def test_it_keeps_its_place_in_the_list(page: Client, conversation: Conversation) -> None:
    before = conversation.updated_at

    page.post(f"/c/{conversation.pk}/rename/", {"title": "Foxes"})

    conversation.refresh_from_db()
    assert conversation.updated_at == before


def test_it_works_without_scripts(plain_page: Client, conversation: Conversation) -> None:
    address = f"/c/{conversation.pk}/rename/"

    form = plain_page.get(address).content.decode()
    reply = plain_page.post(address, {"title": "Foxes"}, follow=True)

    assert 'value="What is a fox?"' in form
    assert "<html" in form
    assert reply.redirect_chain == [(f"/c/{conversation.pk}/", 302)]
    assert "<title>Foxes · Parley</title>" in reply.content.decode()


def test_the_dialog_shows_the_title(page: Client, conversation: Conversation) -> None:
    form = page.get(f"/c/{conversation.pk}/rename/").content.decode()

    assert 'value="What is a fox?"' in form
    assert "<html" not in form


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (" ", "A conversation needs a title."),
        ("x" * 201, "at most 200 characters (it has 201)"),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_a_title_that_will_not_do(
    page: Client, conversation: Conversation, title: str, words: str
) -> None:
    reply = page.post(f"/c/{conversation.pk}/rename/", {"title": title})

    conversation.refresh_from_db()
    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert conversation.title == "What is a fox?"


def test_a_stranger_cannot_rename_it(
    strangers_page: Client, page: Client, conversation: Conversation
) -> None:
    address = f"/c/{conversation.pk}/rename/"

    assert strangers_page.get(address).status_code == 404
    assert strangers_page.post(address, {"title": "Mine"}).status_code == 404
    conversation.refresh_from_db()
    assert conversation.title == "What is a fox?"

    assert page.post(address, {"title": "Mine"}).status_code == 204
