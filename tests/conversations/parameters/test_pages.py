"""Parameters of a conversation, of the next message alone, and of what is about to begin."""

from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Message, Project, ProjectMember
from inference.models import AIModel, Generation

WRITTEN = "Is a fox a dog?"


def address(conversation: Conversation, rest: str = "") -> str:
    return f"/c/{conversation.pk}/parameters/{rest}"


def last_run() -> Generation:
    return Generation.objects.order_by("created_at").last()  # type: ignore[return-value]


def test_a_conversations_are_saved_at_once(page: Client, conversation: Conversation) -> None:
    reply = page.post(
        address(conversation), {"temperature": "0.3", "stop": "END", "instructions": "Be brief."}
    )

    assert reply["HX-Trigger"] == "parley:done"
    assert 'id="parameters-button"' in reply.content.decode()
    conversation.refresh_from_db()
    assert conversation.parameters == {"temperature": 0.3, "stop": ["END"]}
    assert conversation.instructions == "Be brief."


def test_its_answers_follow_them(page: Client, conversation: Conversation) -> None:
    page.post(address(conversation), {"temperature": "0.3", "instructions": "Be brief."})
    page.post(f"/c/{conversation.pk}/", {"text": WRITTEN, "model": "demo"})

    assert last_run().parameters["temperature"] == 0.3
    assert last_run().messages[0] == {"role": "system", "content": "Be brief."}


def test_an_emptied_field_inherits_again(page: Client, conversation: Conversation) -> None:
    page.post(address(conversation), {"temperature": "0.3"})
    page.post(address(conversation), {"temperature": ""})

    conversation.refresh_from_db()
    assert conversation.parameters == {}


def test_the_dialog_shows_each_value_and_its_origin(
    page: Client, alice: User, conversation: Conversation
) -> None:
    conversation.project = Project.objects.create(
        user=alice, name="Foxes", parameters={"top_k": 7}, instructions="Talk like a fox."
    )
    conversation.parameters = {"top_p": 0.42}
    conversation.save()

    html = unescape(
        page.post(address(conversation), {"show": "1", "model": "demo"}).content.decode()
    )

    assert 'value="0.42"' in html
    assert 'placeholder="7"' in html
    assert "from the project" in html
    assert "Talk like a fox." in html


def test_the_model_that_is_picked_counts(
    page: Client, conversation: Conversation, model: AIModel
) -> None:
    AIModel.objects.create(
        name="other", provider=model.provider, path="o.gguf", parameters={"min_p": 0.123}
    )

    html = page.post(address(conversation), {"show": "1", "model": "other"}).content.decode()

    assert 'placeholder="0.123"' in html
    assert "from the model" in html


def test_a_bad_value_is_told_at_its_field_and_kept(
    page: Client, conversation: Conversation
) -> None:
    reply = page.post(address(conversation), {"temperature": "hot", "instructions": "Be brief."})

    html = reply.content.decode()
    assert reply.status_code == 422
    assert "temperature must be a number." in html
    assert 'value="hot"' in html
    assert "Be brief." in html
    conversation.refresh_from_db()
    assert (conversation.parameters, conversation.instructions) == ({}, "")


def test_it_works_without_scripts(plain_page: Client, conversation: Conversation) -> None:
    assert "Temperature" in plain_page.get(address(conversation)).content.decode()

    reply = plain_page.post(address(conversation), {"top_k": "5"})

    assert reply["Location"] == f"/c/{conversation.pk}/"
    conversation.refresh_from_db()
    assert conversation.parameters == {"top_k": 5}


def test_what_is_for_the_next_message_goes_into_the_composer(
    page: Client, conversation: Conversation
) -> None:
    reply = page.post(address(conversation, "next/"), {"next-temperature": "0.25"})

    html = reply.content.decode()
    assert reply["HX-Trigger"] == "parley:done"
    assert 'name="next-temperature" value="0.25" checked' in html
    conversation.refresh_from_db()
    assert conversation.parameters == {}


def test_without_scripts_it_does_so_too(plain_page: Client, conversation: Conversation) -> None:
    reply = plain_page.post(address(conversation, "next/"), {"next-temperature": "0.25"})

    html = reply.content.decode()
    assert 'name="next-temperature" value="0.25" checked' in html
    assert f'action="/c/{conversation.pk}/"' in html


