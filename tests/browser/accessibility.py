"""What axe-core finds wrong with a page: WCAG 2.2, levels A and AA."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STILL = "() => document.getAnimations().every((one) => one.playState !== 'running')"
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast"]}
"""All that a theme changes."""


def problems(page: Page, rules: dict = WCAG) -> list[str]:
    """One line for each part of the page that breaks a rule, as it is drawn when nothing moves."""
    page.wait_for_function(STILL)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [_line(rule, node) for rule in found for node in rule["nodes"] if not _is_text(node)]


def _is_text(node: dict) -> bool:
    """Tokens are as wide as what they stand for in their text: the exception of WCAG 2.5.8."""
    return str(node["target"][0]).startswith("#token-")


def _line(rule: dict, node: dict) -> str:
    checks = node["any"] + node["all"] + node["none"]
    said = "; ".join(check["message"] for check in checks)
    return f"{rule['id']}: {' '.join(map(str, node['target']))}: {said}"
