"""Chats that belong together."""

from playwright.sync_api import expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs


def test_a_chat_follows_the_instructions_of_its_project(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/projects/")
    page.get_by_role("link", name="Create your first project").click()
    page.get_by_role("textbox", name="Name").fill("Foxes")
    page.get_by_role("radio", name="Light bulb").check(force=True)
    page.get_by_role("textbox", name="Instructions").fill("Speak of foxes.")
    page.get_by_role("button", name="Create project").click()

    page.get_by_role("link", name="New chat in this project").click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", name="New chat in Foxes")).to_be_visible()
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")

    page.get_by_role("main").get_by_role("link", name="Foxes").click()
    chats = page.get_by_role("region", name="Chats").get_by_role("listitem")
    expect(chats).to_have_count(1)
    chats.get_by_role("link").click()
    page.locator("#parameters-button").click()
    instructions = page.get_by_role("textbox", name="Instructions")
    expect(instructions).to_have_attribute("placeholder", "Speak of foxes.")


def test_its_page_shows_a_chat_as_it_begins(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/projects/new/")
    page.get_by_role("textbox", name="Name").fill("Foxes")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_text("No chats yet.")).to_be_visible()
    other = tabs.open(None, page.url.removeprefix(tabs.url), beside=page)

    other.get_by_role("link", name="New chat in this project").click()
    other.wait_for_load_state()
    screen.send(other, "What is a fox?", model="parley-demo")

    chats = page.get_by_role("region", name="Chats").get_by_role("listitem")
    expect(chats).to_contain_text("What is a fox?")
