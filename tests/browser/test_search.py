"""Finding what was said."""

from playwright.sync_api import expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs


def test_results_appear_while_one_types_and_lead_there(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello to the xylophone", model="parley-demo")
    screen.wait_for(page, "done")
    chat = page.url

    page.goto(f"{tabs.url}/search/")
    page.get_by_role("searchbox").press_sequentially("xylo")

    expect(page.locator("#found mark").first).to_have_text("xylophone")
    expect(page.locator("#found-status")).to_have_text("1 chat was found.")
    expect(page).to_have_url(f"{tabs.url}/search/?q=xylo")
    page.locator(".passages a").first.click()
    expect(page.locator("article[data-role=user]")).to_be_in_viewport()
    assert page.url.startswith(f"{chat}?message=")

    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("xylo")
    expect(page.locator("#found mark").first).to_have_text("xylophone")
