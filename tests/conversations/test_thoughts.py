"""What a model thought before it answered, in pages, sockets and files."""

import re

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from conversations import actions, exports, importing, organising, thread
from conversations.comparisons import actions as comparing
from conversations.inspection.tokens import parted
from conversations.markdown import Frame
from conversations.models import Conversation, Message
from conversations.sharing.actions import share
from conversations.thoughts import Thought, label
from inference import lifecycle, queue
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from inference.token_log import Started, TokenLog, Tokens
from tests.conversations.builders import fresh, run_of, started
from tests.conversations.sockets import Socket, open_page

Status, Reason = Generation.Status, Generation.Reason


def thought(
    answer: Message, said: str, thoughts: str = "Hm, **so**.", reason: Reason = Reason.STOP
) -> Message:
    run = started(answer)
    end = Outcome(
        Status.DONE, reason, text=said, thought=thoughts, thinking_seconds=12.4, tokens=(7, 8)
    )
    assert lifecycle.finish(run.pk, run.attempt, end)
    return fresh(answer)


class Thinker:
    """Takes the answer's run, and thinks and says what a test tells it to."""

    def __init__(self, answer: Message) -> None:
        self.answer = answer
        self._run = started(answer)
        self._number = 0
        self._told = {"text": "", "thought": ""}
        self._write(Started(self._id()))

    def think(self, text: str) -> None:
        self._tell(thought=text)

    def say(self, text: str, seconds: float | None = None) -> None:
        self._tell(text=text, seconds=seconds)

    def stop(self) -> None:
        end = Outcome(Status.STOPPED, Reason.CANCELLED, **self._told, tokens=(self._number,))  # type: ignore[arg-type]
        assert lifecycle.finish(self._run.pk, self._run.attempt, end)

    def _tell(self, text: str = "", thought: str = "", seconds: float | None = None) -> None:
        self._number += 1
        self._told["text"] += text
        self._told["thought"] += thought
        ids = (self._number,)
        self._write(Tokens(self._id(), ids, text, thought=thought, thinking_seconds=seconds))

    def _id(self) -> str:
        return f"{self._run.attempt}-{self._number}"

    def _write(self, event: Started | Tokens) -> None:
        TokenLog.default().write([(self._run.pk, event)])


@pytest.fixture
def waiting(live_conversation: Conversation) -> Message:
    return live_conversation.messages.get(role="assistant")


def details(html: str) -> str:
    """The folded part; empty if there is none."""
    found = re.search(r'<details id="[\w-]+" class="thought".*?</details>', html, re.DOTALL)
    return found[0] if found else ""


@pytest.mark.django_db
def test_a_thought_is_folded_above_its_answer(page: Client, waiting: Message) -> None:
    answer = thought(waiting, "A *fox*.")

    html = page.get(f"/c/{answer.conversation_id}/").content.decode()

    assert "Thought for 12 s" in details(html)
    assert "Hm, <strong>so</strong>." in details(html)
    assert " open" not in details(html).partition(">")[0]
    assert html.index("</details>") < html.index("<em>fox</em>")


@pytest.mark.django_db
def test_where_there_is_none_nothing_tells_of_it(page: Client, conversation: Conversation) -> None:
    html = page.get(f"/c/{conversation.pk}/").content.decode()

    assert "<details" not in html


@pytest.mark.django_db
def test_a_thought_is_as_safe_as_an_answer(page: Client, waiting: Message) -> None:
    answer = thought(waiting, "A fox.", "<script>alert(1)</script> [x](javascript:alert(1))")

    html = page.get(f"/c/{answer.conversation_id}/").content.decode()

    assert "<script>alert" not in html
    assert 'href="javascript' not in html


@pytest.mark.django_db
def test_a_thought_that_did_not_end_is_no_answer(page: Client, waiting: Message) -> None:
    answer = thought(waiting, "", reason=Reason.LENGTH)

    html = page.get(f"/c/{answer.conversation_id}/").content.decode()

    assert (answer.content, answer.thought) == ("", "Hm, **so**.")
    assert "Thought for 12 s" in details(html)
    assert f"/m/{answer.pk}/continue/" in html


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0.2, "Thought for 1 s"),
        (59.4, "Thought for 59 s"),
        (125.0, "Thought for 2 min 5 s"),
        (None, "Thought"),
    ],
)
def test_its_time_is_told_in_words(seconds: float | None, says: str) -> None:
    assert label(Thought(Frame(), seconds)) == says


@pytest.mark.django_db
def test_later_prompts_have_no_thoughts(alice: User, model: AIModel, waiting: Message) -> None:
    answer = thought(waiting, "A fox.")

    actions.send_message(alice, answer.conversation, "And now?", model)

    told = thread.prompt(answer.conversation, answer.conversation.leaf_id)
    assert [turn["content"] for turn in told][:2] == ["What is a fox?", "A fox."]


