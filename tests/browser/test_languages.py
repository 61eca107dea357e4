"""The chat in other languages than English: what is sent, what arrives, and whether it fits."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs

PHONE = {"width": 390, "height": 844}
PAGES = ["/", "/search/", "/projects/new/", "/prompts/", "/compare/", "/tokens/", "/account/keys/"]


def test_a_message_is_sent_and_answered_in_german(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, locale="de")
    expect(page.locator("html")).to_have_attribute("lang", "de")

    page.get_by_role("combobox", name="Modell").select_option("parley-demo")
    box = page.get_by_role("textbox", name="Nachricht")
    box.fill("What can you do?")
    page.get_by_role("button", name="Senden").click()
    screen.wait_for(page, "done")

    figures = screen.answer(page).locator(".figures").inner_text()
    assert re.search(r"\d+ Tokens.*\d,\d+ s.*\d,\d Tokens/s.*erstes Token", figures, re.S)
    expect(page.get_by_role("button", name="Gute Antwort")).to_be_attached()
    announced = "Die Antwort ist fertig."
    expect(page.locator("#announcer")).to_have_attribute("data-finished", announced)


def test_what_a_socket_brings_is_german_too(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, locale="de")
    page.get_by_role("combobox", name="Modell").select_option("slow")
    page.get_by_role("textbox", name="Nachricht").fill("Tell me everything")
    page.keyboard.press("Enter")
    screen.wait_for_more(page, "")

    page.get_by_role("button", name="Stoppen").click()

    screen.wait_for(page, "stopped")
    expect(screen.answer(page).locator(".figures")).to_contain_text("Gestoppt")


@pytest.mark.parametrize("language", ["de", "es", "fr", "zh-CN"])
def test_nothing_is_too_wide_for_a_phone(tabs: Tabs, alice: Person, language: str) -> None:
    page = tabs.open(alice, locale=language, viewport=PHONE)
    for path in PAGES:
        page.goto(tabs.url + path)
        assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0, path
        assert page.evaluate(CUT) == [], path


CUT = """() => [...document.querySelectorAll(".button, .segments a, h1")]
  .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.textContent.trim())"""
"""Buttons and headings that are wider than their place."""
