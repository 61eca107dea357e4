"""What was typed on one device is on the other."""

from playwright.sync_api import Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs

TYPED = "A long and careful thought"


def look_again(page: Page) -> None:
    """As if the window had been behind others."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")


def type_there(page: Page, text: str) -> None:
    """Until the server has it."""
    with page.expect_response("**/drafts/"):
        screen.box(page).fill(text)


def test_a_draft_is_on_the_other_device_until_it_is_sent(tabs: Tabs, alice: Person) -> None:
    desk, phone = tabs.open(alice), tabs.open(alice)
    type_there(desk, TYPED)

    look_again(phone)
    expect(screen.box(phone)).to_have_value(TYPED)
    third = tabs.open(alice)
    expect(screen.box(third)).to_have_value(TYPED)

    type_there(phone, f"{TYPED} of mine")
    look_again(desk)
    expect(screen.box(desk)).to_have_value(f"{TYPED} of mine")
    screen.send(desk, f"{TYPED} of mine", model="parley-demo")

    look_again(phone)
    expect(screen.box(phone)).to_have_value("")


def test_what_is_being_typed_is_not_replaced(tabs: Tabs, alice: Person) -> None:
    desk, phone = tabs.open(alice), tabs.open(alice)
    type_there(desk, TYPED)
    phone.context.set_offline(True)
    screen.box(phone).fill("Something else")
    phone.wait_for_timeout(1200)
    with phone.expect_response("**/drafts/"):
        phone.context.set_offline(False)

    look_again(phone)
    expect(screen.box(phone)).to_have_value("Something else")
    look_again(desk)
    expect(screen.box(desk)).to_have_value("Something else")


def test_what_is_typed_signed_out_reaches_the_server_later(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    page.context.clear_cookies(name="sessionid")
    screen.box(page).fill(TYPED)
    page.wait_for_timeout(1200)
    assert TYPED in page.evaluate("JSON.stringify(localStorage)")

    cookie = {"name": "sessionid", "value": alice.session, "url": tabs.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    with page.expect_response("**/drafts/"):
        page.goto(tabs.url)

    expect(screen.box(page)).to_have_value(TYPED)
    expect(screen.box(tabs.open(alice))).to_have_value(TYPED)
    assert TYPED not in page.evaluate("JSON.stringify(localStorage)")
