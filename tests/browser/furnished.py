"""An account as it is after some weeks, to look at each page with something in it."""

import json

from playwright.sync_api import Page

from tests.browser import screen
from tests.browser.conftest import Person
from tests.platform import Platform

MAKE = """
import json
from tests.browser.furniture import furnish
print(json.dumps(furnish({email!r})))
"""


def furnish(platform: Platform, person: Person) -> dict[str, str]:
    """Makes it in the platform's database; the addresses of what was made, by their names."""
    make = MAKE.format(email=person.email)
    told = platform.manage("shell", "--no-imports", "-c", make).splitlines()[-1]
    made: dict[str, str] = json.loads(told)
    return made


def answered(page: Page) -> str:
    """A real answer's number; the page is its conversation's."""
    screen.send(page, "What can you do?", model="parley-demo")
    screen.wait_for(page, "done")
    return str(screen.answer(page).get_attribute("id")).removeprefix("message-")
