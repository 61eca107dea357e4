"""The sidebar: renaming, deleting, on a wide screen and on a narrow one."""

import re

from playwright.sync_api import Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def entry(page: Page, title: str) -> object:
    return page.locator(".entry", has_text=title)


def choose(page: Page, title: str, action: str) -> None:
    row = page.locator(".entry", has_text=title)
    row.hover()
    row.get_by_role("button", name="Options").click()
    page.get_by_role("menuitem", name=action).click()


def begin(page: Page, text: str) -> None:
    screen.send(page, text, model="parley-demo")
    screen.wait_for(page, "done")


def test_renaming(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    other = tabs.open(alice, beside=page)

    choose(page, "Hello there", "Rename")
    page.get_by_label("Title").fill("Greetings")
    page.get_by_role("button", name="Rename").click()

    for tab in (page, other):
        expect(tab.get_by_role("link", name="Greetings")).to_be_visible()
        expect(tab.get_by_role("link", name="Hello there")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("h1")).to_have_text("Greetings")
    expect(page).to_have_title("Greetings · Parley")


def test_a_title_that_will_not_do_is_explained_in_the_dialog(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")

    choose(page, "Hello there", "Rename")
    page.get_by_label("Title").fill("  ")
    page.get_by_label("Title").press("Enter")

    expect(page.get_by_role("dialog")).to_contain_text("A conversation needs a title.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("link", name="Hello there")).to_be_visible()


def test_deleting(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    address = page.url
    other = tabs.open(alice, beside=page)

    choose(page, "Hello there", "Delete")

    expect(page).to_have_url(f"{tabs.url}/")
    expect(page.get_by_role("link", name="Hello there")).to_have_count(0)
    expect(other.get_by_role("link", name="Hello there")).to_have_count(0)
    assert page.goto(address).status == 404  # type: ignore[union-attr]


def test_a_page_whose_conversation_is_deleted_elsewhere_keeps_what_was_typed(
    tabs: Tabs, alice: Person
) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    other = tabs.open(alice, beside=page)
    screen.box(page).fill("Half a thought")

    choose(other, "Hello there", "Delete")

    expect(page.get_by_text("This conversation was deleted.")).to_be_visible()
    expect(page.locator("article")).to_have_count(0)
    assert screen.box(page).input_value() == "Half a thought"
    page.get_by_role("link", name="Start a new one").click()
    expect(screen.box(page)).to_have_value("Half a thought")


def test_the_latest_conversation_is_first(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    first = page.url
    page.get_by_role("link", name="New chat").first.click()
    begin(page, "What can you do?")
    expect(page.locator(".entry-link").first).to_have_text("What can you do?")

    page.goto(first)
    begin(page, "Hello again")

    expect(page.locator(".entry-link")).to_have_text(["Hello there", "What can you do?"])
    expect(page.locator(".entry-link[aria-current=page]")).to_have_text("Hello there")


def test_the_sidebar_collapses_and_stays_so(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")

    page.locator("#collapse").click()
    expect(page.get_by_role("link", name="Hello there")).to_be_hidden()

    page.reload()
    expect(page.get_by_role("link", name="Hello there")).to_be_hidden()
    page.locator("#collapse").click()
    expect(page.get_by_role("link", name="Hello there")).to_be_visible()


def test_on_a_phone_it_lies_over_the_page(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, **PHONE)
    begin(page, "Hello there")
    link = page.get_by_role("link", name="Hello there")
    expect(link).to_be_hidden()

    page.get_by_role("button", name="Open the sidebar").tap()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(page.get_by_role("button", name="Open the sidebar")).to_be_focused()

    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width == 390


def test_the_theme_is_chosen_and_kept(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, color_scheme="light")
    page.get_by_role("button", name="Account and theme").click()
    page.get_by_role("button", name="Dark").click()

    page.reload()

    assert _brightness(page) < 64
    page.get_by_role("button", name="Account and theme").click()
    page.get_by_role("button", name="Light").click()
    assert _brightness(page) > 192


def _brightness(page: Page) -> int:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return int(re.findall(r"\d+", colour)[0])
