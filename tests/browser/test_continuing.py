"""An answer that was stopped goes on, and nothing of it is lost, jumps or comes twice."""

from playwright.sync_api import Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs
from tests.platform import Platform


def go_on(page: Page) -> None:
    screen.answer(page).get_by_role("button", name="Continue").click()
    screen.wait_for(page, "streaming")


def watch(page: Page) -> None:
    """Notes when the answer's text gets shorter."""
    page.evaluate(
        """() => {
          window.shrunk = [];
          let longest = 0;
          const look = () => {
            const answer = document.querySelector("article[data-role=assistant] [data-content]");
            const { length } = answer.innerText.trim();
            if (length < longest - 8) window.shrunk.push([longest, length]);
            longest = Math.max(longest, length);
          };
          const all = { subtree: true, childList: true, characterData: true };
          new MutationObserver(look).observe(document.querySelector("#messages"), all);
        }"""
    )


def test_a_stopped_answer_goes_on_where_it_was(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Tell me everything", model="slow")
    screen.wait_for_more(page, "")
    screen.stop(page)
    had = screen.text(page)
    watch(page)

    go_on(page)
    more = screen.wait_for_more(page, had)
    assert screen.is_beginning(had, more)

    page.reload()
    again = screen.text(page)
    assert screen.is_beginning(more, again)
    watch(page)
    more = screen.wait_for_more(page, again)
    assert screen.is_beginning(again, more)

    screen.stop(page)
    assert screen.is_beginning(more, screen.text(page))
    assert page.evaluate("shrunk") == []
    expect(page.locator("article")).to_have_count(2)


def test_another_worker_goes_on_with_what_goes_on(
    tabs: Tabs, alice: Person, platform: Platform
) -> None:
    page = tabs.open(alice)
    screen.send(page, "Tell me everything", model="slow")
    screen.wait_for_more(page, "")
    screen.stop(page)
    had = screen.text(page)
    go_on(page)
    screen.wait_for_more(page, had)

    platform.kill_worker()

    page.wait_for_timeout(1000)  # until all has come that it had written
    before = screen.text(page)
    page.set_default_timeout(60_000)
    after = screen.wait_for_more(page, before, by=40)
    assert screen.is_beginning(had, after)
    assert screen.is_beginning(before, after)
    screen.stop(page)
    whole = screen.text(page)
    assert screen.is_beginning(after, whole)
    page.reload()
    assert screen.text(page) == whole
