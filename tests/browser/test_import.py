"""Bringing chats along."""

import json

from playwright.sync_api import expect

from tests.browser.conftest import Person, Tabs

CHAT = {"title": "An old chat", "messages": [{"role": "user", "content": "Hello"}]}


def test_a_file_is_imported_and_a_bad_one_is_not(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/import/")

    def choose(document: object) -> None:
        content = json.dumps(document).encode()
        file = {"name": "chats.json", "mimeType": "application/json", "buffer": content}
        page.get_by_label("File").set_input_files([file])  # type: ignore[list-item]
        page.get_by_role("button", name="Import").click()

    choose([{"messages": [{"role": 5}]}])
    expect(page.get_by_role("alert").filter(has_text="[0].messages[0].role")).to_be_visible()

    choose([CHAT])
    expect(page.get_by_text("1 chat was imported.")).to_be_visible()
    page.locator(".imported a").click()
    expect(page.locator(".message-text")).to_have_text("Hello")
