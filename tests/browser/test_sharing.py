"""A chat that is read by a link."""

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs


def test_a_link_is_read_in_a_private_window_until_it_is_revoked(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")
    answer = screen.text(page)

    page.get_by_role("link", name="Share this chat").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create link").click()
    address = dialog.get_by_label("Address of the link").input_value()
    assert address.startswith(f"{tabs.url}/s/")

    stranger = tabs.open(None, address.removeprefix(tabs.url))
    expect(stranger.locator(".message-text")).to_have_text("Hello")
    expect(stranger.locator(".answer")).to_have_text(answer)
    assert alice.email not in stranger.content()

    dialog.get_by_role("button", name="Revoke the link").click()
    expect(dialog.get_by_label("Address of the link")).to_have_count(0)
    stranger.reload()
    expect(stranger.locator(".message-text")).to_have_count(0)


def test_another_person_goes_on_with_it(
    tabs: Tabs, alice: Person, people: Iterator[Person]
) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")
    page.get_by_role("link", name="Share this chat").click()
    page.get_by_role("button", name="Create link").click()
    address = page.get_by_label("Address of the link").input_value()

    other = tabs.open(next(people), address.removeprefix(tabs.url))
    other.get_by_role("button", name="Continue this chat").click()

    expect(other.locator("article")).to_have_count(2)
    screen.send(other, "And now?", model="parley-demo")
    screen.wait_for(other, "done")
    expect(page.locator("article")).to_have_count(2)