def test_the_dialog_knows_what_the_composer_has(page: Client, conversation: Conversation) -> None:
    sent = {"show": "1", "next-temperature": "0.25"}

    html = page.post(address(conversation, "next/"), sent).content.decode()

    assert 'name="next-temperature" inputmode="decimal" value="0.25"' in html


def test_the_next_answer_alone_follows_it(page: Client, conversation: Conversation) -> None:
    form = {"text": WRITTEN, "model": "demo", "next-temperature": "0.25", "next-stop": "END"}

    reply = page.post(f"/c/{conversation.pk}/", form)

    assert '<div id="next-parameters" class="chips" hx-swap-oob="true"></div>' in (
        reply.content.decode()
    )
    answer = Message.objects.get(generation__status="queued")
    assert answer.parameters == {"temperature": 0.25, "stop": ["END"]}
    assert last_run().parameters["temperature"] == 0.25
    conversation.refresh_from_db()
    assert conversation.parameters == {}


def test_a_bad_value_with_a_message_loses_nothing(
    page: Client, plain_page: Client, conversation: Conversation
) -> None:
    form = {"text": WRITTEN, "model": "demo", "next-temperature": "9"}
    words = "temperature must be between 0 and 5."

    reply = page.post(f"/c/{conversation.pk}/", form)
    assert reply.status_code == 422
    assert words in reply.content.decode()

    reply = plain_page.post(f"/c/{conversation.pk}/", form)
    html = reply.content.decode()
    assert reply.status_code == 422
    assert words in html
    assert WRITTEN in html
    assert 'name="next-temperature" value="9"' in html
    assert conversation.messages.count() == 2


def test_at_the_start_they_are_the_new_conversations(page: Client, model: AIModel) -> None:
    chosen = page.post("/parameters/", {"next-top_k": "5", "next-instructions": "Be brief."})
    assert 'name="next-instructions" value="Be brief."' in chosen.content.decode()

    form = {"next-top_k": "5", "next-instructions": "Be brief."}
    page.post("/", {"text": WRITTEN, "model": "demo"} | form)

    conversation = Conversation.objects.get()
    assert conversation.parameters == {"top_k": 5}
    assert conversation.instructions == "Be brief."
    assert Message.objects.get(role="assistant").parameters == {}
    assert last_run().parameters["top_k"] == 5
    assert last_run().messages[0] == {"role": "system", "content": "Be brief."}


def test_a_new_conversation_of_a_project_shows_what_it_inherits(
    page: Client, alice: User, bob: User, model: AIModel
) -> None:
    own = Project.objects.create(user=alice, name="Foxes", parameters={"top_k": 7})
    foreign = Project.objects.create(user=bob, name="Dogs", parameters={"top_k": 8})

    for project, shown in ((own, True), (foreign, False)):
        html = page.post("/parameters/", {"show": "1", "project": str(project.pk)}).content.decode()
        assert ("from the project" in html) == shown
    assert page.post("/parameters/", {"show": "1", "project": "x"}).status_code == 200


def test_a_stranger_gets_404(strangers_page: Client, conversation: Conversation) -> None:
    for path in (address(conversation), address(conversation, "next/")):
        assert strangers_page.get(path).status_code == 404
        assert strangers_page.post(path, {"temperature": "0"}).status_code == 404
    conversation.refresh_from_db()
    assert conversation.parameters == {}


def test_a_member_chooses_for_own_messages_only(
    strangers_page: Client, alice: User, bob: User, conversation: Conversation
) -> None:
    conversation.project = Project.objects.create(user=alice, name="Foxes")
    conversation.save()
    ProjectMember.objects.create(project=conversation.project, user=bob, access="write")

    assert strangers_page.get(address(conversation)).status_code == 404
    assert strangers_page.get(address(conversation, "next/")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/parameters/", "/c/{id}/parameters/", "/c/{id}/parameters/next/"]
)
def test_nobody_gets_in_signed_out(client: Client, conversation: Conversation, path: str) -> None:
    assert client.get(path.format(id=conversation.pk)).status_code == 302
