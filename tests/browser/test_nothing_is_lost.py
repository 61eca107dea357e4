"""What was typed stays, whatever happens."""

from playwright.sync_api import Page, expect

from tests.browser import screen
from tests.browser.conftest import Person, Tabs
from tests.platform import Platform

TYPED = "A long and careful thought"


def sign_in(page: Page, person: Person) -> None:
    page.get_by_role("textbox", name="Email").fill(person.email)
    page.get_by_role("textbox", name="Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()


def end_session(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


def test_a_session_that_ends_while_one_types(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")
    end_session(page)

    screen.box(page).fill(TYPED)
    screen.box(page).press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert screen.box(page).input_value() == TYPED

    other = tabs.open(None, "/accounts/login/", beside=page)
    sign_in(other, alice)
    expect(other).to_have_url(f"{tabs.url}/")
    screen.box(page).press("Enter")  # with the token that signing in has changed
    expect(page.locator("article[data-role=user]").last).to_contain_text(TYPED)
    expect(screen.box(page)).to_have_value("")


def test_signing_in_again_from_the_page_brings_the_text_back(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")
    address = page.url
    end_session(page)
    screen.box(page).fill(TYPED)
    screen.box(page).press("Enter")

    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, alice)

    expect(page).to_have_url(address)
    expect(screen.box(page)).to_have_value(TYPED)


def test_a_reloaded_page_has_its_draft(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.box(page).fill(TYPED)

    page.reload()
    expect(screen.box(page)).to_have_value(TYPED)

    screen.send(page, TYPED, model="parley-demo")
    page.goto(tabs.url)
    expect(screen.box(page)).to_have_value("")


def test_drafts_of_conversations_are_kept_apart(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")
    address = page.url
    screen.box(page).fill(TYPED)

    page.goto(tabs.url)
    assert screen.box(page).input_value() == ""

    page.goto(address)
    expect(screen.box(page)).to_have_value(TYPED)


def test_signing_out_leaves_no_draft_behind(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.box(page).fill(TYPED)

    page.get_by_role("button", name="Account and theme").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")

    assert TYPED not in page.evaluate("JSON.stringify(localStorage)")


def test_a_page_that_is_signed_out_elsewhere_shows_it(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.box(page).fill(TYPED)
    other = tabs.open(alice, beside=page)

    other.get_by_role("button", name="Account and theme").click()
    other.get_by_role("button", name="Sign out").click()

    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert screen.box(page).input_value() == TYPED


def test_a_server_that_is_away(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Hello", model="parley-demo")
    screen.wait_for(page, "done")
    page.context.set_offline(True)

    screen.box(page).fill(TYPED)
    screen.box(page).press("Enter")
    expect(page.get_by_text("The server can’t be reached.")).to_be_visible()
    assert screen.box(page).input_value() == TYPED

    page.context.set_offline(False)
    screen.box(page).press("Enter")
    expect(page.locator("article[data-role=user]").last).to_contain_text(TYPED)
    expect(page.get_by_text("The server can’t be reached.")).to_have_count(0)


def test_a_message_while_an_answer_is_being_written(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.send(page, "Tell me everything", model="slow")
    screen.wait_for_more(page, "")

    screen.box(page).fill(TYPED)
    screen.box(page).press("Enter")

    expect(page.get_by_text("An answer is still being written.")).to_be_visible()
    assert screen.box(page).input_value() == TYPED
    screen.stop(page)
    expect(page.get_by_text("An answer is still being written.")).to_have_count(0)
    screen.send(page, TYPED, model="parley-demo")


def test_a_text_that_is_too_long(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    screen.box(page).fill("x" * 100_001)
    screen.box(page).press("Enter")

    expect(page.get_by_text("at most 100000 characters")).to_be_visible()
    assert len(screen.box(page).input_value()) == 100_001


def test_it_all_works_without_scripts(tabs: Tabs, alice: Person, platform: Platform) -> None:
    page = tabs.open(alice, java_script_enabled=False)
    page.get_by_label("Model").select_option("parley-demo")
    screen.box(page).fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article")).to_have_count(2)

    for _ in range(40):
        if screen.answer(page).get_attribute("data-status") == "done":
            break
        page.wait_for_timeout(250)
        page.reload()

    screen.wait_for(page, "done")
    assert screen.text(page)
    screen.box(page).fill(" ")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Write a message first.")).to_be_visible()
