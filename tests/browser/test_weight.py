"""What a page costs, and what it asks for."""

from urllib.parse import urlsplit

from playwright.sync_api import Response

from tests.browser import screen
from tests.browser.conftest import Person, Tabs

MOST = 120 * 1024


def test_a_conversation_weighs_little(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Write a Python program that prints hello", model="parley-demo")
    screen.wait_for(page, "done")
    fresh = tabs.open(alice, "/healthz")
    weights: dict[str, int] = {}

    def weigh(response: Response) -> None:
        sizes = response.request.sizes()
        path = urlsplit(response.url).path
        weights[path] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    fresh.on("response", weigh)
    fresh.goto(page.url, wait_until="networkidle")

    assert len(weights) >= 8
    assert sum(weights.values()) <= MOST, weights


def test_the_policy_allows_no_inline_script(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)

    policy = page.goto(tabs.url).headers["content-security-policy"]  # type: ignore[union-attr]

    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert page.locator("[style], script:not([src]), [onclick]").count() == 0
