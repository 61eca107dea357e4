"""A conversation of many messages: the last are there at once, others come as one reads back."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs
from tests.platform import Platform

MESSAGES = 160
MAKE = """
from accounts.models import User
from conversations.models import Conversation
user = User.objects.get(email="{email}")
talk = Conversation.objects.create(user=user, title="Long")
parent = None
for number in range({count}):
    role = "assistant" if number % 2 else "user"
    text = f"Number {{number}}.\\n\\n" + "So on.\\n\\n" * 8
    parent = talk.messages.create(role=role, content=text, parent=parent, author=user)
talk.leaf = parent
talk.save()
print(talk.pk)
"""

FIRST_IN_SIGHT = """() => {
  const top = document.querySelector("#thread").getBoundingClientRect().top;
  const messages = [...document.querySelectorAll("article")];
  return messages.find((message) => message.getBoundingClientRect().bottom > top).id;
}"""


@pytest.fixture
def page(tabs: Tabs, alice: Person, platform: Platform) -> Page:
    make = MAKE.format(email=alice.email, count=MESSAGES)
    talk = platform.manage("shell", "--no-imports", "-c", make).splitlines()[-1]
    return tabs.open(alice, f"/c/{talk}/")


def count(page: Page) -> int:
    return page.locator("article").count()


def distance_to_end(page: Page) -> int:
    script = (
        "({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight"
    )
    return int(page.locator("#thread").evaluate(script))


def test_it_opens_at_its_end(page: Page) -> None:
    expect(page.locator("article").last).to_contain_text(f"Number {MESSAGES - 1}.")
    expect(page.locator("article").last).to_be_in_viewport()
    assert count(page) == 30
    assert distance_to_end(page) < 2


def test_earlier_messages_come_while_one_reads_and_nothing_jumps(page: Page) -> None:
    page.locator("#thread").evaluate("(thread) => { thread.scrollTop = 900; }")
    read = page.locator(f"#{page.evaluate(FIRST_IN_SIGHT)}")
    before = read.bounding_box()
    expect(page.locator("article")).to_have_count(60)
    after = read.bounding_box()

    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 3


def test_one_gets_to_the_first_message(page: Page) -> None:
    page.mouse.move(700, 400)
    while count(page) < MESSAGES:
        page.mouse.wheel(0, -4000)
        page.wait_for_timeout(50)

    expect(page.locator("article").first).to_contain_text("Number 0.")
    expect(page.locator(".earlier")).to_have_count(0)
    numbers = page.locator("article").evaluate_all("all => all.map(one => Number(one.id.slice(8)))")
    assert numbers == sorted(set(numbers))


def test_who_reads_back_is_left_alone_by_a_new_answer(page: Page) -> None:
    screen.box(page).fill("Hello")
    screen.box(page).press("Enter")
    expect(page.locator("article")).to_have_count(32)
    screen.wait_for(page, "done")
    assert distance_to_end(page) < 2
    page.get_by_label("Model").select_option("slow")
    screen.box(page).fill("Tell me everything")
    screen.box(page).press("Enter")
    expect(page.locator("article")).to_have_count(34)
    text = screen.wait_for_more(page, "")

    page.locator("#thread").evaluate("(thread) => { thread.scrollTop -= 2500; }")
    read = page.locator(f"#{page.evaluate(FIRST_IN_SIGHT)}")
    before = read.bounding_box()
    screen.wait_for_more(page, text, by=40)

    assert read.bounding_box() == before
    page.get_by_role("button", name="Jump to the end").click()
    assert distance_to_end(page) < 2
    screen.stop(page)
