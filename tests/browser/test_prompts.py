"""Prompts of the library in the composer, by the keyboard."""

from playwright.sync_api import Locator, Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs


def write(page: Page, name: str, text: str) -> None:
    page.goto(page.url.split("/prompts/")[0] + "/prompts/new/")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("textbox", name="Text").fill(text)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def offered(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Prompts").get_by_role("option")


def test_a_slash_inserts_one_with_its_variables(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/prompts/")
    write(page, "Poet", "Rhyme about {{topic}}.")
    write(page, "Translator", "Translate into {{language|English}}: {{text}}")
    page.goto(tabs.url)

    screen.box(page).press_sequentially("/")
    options = offered(page)
    expect(options).to_have_count(2)
    screen.box(page).press("ArrowDown")
    expect(offered(page).and_(page.get_by_role("option", selected=True))).to_contain_text(
        "Translator"
    )
    screen.box(page).press("Enter")

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox", name="language")).to_have_value("English")
    dialog.get_by_role("textbox", name="language").fill("French")
    dialog.get_by_role("textbox", name="text").fill("Good {{day}}")
    dialog.get_by_role("textbox", name="text").press("Enter")

    expect(screen.box(page)).to_have_value("Translate into French: Good {{day}}")
    expect(screen.box(page)).to_be_focused()
    assert page.locator("article").count() == 0


def test_a_slash_finds_as_one_types_and_inserts_at_once(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/prompts/")
    write(page, "Poet", "Rhyme about the sea.")
    write(page, "Critic", "Find fault.")
    page.goto(tabs.url)

    screen.box(page).press_sequentially("/po")
    screen.box(page).press("Enter")  # perhaps before the list is there

    expect(screen.box(page)).to_have_value("Rhyme about the sea.")
    expect(offered(page)).to_have_count(0)


def test_escape_lets_a_message_begin_with_a_slash(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/prompts/")
    write(page, "Poet", "Rhyme about the sea.")
    page.goto(tabs.url)
    page.get_by_label("Model").select_option("parley-demo")

    screen.box(page).press_sequentially("/p")
    expect(offered(page)).to_be_visible()
    screen.box(page).press("Escape")
    screen.box(page).press_sequentially("o")
    expect(offered(page)).to_have_count(0)
    screen.box(page).press("Enter")

    expect(page.locator("article[data-role=user] [data-content]")).to_have_text("/po")


def test_a_prompt_becomes_the_instructions_of_the_chat(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/prompts/")
    write(page, "Poet", "Rhyme about {{topic}}.")
    page.goto(tabs.url)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")

    screen.box(page).press_sequentially("/poet")
    expect(offered(page)).to_have_count(1)
    screen.box(page).press("Shift+Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="topic").fill("the sea")
    dialog.get_by_role("button", name="Use as instructions").click()
    expect(dialog).not_to_be_visible()

    page.locator("#parameters-button").click()
    expect(page.get_by_role("textbox", name="Instructions")).to_have_value("Rhyme about the sea.")
