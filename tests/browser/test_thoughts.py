"""Thoughts of reasoning models, as one sees them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import thinking_model
from tests.browser import screen
from tests.browser.conftest import Person, Tabs
from tests.platform import Platform

THOUGHT = thinking_model.THOUGHT.replace("*", "")


@pytest.fixture(scope="module", autouse=True)
def thinking(platform: Platform) -> Iterator[None]:
    platform.add_thinking_model()
    yield


def thought(page: Page) -> Locator:
    return screen.answer(page).locator("details.thought")


def test_one_can_look_on_while_it_thinks(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "How was your day?", model="thinking")
    expect(thought(page)).to_contain_text("Thinking…", timeout=30_000)
    text = thought(page).get_by_text("The question is short")
    expect(text).to_be_hidden()

    thought(page).locator("summary").click()
    expect(text).to_be_visible()

    screen.wait_for(page, "done")
    expect(thought(page)).to_contain_text("Thought for")
    expect(text).to_be_visible()  # as it was left
    expect(thought(page).locator("strong")).to_have_text("first")
    assert THOUGHT in thought(page).inner_text()
    assert screen.text(page) == thinking_model.ANSWER
    expect(page.locator("#announcer")).to_have_text("The answer is complete.")

    screen.send(page, "And now?")
    expect(thought(page)).to_have_attribute("open", "")  # as the last one
    thought(page).locator("summary").press("Enter")
    expect(thought(page)).not_to_have_attribute("open", "")
    page.reload()
    screen.wait_for(page, "done")
    expect(thought(page)).not_to_have_attribute("open", "")
    assert screen.text(page) == thinking_model.ANSWER


def test_a_thought_that_was_cut_goes_on(tabs: Tabs, alice: Person, platform: Platform) -> None:
    limit_answers(platform, 10)
    page = tabs.open(alice)
    screen.send(page, "How was your day?", model="thinking")
    screen.wait_for(page, "done")
    expect(thought(page)).to_contain_text("Thought for")
    assert screen.text(page) == ""
    limit_answers(platform, None)

    screen.answer(page).get_by_role("button", name="Continue").click()

    expect(screen.content(page)).to_have_text(thinking_model.ANSWER)
    screen.wait_for(page, "done")
    thought(page).locator("summary").click()
    assert THOUGHT in thought(page).inner_text()


def limit_answers(platform: Platform, tokens: int | None) -> None:
    change = f"AIModel.objects.filter(name='thinking').update(max_tokens={tokens})"
    code = f"from inference.models import AIModel; {change}"
    platform.manage("shell", "--no-imports", "-c", code)
