"""What a person does on the chat page, and sees there."""

import re

from playwright.sync_api import Locator, Page, expect


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message")


def send(page: Page, text: str, model: str = "") -> None:
    """Returns when the message is shown."""
    if model:
        page.get_by_label("Model").select_option(model)
    before = page.locator("article").count()
    box(page).fill(text)
    box(page).press("Enter")
    expect(page.locator("article")).to_have_count(before + 2)


def answer(page: Page) -> Locator:
    """The last one."""
    return page.locator("article[data-role=assistant]").last


def content(page: Page) -> Locator:
    return answer(page).locator("[data-content]")


def text(page: Page) -> str:
    return content(page).inner_text()


def wait_for(page: Page, status: str) -> None:
    expect(answer(page)).to_have_attribute("data-status", status)


def wait_for_more(page: Page, than: str, by: int = 20) -> str:
    """The text when it has grown."""
    page.wait_for_function(
        "([id, length]) => document.getElementById(id)"
        "?.querySelector('[data-content]').innerText.length >= length",
        arg=[answer(page).get_attribute("id"), len(than) + by],
    )
    return text(page)


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop").click()
    wait_for(page, "stopped")


def is_beginning(earlier: str, later: str) -> bool:
    """Of the letters, as signs may turn out to be Markdown; but for the last ones, as a character
    may have been incomplete."""
    letters = re.sub(r"[\W_]", "", earlier)[:-4]
    return bool(letters) and re.sub(r"[\W_]", "", later).startswith(letters)
