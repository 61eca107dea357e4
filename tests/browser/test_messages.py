"""Editing, asking again, going from version to version, and what else is done with a message."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs
from tests.browser.test_conversations import PHONE, begin


def messages(page: Page) -> Locator:
    return page.locator("article [data-content]")


def question(page: Page) -> Locator:
    """The last one."""
    return page.locator("article[data-role=user]").last


def press(message: Locator, name: str) -> None:
    message.hover()
    message.get_by_role("button", name=name, exact=True).click()


def edit(page: Page) -> Locator:
    """The box in the place of the last question."""
    press(question(page), "Edit")
    box = page.get_by_role("textbox", name="Edit your message")
    expect(box).to_be_focused()
    return box


def top(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["y"]


def test_edit_arrows_and_again_in_two_tabs(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    other = tabs.open(alice, page.url.removeprefix(tabs.url), beside=page)
    first_answer = screen.text(page)

    edit(page).fill("What can you do?")
    page.keyboard.press("Control+Enter")

    for tab in (page, other):
        expect(messages(tab).first).to_have_text("What can you do?")
        screen.wait_for(tab, "done")
        expect(question(tab).get_by_text("2 / 2")).to_be_visible()
    expect(page.get_by_role("textbox", name="Edit your message")).to_have_count(0)

    question(other).get_by_role("button", name="Previous version").click()

    for tab in (page, other):
        expect(messages(tab)).to_have_text(["Hello there", first_answer], use_inner_text=True)
    expect(other.get_by_role("button", name="Previous version")).to_be_focused()

    press(screen.answer(page), "Answer again")
    page.locator("#message-menu").get_by_role("button", name="Parley demo").first.click()

    for tab in (page, other):
        expect(screen.answer(tab).get_by_text("2 / 2")).to_be_visible()
        screen.wait_for(tab, "done")
    expect(page.locator("#message-menu")).to_be_hidden()


def test_arrows_are_used_by_keyboard_and_stay_in_their_place(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, viewport={"width": 390, "height": 400})  # less than any of the answers
    begin(page, "Tell me a story about a fox")
    press(screen.answer(page), "Answer again")
    page.locator("#message-menu").get_by_role("button", name="Parley demo").first.press("Enter")
    expect(screen.answer(page).get_by_text("2 / 2")).to_be_visible()
    screen.wait_for(page, "done")
    second = screen.answer(page).get_attribute("id")
    before = page.get_by_role("button", name="Previous version")
    before.focus()
    place = top(before)

    page.keyboard.press("Enter")

    expect(screen.answer(page).get_by_text("1 / 2")).to_be_visible()
    expect(before).to_be_focused()
    assert abs(top(before) - place) < 3
    page.keyboard.press("Enter")  # there is none before it
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{second}")).to_be_visible()
    expect(page.get_by_role("button", name="Next version")).to_be_focused()


def test_escape_leaves_a_message_as_it_was(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")

    edit(page).fill("Something else")
    page.keyboard.press("Escape")

    expect(messages(page).first).to_be_visible()
    expect(messages(page).first).to_have_text("Hello there")
    expect(question(page).get_by_role("button", name="Edit")).to_be_focused()
    expect(edit(page)).to_have_value("Hello there")


def test_what_is_typed_outlives_what_other_tabs_do(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    other = tabs.open(alice, page.url.removeprefix(tabs.url), beside=page)
    box = edit(page)
    box.fill("Half a thought")

    press(screen.answer(other), "Answer again")
    other.locator("#message-menu").get_by_role("button", name="Parley demo").first.click()
    expect(screen.answer(page).get_by_text("2 / 2")).to_be_visible()

    expect(box).to_have_value("Half a thought")
    expect(box).to_be_focused()
    page.reload()
    expect(edit(page)).to_have_value("Half a thought")


def test_what_is_typed_comes_back_with_its_branch(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    other = tabs.open(alice, page.url.removeprefix(tabs.url), beside=page)
    box = edit(page)
    box.fill("Half a thought")

    edit(other).fill("What can you do?")
    other.keyboard.press("Control+Enter")
    expect(messages(page).first).to_have_text("What can you do?")
    expect(box).to_have_count(0)
    question(other).get_by_role("button", name="Previous version").click()

    expect(box).to_have_value("Half a thought")


def test_while_an_answer_is_written_an_edit_waits_with_its_text(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Tell me everything", model="slow")
    screen.wait_for_more(page, "")
    box = edit(page)
    box.fill("Tell me less")

    page.get_by_role("button", name="Send").first.click()

    expect(page.locator("#notice")).to_contain_text("An answer is still being written.")
    expect(box).to_have_value("Tell me less")
    screen.stop(page)
    box.press("Control+Enter")
    expect(messages(page).first).to_have_text("Tell me less")
    screen.stop(page)


def test_another_branch_can_be_read_while_an_answer_grows(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    press(screen.answer(page), "Answer again")
    page.locator("#message-menu").get_by_role("button", name="Slow").click()
    expect(screen.answer(page)).to_have_attribute("data-status", "streaming", timeout=20_000)
    grown = screen.wait_for_more(page, "")

    screen.answer(page).get_by_role("button", name="Previous version").click()
    expect(screen.answer(page).get_by_text("1 / 2")).to_be_visible()
    screen.wait_for(page, "done")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()

    screen.answer(page).get_by_role("button", name="Next version").click()
    screen.wait_for(page, "streaming")
    assert screen.is_beginning(grown, screen.wait_for_more(page, grown))
    screen.stop(page)


def test_an_answer_is_rated_and_the_rating_stays(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    good = screen.answer(page).get_by_role("button", name="Good answer")
    bad = screen.answer(page).get_by_role("button", name="Bad answer")

    press(screen.answer(page), "Good answer")
    expect(good).to_have_attribute("aria-pressed", "true")
    expect(good).to_be_focused()

    press(screen.answer(page), "Bad answer")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Not correct").check()
    dialog.get_by_label("Comment").fill("It is a fox.")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_be_hidden()
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(good).to_have_attribute("aria-pressed", "false")

    page.reload()
    expect(bad).to_have_attribute("aria-pressed", "true")
    press(screen.answer(page), "Bad answer")
    expect(dialog.get_by_label("Comment")).to_have_value("It is a fox.")
    dialog.get_by_role("button", name="Withdraw").click()
    expect(bad).to_have_attribute("aria-pressed", "false")


def test_a_rating_is_seen_in_the_other_tab(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    other = tabs.open(alice, page.url.removeprefix(tabs.url), beside=page)
    good, same = (
        screen.answer(tab).get_by_role("button", name="Good answer") for tab in (page, other)
    )

    press(screen.answer(page), "Good answer")
    expect(same).to_have_attribute("aria-pressed", "true")
    expect(good).to_be_focused()

    press(screen.answer(other), "Good answer")
    expect(good).to_have_attribute("aria-pressed", "false")
    expect(good).to_be_focused()


def test_details_tell_the_seed_and_copy_it(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, permissions=["clipboard-read", "clipboard-write"])
    begin(page, "Hello there")

    press(screen.answer(page), "Details")

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Details of the answer")).to_be_visible()
    dialog.get_by_role("button", name="Copy Seed").click()
    expect(dialog.locator("[data-copied]")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").isdecimal()
    dialog.get_by_role("link", name="Close").click()
    expect(dialog).to_be_hidden()


def test_on_a_phone_the_rest_is_in_a_sheet(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, **PHONE)
    begin(page, "Hello there")
    good = screen.answer(page).get_by_role("button", name="Good answer")
    expect(screen.answer(page).get_by_role("button", name="Copy")).to_be_visible()
    expect(good).to_be_hidden()

    screen.answer(page).get_by_role("button", name="More").tap()
    good.tap()

    expect(good).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.scrollingElement.scrollWidth") == 390


def test_without_scripts_everything_is_a_page(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    plain = tabs.open(alice, page.url.removeprefix(tabs.url), java_script_enabled=False)

    press(question(plain), "Edit")
    plain.get_by_role("textbox", name="Edit your message").fill("What can you do?")
    plain.get_by_role("button", name="Send").click()
    expect(messages(plain).first).to_have_text("What can you do?")

    question(plain).get_by_role("button", name="Previous version").click()
    expect(messages(plain).first).to_have_text("Hello there")
    press(screen.answer(plain), "Bad answer")
    plain.get_by_label("Harmful").check()
    plain.get_by_role("button", name="Send").click()
    expect(plain).to_have_url(re.compile(r"/c/.*#message-\d+$"))
    press(screen.answer(plain), "Details")
    expect(plain.get_by_text("Seed")).to_be_visible()
