"""What a person does with conversations in the sidebar, by mouse and by keyboard."""

from playwright.sync_api import Locator, Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs
from tests.browser.test_conversations import PHONE, begin, choose

ENDS_SOON = """(form) => form.insertAdjacentHTML(
  "beforeend", "<input type=hidden name=next-max_tokens value=200>"
)"""
"""But not before one has left the page."""


def entries(page: Page) -> Locator:
    return page.locator(".entry-link")


def two_chats(page: Page) -> None:
    begin(page, "Hello there")
    page.get_by_role("link", name="New chat").first.click()
    begin(page, "What can you do?")
    expect(entries(page)).to_have_text(["What can you do?", "Hello there"])


def test_deleting_can_be_undone_where_one_is(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    two_chats(page)
    other = tabs.open(alice, beside=page)

    choose(page, "Hello there", "Delete")

    for tab in (page, other):
        expect(entries(tab)).to_have_text(["What can you do?"])
    page.get_by_role("alert").get_by_role("button", name="Undo").click()
    for tab in (page, other):
        expect(entries(tab)).to_have_text(["What can you do?", "Hello there"])
    expect(page.get_by_text("Conversation deleted.")).to_have_count(0)
    expect(other.get_by_text("Conversation deleted.")).to_have_count(0)


def test_deleting_what_is_open_can_be_undone_too(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    address = page.url

    choose(page, "Hello there", "Delete")
    expect(page).to_have_url(f"{tabs.url}/")
    expect(page.get_by_text("Conversation deleted.")).to_be_visible()
    expect(entries(page)).to_have_count(0)

    page.get_by_role("button", name="Undo").click()

    expect(page).to_have_url(address)
    expect(page.locator("article")).to_have_count(2)
    expect(entries(page)).to_have_text(["Hello there"])


def test_deleting_and_undoing_by_keyboard(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    two_chats(page)
    row = page.locator(".entry", has_text="Hello there")

    row.get_by_role("button", name="Options").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(entries(page)).to_have_text(["What can you do?", "Hello there"])


def test_on_a_phone_the_way_back_is_in_sight(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, **PHONE)
    begin(page, "Hello there")
    page.goto(f"{tabs.url}/archive/")
    page.get_by_role("button", name="Open the sidebar").tap()
    page.get_by_role("button", name="Options").tap()
    page.get_by_role("menuitem", name="Delete").tap()

    page.get_by_role("button", name="Undo").tap()

    expect(page.locator(".entry")).to_have_count(1)


def test_pinning(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    two_chats(page)
    other = tabs.open(alice, beside=page)

    choose(page, "Hello there", "Pin")

    for tab in (page, other):
        expect(entries(tab)).to_have_text(["Hello there", "What can you do?"])
        expect(tab.get_by_role("heading", name="Pinned")).to_be_visible()
    choose(other, "Hello there", "Unpin")
    for tab in (page, other):
        expect(entries(tab)).to_have_text(["What can you do?", "Hello there"])
        expect(tab.get_by_role("heading", name="Pinned")).to_have_count(0)


def test_renaming_by_keyboard(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    two_chats(page)

    page.get_by_role("link", name="Hello there").focus()
    page.keyboard.press("F2")
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type("Greetings")
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(entries(page)).to_have_text(["What can you do?", "Greetings"])


def test_a_double_click_renames_what_is_open(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")

    page.get_by_role("link", name="Hello there").dblclick()

    expect(page.get_by_label("Title")).to_have_value("Hello there")


def test_tags_are_typed_and_filter_the_list(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    two_chats(page)

    choose(page, "Hello there", "Tags")
    field = page.get_by_role("dialog").locator("input:visible")
    field.fill("work")
    field.press("Enter")
    field.fill("ideas, later")
    page.get_by_role("button", name="Remove: work").click()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="#ideas").click()
    expect(entries(page)).to_have_text(["Hello there"])
    begin(page, "And now?")
    expect(entries(page)).to_have_text(["Hello there"])
    page.get_by_role("link", name="Only ideas").click()
    expect(entries(page)).to_have_text(["What can you do?", "Hello there"])
    expect(page.get_by_role("link", name="#later")).to_be_visible()


def test_archiving_and_back(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    begin(page, "Hello there")
    page.get_by_role("link", name="New chat").first.click()

    choose(page, "Hello there", "Archive")
    expect(entries(page)).to_have_count(0)
    page.goto(f"{tabs.url}/archive/")
    page.get_by_role("button", name="Unarchive").click()

    expect(page.locator(".archived")).to_have_count(0)
    expect(entries(page)).to_have_text(["Hello there"])


def test_an_answer_that_nobody_has_seen_is_marked(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    other = tabs.open(alice, beside=page)
    page.locator("form:has(#text)").evaluate(ENDS_SOON)
    screen.send(page, "Tell me a story about a fox", model="slow")
    expect(other.locator(".entry[data-live]")).to_have_count(1)

    page.goto(f"{tabs.url}/archive/")

    expect(other.locator(".entry[data-unread]")).to_have_count(1, timeout=20_000)
    story = page.get_by_role("link", name="Tell me a story about a fox (unread)")
    expect(story).to_be_visible()
    story.click()
    expect(other.locator(".entry[data-unread]")).to_have_count(0)


def test_a_temporary_chat(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    page.get_by_role("link", name="Temporary chat").click()
    expect(page.get_by_text("deleted 24 hours after")).to_be_visible()

    begin(page, "Hello there")

    expect(page.locator("h1")).to_have_text("Temporary chat")
    expect(page.get_by_text("deleted 24 hours after")).to_be_visible()
    expect(entries(page)).to_have_count(0)
