"""Each page keeps the rules of WCAG 2.2 AA that axe-core can judge: on a wide screen and on a
phone, light and dark, and with what lies over it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import screen
from tests.browser.accessibility import COLOURS, WCAG, problems
from tests.browser.conftest import Person, Tabs
from tests.browser.furnished import answered, furnish
from tests.platform import Platform

SIZES = {"wide": (1280, 800), "phone": (390, 844)}
SIGNED_OUT = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
PAGES = [
    "/",
    "{chat}",
    "{temporary}",
    "{real}",
    "/search/",
    "/search/?q=everything",
    "/projects/",
    "/projects/new/",
    "{project}",
    "{project}edit/",
    "{project}members/",
    "/prompts/",
    "/prompts/new/",
    "{prompt}",
    "{prompt}versions/",
    "/compare/",
    "{blind}",
    "{voted}",
    "/compare/board/",
    "{answer}tokens/",
    "{answer}replay/",
    "/tokens/",
    "/archive/",
    "/import/",
    "/shortcuts/",
    "{chat}rename/",
    "{shared}",
    "/account/",
    "/account/usage/",
    "/account/keys/",
    "/account/keys/new/",
    "/account/security/",
    "/account/data/",
    "/account/delete/",
    "/api/v1/docs",
    "/c/00000000-0000-0000-0000-000000000000/",
]


@pytest.fixture(scope="module")
def owner(people: Iterator[Person]) -> Person:
    return next(people)


@pytest.fixture(scope="module")
def made(platform: Platform, owner: Person, chromium: Browser, base_url: str) -> dict[str, str]:
    """The addresses of what `owner` has."""
    made = furnish(platform, owner)
    tabs = Tabs(chromium, base_url)
    page = tabs.open(owner)
    made["answer"] = f"/m/{answered(page)}/"
    made["real"] = page.url.removeprefix(base_url)
    page.context.close()
    return made


@pytest.fixture
def page(tabs: Tabs, owner: Person) -> Page:
    """Nothing moves, so that colours are what they come to be."""
    return tabs.open(owner, "/healthz", reduced_motion="reduce")


def judge(page: Page, *sizes: str) -> None:
    found = []
    for size in sizes or SIZES:
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        for scheme, judged in (("light", WCAG), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{size}, {scheme}: {problem}" for problem in problems(page, judged)]
    assert found == []


@pytest.mark.parametrize("address", PAGES)
def test_pages(page: Page, tabs: Tabs, made: dict[str, str], address: str) -> None:
    page.goto(tabs.url + address.format(**made))
    judge(page)


@pytest.mark.parametrize("address", SIGNED_OUT)
def test_pages_of_those_who_are_not_signed_in(tabs: Tabs, address: str) -> None:
    judge(tabs.open(None, address, reduced_motion="reduce"))


ZOOMED = {"width": 320, "height": 400}
"""A window of 1280 by 1600 at 400 % (WCAG 1.4.10)."""
SIDEWAYS = """() => ["html", "#main"]
  .map((part) => document.querySelector(part))
  .filter((part) => part && part.scrollWidth > part.clientWidth)
  .map((part) => part.tagName)"""


@pytest.mark.parametrize(
    "address", ["/", "{chat}", "/search/", "{project}", "{prompt}", "{voted}", "/account/"]
)
def test_large_letters_need_no_scrolling_sideways(
    page: Page, tabs: Tabs, made: dict[str, str], address: str
) -> None:
    page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    page.goto(tabs.url + address.format(**made))
    assert page.evaluate(SIDEWAYS) == []
    if screen.box(page).count():
        expect(screen.box(page)).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)


HEAR = """() => {
  window.heard = [];
  const live = "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]";
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const region = (target.closest ? target : target.parentElement)?.closest(live);
      const words = region?.textContent.trim();
      if (words && heard.at(-1) !== words) heard.push(words);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def test_a_screen_reader_hears_that_an_answer_is_complete_but_not_each_token(
    page: Page, tabs: Tabs
) -> None:
    page.goto(tabs.url)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")
    page.evaluate(HEAR)

    screen.send(page, "What can you do?")
    screen.wait_for(page, "done")

    heard = page.evaluate("heard")
    assert heard[-1] == "The answer is complete."
    assert len(heard) <= 3, heard


def in_stream(page: Page) -> None:
    screen.send(page, "Tell me everything", model="slow")
    screen.wait_for_more(page, "")


def options_of_a_chat(page: Page) -> None:
    page.locator(".entry").first.hover()
    page.locator(".entry").first.get_by_role("button", name="Options").click()


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("every")
    expect(page.locator("#palette mark").first).to_be_visible()


def parameters(page: Page) -> None:
    page.get_by_role("button", name="Parameters").click()
    expect(page.locator("#dialog")).to_be_visible()


def sharing(page: Page) -> None:
    page.get_by_role("link", name="Share this chat").click()
    expect(page.locator("#dialog")).to_be_visible()


def editing(page: Page) -> None:
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("textbox", name="Edit your message")).to_be_focused()


def offers(page: Page) -> None:
    screen.box(page).press_sequentially("/")
    expect(page.locator("#offers [role=option]").first).to_be_visible()


@pytest.mark.parametrize(
    "show", [options_of_a_chat, palette, parameters, sharing, editing, offers, in_stream]
)
def test_what_opens_on_a_page(
    page: Page, tabs: Tabs, made: dict[str, str], show: Callable[[Page], None]
) -> None:
    page.goto(tabs.url + made["chat"])
    show(page)
    judge(page, "wide")
    if page.locator("[data-stop]").count():
        screen.stop(page)


def test_the_sidebar_over_a_phones_page(page: Page, tabs: Tabs, made: dict[str, str]) -> None:
    page.goto(tabs.url + made["chat"])
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Open the sidebar").click()
    judge(page, "phone")
