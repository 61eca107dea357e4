"""Reloading, coming back and several tabs while an answer is being written."""

from typing import Any

from playwright.sync_api import expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs


def test_a_reloaded_page_goes_on_with_the_same_text(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Tell me everything", model="slow")
    before = screen.wait_for_more(page, "")

    page.reload()
    after = screen.text(page)
    later = screen.wait_for_more(page, after)

    assert screen.is_beginning(before, after)
    assert screen.is_beginning(after, later)
    expect(page.locator("article")).to_have_count(2)
    screen.stop(page)
    assert screen.is_beginning(later, screen.text(page))


def test_two_tabs_show_the_same_and_either_can_stop_it(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Tell me everything", model="slow")
    screen.wait_for_more(page, "")

    other = tabs.open(alice, page.url.removeprefix(tabs.url), beside=page)
    seen = screen.wait_for_more(other, "", by=30)
    assert screen.is_beginning(seen, screen.wait_for_more(page, seen, by=1))
    other.get_by_role("button", name="Stop").click()

    screen.wait_for(page, "stopped")
    screen.wait_for(other, "stopped")
    assert screen.text(page) == screen.text(other)


def test_what_is_sent_in_one_tab_appears_in_the_other(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    other = tabs.open(alice, beside=page)
    screen.send(page, "Hello there", model="parley-demo")
    screen.wait_for(page, "done")

    other.get_by_role("link", name="Hello there").click()
    screen.wait_for(other, "done")
    screen.send(page, "And another thing")
    screen.wait_for(page, "done")

    expect(other.locator("article")).to_have_count(4)
    screen.wait_for(other, "done")
    assert screen.text(page) == screen.text(other)


def test_typing_is_not_disturbed_by_a_growing_answer(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Tell me everything", model="slow")
    typed = "This is typed while the answer is still growing."

    screen.box(page).press_sequentially(typed, delay=20)
    screen.stop(page)

    assert screen.box(page).input_value() == typed


def test_a_lost_connection_loses_and_repeats_nothing(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    sockets: list[Any] = []

    def relay(socket: Any) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/ws/**", relay)
    screen.send(page, "Tell me everything", model="slow")
    seen = screen.wait_for_more(page, "")

    for _ in range(2):
        sockets[-1].close(code=1012)
        seen = screen.wait_for_more(page, seen)
    screen.stop(page)

    written = page.request.get(f"{tabs.url}/m/{_number(page)}/text/").text()
    page.reload()
    assert len(sockets) >= 3
    assert screen.is_beginning(seen, screen.text(page))
    assert page.locator("article").count() == 2
    assert len(written.strip()) >= len(seen) - 12


def _number(page: Any) -> str:
    return str(screen.answer(page).get_attribute("id")).removeprefix("message-")


def test_a_page_whose_connection_is_lost_says_so(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    page.route_web_socket("**/ws/**", lambda socket: socket.close(code=1012))

    page.reload()

    expect(page.get_by_text("The connection is lost. Trying again…")).to_be_visible()
