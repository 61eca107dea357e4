"""One's account, as a person uses its pages."""

import re

from playwright.sync_api import expect

from tests.accounts.second_step import code
from tests.browser.conftest import Person, Tabs


def test_a_key_is_made_copied_and_revoked(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice)
    page.get_by_role("button", name="Account and theme").click()
    page.get_by_role("link", name="Account", exact=True).click()
    page.get_by_role("link", name="API keys").click()
    page.get_by_role("link", name="New key").click()
    page.get_by_label("Name").fill("laptop")
    page.get_by_role("button", name="Make the key").click()
    secret = page.get_by_role("textbox", name="API key").input_value()
    assert re.fullmatch(r"sk-parley-[\w-]{43}", secret)
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("[data-copied]")).to_have_count(1)

    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("link", name="Revoke laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()

    expect(page.get_by_text("“laptop” is revoked.")).to_be_visible()
    expect(page.get_by_text("You have no keys.")).to_be_visible()


def test_the_theme_follows_one_to_another_device(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/account/")
    page.get_by_label("Dark").and_(page.get_by_role("radio")).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()

    phone = tabs.open(alice, color_scheme="light")

    expect(phone.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_second_step_is_set_up_and_asked_for(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/account/security/")
    page.get_by_role("link", name="Set up").click()
    page.get_by_label("Password", exact=True).fill(alice.password)
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Enter it by hand").click()
    secret = page.locator(".secret-text").inner_text()
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    recovery = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("signing in asks for a code from it")).to_be_visible()

    other = tabs.open(None, "/accounts/login/")
    other.get_by_label("Email address").fill(alice.email)
    other.get_by_label("Password", exact=True).fill(alice.password)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.get_by_label("Code").fill(recovery)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("textbox", name="Message")).to_be_visible()

    page.reload()
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    other.goto(f"{tabs.url}/account/")
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_signs_in(tabs: Tabs, alice: Person) -> None:
    tabs.url = tabs.url.replace("127.0.0.1", "localhost")  # passkeys belong to names
    page = tabs.open(alice, "/accounts/2fa/webauthn/add/")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.get_by_label("Password", exact=True).fill(alice.password)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Passkey 1")).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{tabs.url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("textbox", name="Message")).to_be_visible()


def test_everything_is_taken_along_and_deleted(tabs: Tabs, alice: Person) -> None:
    page = tabs.open(alice, "/account/data/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export all my data").click()
    assert download.value.suggested_filename.endswith(".zip")

    page.get_by_role("link", name="Delete my account").click()
    page.get_by_label("Your password").fill(alice.password)
    page.get_by_role("button", name="Delete my account for good").click()

    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
