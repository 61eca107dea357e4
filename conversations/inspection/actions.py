"""Having a model look at an answer again. Each look is a run like any other: it waits in line, and
is accounted to whoever asks."""

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import APIKey, User
from conversations import actions, thread
from conversations.access import may_write
from conversations.inspection import tokens
from conversations.models import Inspection, Message
from conversations.refusals import Refused
from conversations.token_ids import unpack
from inference import lifecycle
from inference.ask import Ask
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from inference.token_log import TokenLog, Tokens

ALTERNATIVES = 8
"""Told of each token."""
TOLD = {"logprobs": True, "top_logprobs": ALTERNATIVES}
STOPPED = gettext_noop("Stopped.")

Kind = Inspection.Kind


@transaction.atomic
def inspect(
    user: User, message: Message, kind: Inspection.Kind, api_key: APIKey | None = None
) -> Inspection:
    """One that is under way is returned as it is; one that has ended makes room for the new one,
    unless whoever asks may only read: what others have had computed stays, and is returned.

    Raises Refused, or what lifecycle.submit does.
    """
    get_object_or_404(Message.objects.select_for_update(), pk=message.pk)  # two may ask at once
    former = Inspection.objects.select_related("generation").filter(message=message, kind=kind)
    known = former.first()
    if known and (known.is_running or (known.tokens and not may_write(user, message.conversation))):
        return known
    model, ask, parameters = _run(message, kind)
    former.delete()
    run = lifecycle.submit(user, model, ask, parameters, Generation.Source.INSPECT, api_key=api_key)
    return Inspection.objects.create(message=message, user=user, kind=kind, generation=run)


@transaction.atomic
def branch(
    user: User, message: Message, place: int, token_id: int, api_key: APIKey | None = None
) -> Message:
    """Another answer beside it: the same up to `place`, then that token, then whatever the model
    makes of it. Raises Refused, or what lifecycle.submit does."""
    known = tokens_of(message.inspections.filter(kind=Kind.SCORE).first())
    choices = known[place].alternatives if 0 <= place < len(known) else ()
    choice = next((one for one in choices if one.id == token_id), None)
    if choice is None:
        raise Refused(_("This token isn’t one of those that could have come there."))
    before = [token.chosen for token in known[:place]]
    begun = [*before, choice]
    whole = tokens.text_of(token.chosen.piece for token in known)
    text = tokens.text_of(one.piece for one in begun)
    thought, said = tokens.parted(text, whole, message.thought, message.content)
    return actions.branch_off(user, message, [one.id for one in begun], said, thought, api_key)


def record(generation: Generation, outcome: Outcome) -> None:
    """Keep what a run has told; called in the transaction that ends it. The run itself goes: its
    log has the answer's text, which belongs to the conversation."""
    if generation.source != Generation.Source.INSPECT:
        return
    found = Inspection.objects.filter(generation=generation)
    if outcome.status == Generation.Status.FAILED:
        found.update(error=outcome.error)
    elif outcome.status == Generation.Status.STOPPED:
        found.update(error=STOPPED)
    else:
        events = TokenLog.default().events(generation.pk)
        told = [row for event in events if isinstance(event, Tokens) for row in event.logprobs]
        found.update(tokens=tokens.pack(told))
    transaction.on_commit(lambda: lifecycle.forget(Generation.objects.filter(pk=generation.pk)))


def tokens_of(inspection: Inspection | None) -> list[tokens.Token]:
    return tokens.unpack(inspection.tokens) if inspection and inspection.tokens else []


def _run(message: Message, kind: Inspection.Kind) -> tuple[AIModel, Ask, dict[str, object]]:
    if message.role != Message.Role.ASSISTANT or not message.content or _is_live(message):
        raise Refused(_("Only answers that have ended can be looked at."))
    made_by = message.generation
    model = made_by.model if made_by else message.conversation.model
    if model is None or not AIModel.objects.usable().filter(pk=model.pk).exists():
        raise Refused(_("The model that wrote this answer isn’t available any more."))
    asked = thread.prompt(message.conversation, message.parent_id)
    if kind == Kind.SCORE:
        answer: str | list[int] = unpack(message.token_ids) or message.content
        return model, Ask(asked, begun=answer, kind=Generation.Kind.SCORE), dict(TOLD)
    if made_by is None:
        raise Refused(_("It isn’t known any more how this answer was made."))
    return model, Ask(asked), {**made_by.parameters, **TOLD}


def _is_live(message: Message) -> bool:
    return message.generation is not None and message.generation.is_live
