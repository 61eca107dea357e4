"""An account with something of everything in it, to look at each page as it is after some weeks."""

import json

from playwright.sync_api import Page

from tests.browser import screen
from tests.browser.conftest import Person
from tests.platform import Platform

MAKE = r'''
import json
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from conversations.models import *
from conversations.sharing.actions import share
from inference.models import AIModel
user = User.objects.get(email="EMAIL")
model = AIModel.objects.get(name="parley-demo")
now = timezone.now()
project = Project.objects.create(user=user, name="Garden", description="What grows when, and where.",
    instructions="Answer briefly.", icon="leaf", model=model)
Project.objects.create(user=user, name="Ein Projekt mit einem sehr langen Namen, der nicht in die Zeile passt")
Project.objects.create(user=user, name="Finished", archived_at=now)
tag = Tag.objects.create(user=user, name="ideas")
work = Tag.objects.create(user=user, name="work")

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
    return f"Hello, {name}, this is a long line that does not fit into the column of text: {name * 20}"
```

| Month | Sun, h | Rain, mm | Remarks |
|---|---:|---:|---|
| May | 211 | 64 | The first warm days, and the last cold nights |
| June | 224 | 71 | Long evenings |

Inline maths $e^{i\pi} + 1 = 0$, and a block:

$$\sum_{k=1}^n k = \frac{n(n+1)}{2}$$

Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsverordnungsentwurf.
"""

def talk(title, *texts, days=0, **fields):
    moment = now - timedelta(days=days)
    made = Conversation.objects.create(user=user, title=title, model=model, updated_at=moment, created_at=moment, **fields)
    parent = None
    for n, text in enumerate(texts):
        parent = made.messages.create(role=["user", "assistant"][n % 2], content=text, parent=parent, author=user)
    made.leaf = parent
    made.save(update_fields=["leaf"])
    return made

for n in range(32):
    talk(f"What happened on day {n}?", "Tell me", "Nothing much.", days=1 + n * 3)
full = talk("A bit of everything", "Show me a bit of everything, please. " * 6, ANSWER,
    "مرحبا، كيف حالك؟ هذا نص من اليمين إلى اليسار.", "أنا بخير، شكرا. هذا جواب قصير.", pinned_at=now, project=project)
first = full.messages.order_by("pk").first()
full.messages.create(role="assistant", content="Another answer.", parent=first, author=user)
full.messages.filter(content__startswith="أنا").update(thought="What would be polite?", thinking_seconds=3.2)
full.tags.add(tag, work)
talk("An unread answer", "Tell me", "Here it is.", is_unread=True).tags.add(tag)
talk("A title that is so long that it can never fit into the sidebar nor into the head of a phone", "Hi", "Hello", project=project)
talk("AveryLongWordWithoutAnySpaceThatCannotBeBrokenAnywhereAtAllInTheWholeTitle", "Hi", "Hello")
talk("مرحبا بالعالم", "Hi", "Hello")
for n in range(3):
    talk(f"Archived {n}", "Hi", "Hello", archived_at=now)
temporary = talk("Passing by", "Hi", "Hello", is_temporary=True)
prompt = SystemPrompt.objects.create(user=user, name="Translator", description="Into any language",
    prompt="Translate into {{language}}:\n{{text}}", tags=["language", "work"], version=2)
prompt.versions.create(number=1, text="Translate this.")
prompt.versions.create(number=2, text=prompt.prompt)
SystemPrompt.objects.create(user=user, name="Teacher", prompt="Explain it to a child.", visibility="public")

def compared(voted, **fields):
    made = Comparison.objects.create(user=user, prompt="What is a fox?", **fields)
    for n, name in enumerate(["parley-demo", "slow"]):
        model = AIModel.objects.filter(name=name).first()
        made.answers.create(position=n, model=model, model_name=str(model), content="A **small** animal.\n\n- red\n- quick")
    if voted:
        made.verdict, made.winner, made.voted_at, made.voted_blind = "winner", made.answers.first(), now, True
        made.save()
    return made

voted = compared(True, is_blind=True)
blind = compared(False, is_blind=True)
print(json.dumps({
    "chat": f"/c/{full.pk}/", "temporary": f"/c/{temporary.pk}/", "project": f"/projects/{project.pk}/",
    "prompt": f"/prompts/{prompt.pk}/", "voted": f"/compare/{voted.pk}/", "blind": f"/compare/{blind.pk}/",
    "shared": f"/s/{share(full).token}/",
}))
'''


def furnish(platform: Platform, person: Person) -> dict[str, str]:
    """Makes it; the addresses of what was made."""
    make = MAKE.replace("EMAIL", person.email)
    made: dict[str, str] = json.loads(
        platform.manage("shell", "--no-imports", "-c", make).splitlines()[-1]
    )
    return made


def answered(page: Page) -> str:
    """A real answer's number; the page is its conversation's."""
    screen.send(page, "What can you do?", model="parley-demo")
    screen.wait_for(page, "done")
    return str(screen.answer(page).get_attribute("id")).removeprefix("message-")
