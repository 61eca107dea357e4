"""The main job: from signing up to an answer that grows."""

import re
from itertools import pairwise

from playwright.sync_api import expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs


def test_somebody_new_signs_up_and_gets_an_answer(tabs: Tabs) -> None:
    page = tabs.open(None)
    page.get_by_role("link", name="Create an account").click()
    page.get_by_role("textbox", name="Email").fill("newcomer@example.org")
    page.get_by_role("textbox", name="Password").fill("a long password")
    page.get_by_role("button", name="Create account").click()

    screen.send(page, "What can you do?", model="parley-demo")
    screen.wait_for(page, "done")

    assert re.match(rf"{tabs.url}/c/[0-9a-f-]+/$", page.url)
    assert len(screen.text(page)) > 20
    figures = screen.answer(page).locator(".figures").inner_text()
    assert re.search(r"\d+ tokens.*[\d.]+ s.*[\d.]+ tokens/s.*first token [\d.]+ s", figures, re.S)
    assert screen.box(page).input_value() == ""


def test_an_answer_grows_before_ones_eyes(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Tell me everything", model="slow")

    seen = [screen.wait_for_more(page, "")]
    for _ in range(4):
        seen.append(screen.wait_for_more(page, seen[-1], by=5))

    assert all(screen.is_beginning(a, b) for a, b in pairwise(seen))
    expect(screen.answer(page)).to_have_attribute("data-status", "streaming")
    screen.stop(page)


def test_stopping_keeps_what_was_said(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Tell me everything", model="slow")
    before = screen.wait_for_more(page, "")

    screen.stop(page)

    assert screen.is_beginning(before, screen.text(page))
    expect(screen.answer(page).locator(".figures")).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    after = screen.text(page)
    page.wait_for_timeout(500)
    assert screen.text(page) == after


def test_the_next_message_goes_on_with_the_conversation(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")
    address = page.url

    screen.send(page, "What can you do?")
    screen.wait_for(page, "done")

    assert page.url == address
    assert page.locator("article").count() == 4


def test_shift_enter_breaks_the_line(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.box(page).fill("one")
    screen.box(page).press("Shift+Enter")
    screen.box(page).press_sequentially("two")
    screen.box(page).press("Enter")

    shown = page.locator("article[data-role=user] [data-content]")

    expect(shown).to_have_text("one\ntwo", use_inner_text=True)


def test_an_example_fills_the_box(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)

    page.get_by_role("button", name="Tell me a story about a fox").click()

    assert screen.box(page).input_value() == "Tell me a story about a fox"
    expect(screen.box(page)).to_be_focused()


def test_another_model_is_picked(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="slow")
    screen.wait_for_more(page, "")
    screen.stop(page)
    assert screen.answer(page).locator(".message-model").inner_text() == "Slow"

    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")

    assert "demo" in screen.answer(page).locator(".message-model").inner_text()


def test_code_can_be_copied(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, permissions=["clipboard-read", "clipboard-write"])
    screen.send(page, "Write a Python program that prints hello", model="parley-demo")
    screen.wait_for(page, "done")

    screen.content(page).get_by_role("button", name="Copy").first.click()

    shown = screen.content(page).locator("pre").first.inner_text()
    expect(screen.content(page).locator("[data-copied]")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == shown.removesuffix("\n")


def test_an_answer_is_copied_as_markdown(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, permissions=["clipboard-read", "clipboard-write"])
    screen.send(page, "Write a Python program that prints hello", model="parley-demo")
    screen.wait_for(page, "done")

    screen.answer(page).locator("[data-copy-answer]").click()

    expect(screen.answer(page).locator("[data-copy-answer][data-copied]")).to_be_visible()
    assert "```python" in page.evaluate("navigator.clipboard.readText()")
