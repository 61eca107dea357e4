"""Choosing how answers are drawn: for a conversation, for one message, for what is to begin."""

from playwright.sync_api import Locator, Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs

CUT = "Cut at the longest answer allowed"


def dialog(page: Page) -> Locator:
    page.get_by_role("button", name="Parameters").click()
    return page.get_by_role("dialog", name="Parameters")


def test_a_conversation_keeps_its_parameters(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")

    form = dialog(page)
    expect(form.get_by_role("textbox", name="Longest answer")).to_be_empty()
    form.get_by_role("textbox", name="Longest answer").fill("3")
    form.get_by_role("button", name="Save").click()
    expect(form).not_to_be_visible()
    expect(page.get_by_role("button", name="Parameters, 1 set here")).to_be_visible()
    screen.send(page, "What can you do?")
    screen.wait_for(page, "done")

    expect(screen.answer(page).locator(".figures")).to_contain_text(CUT)
    page.reload()
    form = dialog(page)
    field = form.get_by_role("textbox", name="Longest answer")
    expect(field).to_have_value("3")
    expect(form.get_by_text("set here").locator("visible=true")).to_have_count(1)
    form.get_by_role("button", name="Reset Longest answer").click()
    expect(field).to_be_focused()
    expect(field).to_be_empty()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Parameters", exact=True)).to_be_visible()


def test_what_is_for_one_message_is_gone_after_it(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")

    form = dialog(page)
    scope = form.get_by_role("link", name="Next message only")
    scope.click()
    expect(scope).to_have_attribute("aria-current", "true")
    form.get_by_role("textbox", name="Longest answer").fill("none")
    form.get_by_role("button", name="Use").click()
    expect(form.get_by_text("max_tokens must be a whole number.")).to_be_visible()
    form.get_by_role("textbox", name="Longest answer").fill("3")
    form.get_by_role("button", name="Use").click()
    expect(page.get_by_label("Longest answer 3")).to_be_checked()
    screen.send(page, "What can you do?")
    screen.wait_for(page, "done")

    expect(screen.answer(page).locator(".figures")).to_contain_text(CUT)
    expect(page.get_by_label("Longest answer 3")).to_have_count(0)
    screen.send(page, "What can you do?")
    screen.wait_for(page, "done")
    expect(screen.answer(page).locator(".figures")).not_to_contain_text(CUT)


def test_a_chip_that_is_unticked_does_not_count(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    form = dialog(page)
    form.get_by_role("textbox", name="Longest answer").fill("3")
    form.get_by_role("textbox", name="Instructions").fill("Be brief.")
    form.get_by_role("button", name="Use").click()

    page.get_by_label("Longest answer 3").uncheck()
    screen.send(page, "What can you do?", model="parley-demo")
    screen.wait_for(page, "done")

    expect(screen.answer(page).locator(".figures")).not_to_contain_text(CUT)
    form = dialog(page)
    expect(form.get_by_role("textbox", name="Instructions")).to_have_value("Be brief.")
    expect(form.get_by_role("textbox", name="Longest answer")).to_be_empty()
