"""All one's data in a file."""

import io
import json
from hashlib import sha256
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import APIKey, User
from conversations.account import archive
from conversations.models import Comparison, Conversation, Project
from inference.models import AIModel
from tests.accounts.second_step import turned_on
from tests.conversations.builders import answered, asked

pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")


def exported(client: Client) -> dict[str, Any]:
    answer = client.post("/account/data/export/")
    assert answer["Content-Type"] == "application/zip"
    with ZipFile(io.BytesIO(b"".join(answer))) as file:
        assert file.testzip() is None
        return {name: json.loads(file.read(name)) for name in file.namelist()}


def test_everything_is_there(
    plain_page: Client, alice: User, bob: User, conversation: Conversation, model: AIModel
) -> None:
    project = Project.objects.create(user=alice, name="Foxes", instructions="Be kind.")
    project.members.create(user=bob, access="read")
    conversation.project = project
    conversation.save()
    conversation.tags.add(alice.tags.create(name="animals"))
    prompt = alice.prompts.create(name="Short", prompt="Be short.")
    prompt.versions.create(number=1, text="Be short!")
    comparison = Comparison.objects.create(user=alice, prompt="Who?")
    comparison.answers.create(position=0, model_name="demo", content="Me.")
    answer = conversation.messages.last()
    alice.feedback.create(message=answer, rating=1, comment="Nice")
    alice.drafts.create(text="Half a thought")
    conversation.links.create(token="secret-token", leaf=answer)
    _key, secret = APIKey.objects.issue(alice, "laptop")
    theirs = Conversation.objects.create(user=bob, title="Bob's")
    theirs.messages.create(author=alice, role="user", content="Written elsewhere")

    data = exported(plain_page)

    assert data["profile.json"]["email"] == "alice@example.org"
    [entry] = data["conversations.json"]
    assert (entry["project"], entry["tags"]) == ("Foxes", ["animals"])
    said = [message["content"] for message in data[entry["file"]]["messages"]]
    assert said == ["What is a fox?", "A **small** animal."]
    assert data["messages_in_others_chats.json"][0]["content"] == "Written elsewhere"
    assert data["drafts.json"][0]["text"] == "Half a thought"
    assert data["feedback.json"][0]["comment"] == "Nice"
    assert data["projects.json"][0]["members"] == [{"email": "bob@example.org", "access": "read"}]
    assert data["prompts.json"][0]["versions"][0]["text"] == "Be short!"
    assert data["comparisons.json"][0]["answers"][0]["content"] == "Me."
    assert data["usage.json"][0]["model_name"] == "demo"
    assert data["api_keys.json"][0]["name"] == "laptop"
    assert len(data["shared_links.json"]) == 1
    whole = json.dumps(data)
    assert not any(word in whole for word in (secret, "Bob's", "secret-token", alice.password))


def test_a_blind_comparison_keeps_its_names_until_the_vote(plain_page: Client, alice: User) -> None:
    comparison = Comparison.objects.create(user=alice, prompt="Who?", is_blind=True)
    comparison.answers.create(position=0, model_name="demo", content="Me.")
    answer = {"position": 0, "content": "Me.", "thought": ""}
    assert exported(plain_page)["comparisons.json"][0]["answers"] == [answer]

    Comparison.objects.update(voted_at=timezone.now())

    [told] = exported(plain_page)["comparisons.json"][0]["answers"]
    assert told == answer | {"model_name": "demo"}


def test_a_chat_of_it_can_be_imported(plain_page: Client, conversation: Conversation) -> None:
    data = exported(plain_page)
    file = io.BytesIO(json.dumps(data[f"conversations/{conversation.pk}.json"]).encode())
    file.name = "chat.json"

    plain_page.post("/import/", {"file": file})

    assert Conversation.objects.filter(title=conversation.title).count() == 2


def test_secrets_of_the_second_step_stay(alice: User) -> None:
    browser, secret = turned_on(alice)
    assert secret not in json.dumps(exported(browser))


def test_an_empty_account_has_files_all_the_same(plain_page: Client) -> None:
    data = exported(plain_page)
    assert data["conversations.json"] == []
    assert data["usage.json"] == []


def test_it_is_made_piece_by_piece() -> None:
    made: list[str] = []

    def files() -> Any:
        for name in "abc":
            made.append(name)
            yield name, (sha256(str(number).encode()).hexdigest() for number in range(20_000))

    pieces = archive.zipped(files())
    next(pieces)

    assert made == ["a"]
    assert max(len(piece) for piece in pieces) < 4 * archive.PIECE


def test_only_ones_own(plain_page: Client, bob: User, model: AIModel) -> None:
    answered(asked(bob, model, "A secret of Bob's"), "I see")
    assert "secret of Bob" not in json.dumps(exported(plain_page))


def test_it_is_not_made_for_a_link(plain_page: Client) -> None:
    assert plain_page.get("/account/data/export/").status_code == 405
