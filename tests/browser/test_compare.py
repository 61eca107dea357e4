"""Comparing models side by side, blind, in two tabs, and on a phone."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs


def ask(page: Page, prompt: str, *models: str, blind: bool = False) -> None:
    for model in models:
        page.get_by_role("group", name="Models").get_by_label(model, exact=True).check()
    if blind:
        page.get_by_label("Hide the names until I have voted").check()
    page.get_by_label("One prompt, to several models at once").fill(prompt)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compared")).to_have_count(len(models))


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def text(column: Locator) -> str:
    return column.locator(".answer").inner_text()


def test_answers_grow_side_by_side(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/compare/")
    ask(page, "What can you do?", "Parley demo", "Slow")

    quick, slow = column(page, "Parley demo"), column(page, "Slow")
    expect(quick).to_have_attribute("data-status", "done")
    expect(quick.locator(".figures")).to_contain_text("tokens")
    expect(slow).to_have_attribute("data-status", "streaming")
    expect(slow.locator(".answer")).not_to_be_empty()
    before = text(slow)
    page.reload()
    expect(slow.locator(".answer")).not_to_be_empty()
    assert screen.is_beginning(before, text(slow))

    slow.get_by_role("button", name="Stop Slow").click()

    expect(slow).to_have_attribute("data-status", "stopped")
    expect(page.get_by_role("heading", name="Which answer is best?")).to_be_visible()
    page.get_by_role("button", name="Parley demo", exact=True).click()
    expect(quick.get_by_text("best")).to_be_visible()
    expect(page.get_by_role("button", name="Parley demo", exact=True)).to_be_focused()
    quick.get_by_role("button", name="Carry on with this").click()
    page.wait_for_url(re.compile("/c/"))
    screen.send(page, "Hello")
    screen.wait_for(page, "done")
    assert page.locator("article").count() == 4


def test_a_blind_one_shows_the_names_in_all_tabs_after_the_vote(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/compare/")
    ask(page, "Tell me a story", "Parley demo", "Parley demo mini", blind=True)
    other = tabs.open(None, page.url.removeprefix(tabs.url), beside=page)
    for tab in (page, other):
        expect(tab.get_by_role("heading", name="Which answer is best?")).to_be_visible()
        assert "demo" not in tab.locator("main").inner_html()

    page.get_by_role("button", name="All are good").click()

    for tab in (page, other):
        expect(tab.get_by_role("heading", name="Your vote")).to_be_visible()
        expect(column(tab, "A · Parley demo")).to_be_visible()
    page.get_by_role("button", name="Again with another seed").click()
    expect(page.get_by_role("heading", name="Which answer is best?")).to_be_visible()
    assert "demo" not in page.locator("main").inner_html()


def test_on_a_phone_one_swipes_from_answer_to_answer(tabs: Tabs, alice: Person) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    page = tabs.open(alice, "/compare/", **phone)
    ask(page, "Hello", "Parley demo", "Parley demo mini")

    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] == widths[1]
    expect(column(page, "Parley demo mini")).not_to_be_in_viewport(ratio=0.3)
    page.locator(".columns").evaluate("columns => columns.scrollTo(1000, 0)")
    expect(column(page, "Parley demo mini")).to_be_in_viewport(ratio=0.9)


def test_too_few_models_keep_what_was_typed(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/compare/")
    page.get_by_label("One prompt, to several models at once").fill("Hello")
    page.get_by_role("button", name="Compare").click()

    expect(page.get_by_text("Choose two, three or four models.")).to_be_visible()
    expect(page.get_by_label("One prompt, to several models at once")).to_have_value("Hello")
