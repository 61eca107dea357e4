"""What a person does who leaves the mouse alone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs
from tests.browser.test_conversations import begin


@pytest.fixture
def page(tabs: Tabs, alice: Person) -> Page:
    return tabs.open(alice, permissions=["clipboard-read", "clipboard-write"])


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Commands and chats")


def chosen(page: Page) -> Locator:
    return page.locator("#palette [aria-selected=true]")


def test_a_chat_is_found_by_a_few_letters(page: Page, tabs: Tabs) -> None:
    begin(page, "Hello to the xylophone")
    chat = page.url
    page.goto(f"{tabs.url}/projects/")

    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    page.keyboard.type("xylo")
    expect(chosen(page).locator("mark").first).to_have_text("xylophone")
    expect(field(page)).to_have_attribute(
        "aria-activedescendant", str(chosen(page).get_attribute("id"))
    )
    page.keyboard.press("Enter")

    expect(page.locator("article[data-role=user]")).to_contain_text("xylophone")
    assert page.url.startswith(chat)


def test_commands_are_chosen_with_arrows_and_typed_ahead(page: Page, tabs: Tabs) -> None:
    page.keyboard.press("Control+k")
    expect(chosen(page)).to_contain_text("New chat")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_contain_text("Temporary chat")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(chosen(page)).to_contain_text("Sign out")

    page.keyboard.type("archived")
    page.keyboard.press("Enter")  # before the list has come

    expect(page).to_have_url(f"{tabs.url}/archive/")


def test_the_palette_works_the_controls_of_the_page(page: Page) -> None:
    begin(page, "Hello there")
    page.keyboard.press("Control+k")
    page.keyboard.type("dark")
    expect(chosen(page)).to_contain_text("Dark theme")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(screen.box(page)).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("rename")
    expect(chosen(page)).to_contain_text("Rename this chat")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Title")).to_be_focused()


def test_escape_closes_the_palette_and_gives_the_focus_back(page: Page) -> None:
    screen.box(page).fill("Half a thought")
    page.keyboard.press("Control+k")
    page.keyboard.type("nothing is called like this")
    expect(chosen(page)).to_contain_text("Search all chats")
    page.keyboard.press("Escape")

    expect(field(page)).to_be_hidden()
    expect(screen.box(page)).to_be_focused()
    expect(screen.box(page)).to_have_value("Half a thought")


def test_a_slash_or_shift_escape_goes_to_the_box(page: Page) -> None:
    for keys in ("/", "Shift+Escape"):
        page.locator("#new-chat").focus()
        page.keyboard.press(keys)
        expect(screen.box(page)).to_be_focused()
        expect(screen.box(page)).to_have_value("")


def test_escape_stops_the_answer(page: Page) -> None:
    screen.send(page, "Tell me everything", model="slow")
    screen.wait_for_more(page, "")
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")  # closes what lies over the page, and no more
    screen.wait_for_more(page, screen.text(page))

    page.keyboard.press("Escape")

    screen.wait_for(page, "stopped")


def test_the_last_answer_is_copied_and_the_last_message_edited(page: Page) -> None:
    begin(page, "Write a Python program that prints hello")

    page.keyboard.press("Control+Shift+;")
    expect(page.locator("[data-copy-answer][data-copied]")).to_be_visible()
    assert "```python" in page.evaluate("navigator.clipboard.readText()")

    page.keyboard.press("ArrowUp")
    editor = page.get_by_role("textbox", name="Edit your message")
    expect(editor).to_be_focused()
    page.keyboard.press("Escape")
    expect(editor).to_have_count(0)


def test_a_question_mark_tells_the_keys_which_can_be_turned_off(page: Page) -> None:
    page.locator("#new-chat").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Ctrl+K")
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")

    page.locator("#new-chat").focus()
    page.keyboard.press("?")
    page.keyboard.press("/")

    expect(dialog).to_be_hidden()
    expect(page.locator("#new-chat")).to_be_focused()


def test_the_focus_stays_when_the_list_is_drawn_anew(page: Page) -> None:
    begin(page, "Hello there")
    page.get_by_role("link", name="New chat").first.click()
    expect(page.get_by_role("heading", name="What would you like to talk about?")).to_be_visible()
    begin(page, "What can you do?")
    entry = page.locator(".entry", has_text="Hello there")
    entry.get_by_role("link").focus()
    page.keyboard.press("F2")
    page.get_by_label("Title").fill("Greetings")
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="Greetings")).to_be_focused()