@pytest.mark.django_db
def test_a_thought_that_was_cut_goes_on(alice: User, waiting: Message) -> None:
    answer = thought(waiting, "", reason=Reason.LENGTH)
    assert not thread.can_retry(answer)

    actions.go_on(alice, answer)
    assert run_of(answer).begun == [7, 8]
    done = thought(answer, "A fox.", " And so on.")

    assert (done.thought, done.content) == ("Hm, **so**. And so on.", "A fox.")
    assert done.thinking_seconds == pytest.approx(24.8)


@pytest.mark.django_db
def test_files_have_thoughts(alice: User, waiting: Message) -> None:
    conversation = thought(waiting, "A fox.").conversation

    assert "<details>\n<summary>Thought</summary>\n\nHm, **so**.\n\n</details>\n\nA fox." in (
        exports.as_markdown(conversation)
    )
    [copy] = organising.import_conversations(
        alice, importing.read(exports.as_json(conversation) | {"created_at": None})
    )
    answer = copy.messages.get(role="assistant")
    assert (answer.thought, answer.thinking_seconds) == ("Hm, **so**.", 12.4)


@pytest.mark.django_db
def test_a_shared_link_shows_thoughts(client: Client, waiting: Message) -> None:
    link = share(thought(waiting, "A fox.").conversation, None)

    html = client.get(f"/s/{link.token}/").content.decode()

    assert "Thought for 12 s" in details(html)


@pytest.mark.parametrize(
    ("beginning", "thought", "said"),
    [
        ("<think>H", "H", ""),
        ("<think>Hm.</th", "Hm.", ""),
        ("<think>Hm.</think>\n", "Hm.", ""),
        ("<think>Hm.</think>\nFoxy", "Hm.", "Foxy"),
    ],
)
def test_a_branch_begins_with_the_same_thought(beginning: str, thought: str, said: str) -> None:
    whole = "<think>Hm.</think>\nFox Hm."

    assert parted(beginning, whole, "Hm.", "Fox Hm.") == (thought, said)
    assert parted(beginning, whole, "", whole) == ("", beginning)


def test_a_branch_of_a_thought_that_did_not_end_is_one() -> None:
    assert parted("<think>Hm. No", "<think>Hm. So", "Hm. So", "") == ("Hm. No", "")


live = pytest.mark.django_db(transaction=True)


async def greet(page: Socket, answer: Message) -> None:
    await page.hello(answer.pk, live=[answer.pk])
    await page.until('id="conversations"')


@live
async def test_a_thought_grows_and_ends(alice: User, waiting: Message) -> None:
    id = f"message-{waiting.pk}"
    async with open_page(alice, f"/ws/c/{waiting.conversation_id}/") as page:
        await greet(page, waiting)
        thinker = await sync_to_async(Thinker)(waiting)
        await page.until('data-status="streaming"')

        thinker.think("Hm, **so")
        frame = (await page.until("<details"))[-1]
        assert f'hx-swap-oob="beforebegin:#{id}-content"' in frame
        assert "<strong>so</strong>" in details(frame)
        assert '<span class="thinking">Thinking…</span>' in details(frame)

        thinker.think("**.\n\nAnd then")
        frame = (await page.until("And then"))[-1]
        assert f"{id}-thought-open" in frame
        assert "<details" not in frame
        assert "Thinking" not in frame

        thinker.say("A fox.", seconds=3.0)
        frame = (await page.until("A fox."))[-1]
        assert f'hx-swap-oob="innerHTML:#{id}-thought-label">Thought for 3 s<' in frame
        assert "And then" not in frame

        await sync_to_async(thinker.stop)()
        last = (await page.until('data-status="stopped"'))[-1]
        assert "And then" in details(last)


@live
def test_a_page_in_mid_thought_has_what_was_thought(page: Client, waiting: Message) -> None:
    Thinker(waiting).think("Hm, **so")

    html = page.get(f"/c/{waiting.conversation_id}/").content.decode()

    assert "Thinking…" in details(html)
    assert "<strong>so</strong>" in details(html)


@live
async def test_a_blind_comparison_hides_how_long_it_took(
    alice: User, model: AIModel, client: Client
) -> None:
    other = await AIModel.objects.acreate(name="b", provider_id=model.provider_id, path="b.gguf")
    comparison = await sync_to_async(comparing.compare)(
        alice, [model, other], "Hi", "", {}, is_blind=True
    )
    await sync_to_async(client.force_login)(alice)

    def finish() -> None:
        for answer in comparing.answers_of(comparison):
            assert answer.model
            run = run_of_compared(answer.generation)
            end = Outcome(Status.DONE, Reason.STOP, "Hi", thought="Hm", thinking_seconds=9.0)
            assert lifecycle.finish(run.pk, run.attempt, end)

    await sync_to_async(finish)()
    html = (await sync_to_async(client.get)(f"/compare/{comparison.pk}/")).content.decode()
    assert "Thought" in details(html)
    assert "9 s" not in html

    await sync_to_async(comparing.vote)(comparison, "tie")
    html = (await sync_to_async(client.get)(f"/compare/{comparison.pk}/")).content.decode()
    assert "Thought for 9 s" in html


def run_of_compared(run: Generation | None) -> Generation:
    assert run
    claimed = queue.claim(run.model_id, "worker")
    assert claimed
    return claimed
