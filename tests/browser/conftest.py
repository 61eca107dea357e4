"""Chromium against the running platform, as a person uses it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from tests.platform import Platform

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PASSWORD = "a long password"
PEOPLE = 250
MAKE_PEOPLE = f"""
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import User
password = make_password({PASSWORD!r})
for n in range({PEOPLE}):
    user = User.objects.create(email=f"person{{n}}@example.org", password=password)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print(user.email, session.session_key)
"""


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in already; signing up has limits per minute."""

    email: str
    session: str
    password: str = PASSWORD


@pytest.fixture(scope="session")
def people(platform: Platform) -> Iterator[Person]:
    """One after the other, each new."""
    lines = platform.manage("shell", "--no-imports", "-c", MAKE_PEOPLE).splitlines()
    return iter([Person(*line.split()) for line in lines])


@pytest.fixture
def alice(people: Iterator[Person]) -> Person:
    return next(people)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Not for the whole session: Playwright occupies the thread's event loop while it runs."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    found = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        except Error:
            if "CI" in os.environ:
                raise
            pytest.skip("there is no Chromium on this machine")
        yield browser
        browser.close()


@dataclass
class Tabs:
    """Browser windows, and what went wrong in any of them."""

    browser: Browser
    url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(
        self, person: Person | None, path: str = "/", beside: Page | None = None, **options: object
    ) -> Page:
        """A window of its own, or a second tab of the window of `beside`."""
        context = beside.context if beside else self._context(person, **options)
        page = context.new_page()
        page.goto(self.url + path)
        return page

    def _context(self, person: Person | None, **options: object) -> BrowserContext:
        context = self.browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        if person:
            cookie = {"name": "sessionid", "value": person.session, "url": self.url}
            context.add_cookies([cookie])  # type: ignore[list-item]
        context.on("request", lambda request: self._note(request.url))
        context.on("weberror", lambda problem: self.complaints.append(str(problem.error)))
        context.on("console", lambda line: self._judge(line.text))
        self.contexts.append(context)
        return context

    def _note(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.url).netloc:
            self.foreign.append(url)

    def _judge(self, line: str) -> None:
        if "Content Security Policy" in line or "oobErrorNoTarget" in line:
            self.complaints.append(line)


@pytest.fixture
def tabs(chromium: Browser, base_url: str) -> Iterator[Tabs]:
    """Whatever a test does: no script fails, the policy is kept and no other host is asked."""
    tabs = Tabs(chromium, base_url)
    yield tabs
    for context in tabs.contexts:
        context.close()
    assert tabs.complaints == []
    assert tabs.foreign == []
