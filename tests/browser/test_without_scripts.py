"""Reading and sending in a browser that runs no scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person, Tabs


@pytest.fixture
def page(tabs: Tabs, alice: Person) -> Page:
    return tabs.open(alice, java_script_enabled=False)


def send(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()


def read_to_its_end(page: Page) -> None:
    link = page.get_by_role("link", name="Show what has been written since")
    for _ in range(40):
        if page.locator("article[data-status=done]").count() >= 2:
            return
        page.wait_for_timeout(500)
        link.click()
    raise AssertionError("the answer did not come to its end")


def test_a_conversation(page: Page, tabs: Tabs) -> None:
    page.get_by_label("Model").select_option("parley-demo")
    send(page, "What can you do?")
    expect(page).to_have_url(re.compile("/c/"))
    read_to_its_end(page)
    expect(page.locator("article .answer")).to_contain_text("Parley")

    send(page, "Hello")
    expect(page.locator("article[data-role=user]")).to_have_count(2)
    expect(page.locator(".entry-link")).to_have_text(re.compile("What can you do"))


def test_finding_it_again_and_giving_it_another_name(page: Page, tabs: Tabs) -> None:
    send(page, "Hello to the xylophone")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("xylophone")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_have_text("xylophone")
    page.locator(".hit h2 a").click()

    page.goto(f"{page.url}rename/")
    page.get_by_label("Title").fill("Music")
    page.get_by_role("button", name="Rename").click()

    expect(page.get_by_role("link", name="Music")).to_be_visible()


def test_the_other_pages_are_there(page: Page, tabs: Tabs) -> None:
    for name in ("Projects", "Prompts", "Compare"):
        page.get_by_role("navigation", name="Parley").get_by_role("link", name=name).click()
        expect(page.locator("h1")).to_be_visible()
    page.goto(f"{tabs.url}/shortcuts/")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
