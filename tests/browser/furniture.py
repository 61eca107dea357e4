"""Something of everything, for one account of the running platform; see furnished.py."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from conversations.models import Comparison, Conversation, Project, SystemPrompt, Tag
from conversations.sharing.actions import share
from inference.models import AIModel

LONG_WORD = "AveryLongWordWithoutAnySpaceThatCannotBeBrokenAnywhereAtAllInTheWholeTitle"
LONG_TITLE = "A title that is so long that it can never fit into the sidebar nor a phone's head"
ARABIC_QUESTION = "مرحبا، كيف حالك؟ هذا نص من اليمين إلى اليسار."
ARABIC_ANSWER = "أنا بخير، شكرا. هذا جواب قصير."
ANSWER = r"""Here is **a bit of everything**, with `code` and a [link](https://example.org/).

### A heading

1. One
2. Two
   - with a part
- [x] done
- [ ] to do

> A quote of somebody.

```python
def greet(name: str) -> str:
    return f"Hello, {name}, this line does not fit into the column of text: {name * 20}"
```

| Month | Sun, h | Rain, mm | Remarks |
|---|---:|---:|---|
| May | 211 | 64 | The first warm days, and the last cold nights |
| June | 224 | 71 | Long evenings |

Inline maths $e^{i\pi} + 1 = 0$, and a block:

$$\sum_{k=1}^n k = \frac{n(n+1)}{2}$$

Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsverordnungsentwurf.
"""


def furnish(email: str) -> dict[str, str]:
    """The addresses of what it makes."""
    user = User.objects.get(email=email)
    project = _projects(user)
    full = _full(user, project)
    temporary = _talks(user, project)
    return {
        "chat": full.get_absolute_url(),
        "temporary": temporary.get_absolute_url(),
        "shared": f"/s/{share(full).token}/",
        "project": project.get_absolute_url(),
        "prompt": _prompt(user).get_absolute_url(),
        "voted": _compared(user, is_voted=True).get_absolute_url(),
        "blind": _compared(user, is_voted=False).get_absolute_url(),
    }


def _projects(user: User) -> Project:
    name = "Ein Projekt mit einem sehr langen Namen, der nicht in die Zeile passt"
    Project.objects.create(user=user, name=name)
    Project.objects.create(user=user, name="Finished", archived_at=timezone.now())
    return Project.objects.create(
        user=user,
        name="Garden",
        description="What grows when, and where.",
        instructions="Answer briefly.",
        icon="leaf",
        model=AIModel.objects.get(name="parley-demo"),
    )


def _talk(user: User, title: str, *texts: str, days: int = 0, **fields: Any) -> Conversation:
    """`texts` are said in turns, the last one so many days ago."""
    moment = timezone.now() - timedelta(days=days)
    talk = Conversation.objects.create(
        user=user, title=title, created_at=moment, updated_at=moment, **fields
    )
    parent = None
    for number, text in enumerate(texts):
        role = ["user", "assistant"][number % 2]
        parent = talk.messages.create(role=role, content=text, parent=parent, author=user)
    talk.leaf = parent
    talk.save(update_fields=["leaf"])
    return talk


def _full(user: User, project: Project) -> Conversation:
    texts = "Show me a bit of everything, please.", ANSWER, ARABIC_QUESTION, ARABIC_ANSWER
    talk = _talk(user, "A bit of everything", *texts, pinned_at=timezone.now(), project=project)
    first, *_, last = talk.messages.order_by("pk")
    talk.messages.create(role="assistant", content="Another one.", parent=first, author=user)
    last.thought, last.thinking_seconds = "What would be polite?", 3.2
    last.save()
    talk.tags.add(*(Tag.objects.create(user=user, name=name) for name in ("ideas", "work")))
    return talk


def _talks(user: User, project: Project) -> Conversation:
    """Those that fill the sidebar; a temporary one, which is not in it."""
    for day in range(32):
        _talk(user, f"What happened on day {day}?", "Tell me", "Nothing.", days=1 + day * 3)
    for title in (LONG_TITLE, LONG_WORD, "مرحبا بالعالم"):
        _talk(user, title, "Hi", "Hello", project=project)
    _talk(user, "An unread answer", "Tell me", "Here it is.", is_unread=True)
    for number in range(3):
        _talk(user, f"Archived {number}", "Hi", "Hello", archived_at=timezone.now())
    return _talk(user, "Passing by", "Hi", "Hello", is_temporary=True)


def _prompt(user: User) -> SystemPrompt:
    SystemPrompt.objects.create(
        user=user, name="Teacher", prompt="Explain it to a child.", visibility="private"
    )
    text = "Translate into {{language}}:\n{{text}}"
    prompt = SystemPrompt.objects.create(
        user=user, name="Translator", prompt=text, tags=["language", "work"], version=2
    )
    prompt.versions.create(number=1, text="Translate this.")
    prompt.versions.create(number=2, text=text)
    return prompt


def _compared(user: User, is_voted: bool) -> Comparison:
    """Blind."""
    comparison = Comparison.objects.create(user=user, prompt="What is a fox?", is_blind=True)
    text = "A **small** animal.\n\n- red\n- quick"
    for number, name in enumerate(("parley-demo", "slow")):
        model = AIModel.objects.get(name=name)
        comparison.answers.create(position=number, model=model, model_name=str(model), content=text)
    if is_voted:
        comparison.verdict, comparison.winner = "winner", comparison.answers.first()
        comparison.voted_at, comparison.voted_blind = timezone.now(), True
        comparison.save()
    return comparison
