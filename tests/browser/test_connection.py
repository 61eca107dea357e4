"""Lost connections on every kind of page, and what takes a while."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs

LOST = "The connection is lost. Trying again…"
SERVICE_RESTART = 1012
UNDER_WAY = """() => {
  const line = getComputedStyle(document.querySelector("#app"), "::before");
  return line.animationName === "under-way";
}"""


class Line:
    """The sockets of a page, which can be cut."""

    def __init__(self, page: Page) -> None:
        self.is_cut = False
        self._sockets: list[Any] = []
        page.route_web_socket("**/ws/**", self._connect)

    def _connect(self, socket: Any) -> None:
        if self.is_cut:
            socket.close(code=SERVICE_RESTART)
        else:
            socket.connect_to_server()
            self._sockets.append(socket)

    def cut(self) -> None:
        self.is_cut = True
        self._sockets[-1].close(code=SERVICE_RESTART)

    def mend(self) -> None:
        self.is_cut = False


@pytest.mark.parametrize("path", ["/", "/search/", "/projects/", "/compare/", "/account/"])
def test_the_banner_comes_and_goes_by_itself(tabs: Tabs, alice: Person, path: str) -> None:
    page = tabs.open(alice, "/healthz")
    line = Line(page)
    page.goto(tabs.url + path)
    page.wait_for_function("() => parley.isConnected()")

    line.cut()
    expect(page.get_by_text(LOST)).to_be_visible()
    line.mend()

    expect(page.get_by_text(LOST)).to_be_hidden()


def test_without_a_network_what_was_typed_stays_and_is_sent_later(
    tabs: Tabs, alice: Person
) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")
    page.context.set_offline(True)
    expect(page.get_by_text(LOST)).to_be_visible()

    screen.box(page).fill("Are you there?")
    screen.box(page).press("Enter")
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    expect(screen.box(page)).to_have_value("Are you there?")
    page.context.set_offline(False)
    expect(page.get_by_text(LOST)).to_be_hidden()
    screen.box(page).press("Enter")

    expect(page.locator("article[data-role=user]").last).to_contain_text("Are you there?")
    expect(screen.box(page)).to_have_value("")


def test_a_form_pressed_twice_is_sent_once(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/projects/new/")
    page.get_by_role("textbox", name="Name").fill("Garden")
    posts: list[str] = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))

    page.get_by_role("button", name="Create project").dblclick()

    expect(page.get_by_role("heading", name="Garden")).to_be_visible()
    assert len(posts) == 1


def test_what_takes_a_while_is_told_calmly(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/search/")
    page.route("**/search/?q=*", lambda route: None)

    page.get_by_role("searchbox").press_sequentially("fox")

    page.wait_for_function(UNDER_WAY)
