"""The commands that the palette offers, and which of them are meant by what was typed."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from conversations.models import Conversation


@dataclass(frozen=True)
class Command:
    """One of `address`, `dialog` and `press` says what it does."""

    name: str
    icon: str
    address: str = ""
    """Where it leads."""
    dialog: str = ""
    """The address of what it shows in the page's dialog."""
    press: str = ""
    """A selector of the page's own control that it stands for."""
    keys: str = ""


def commands(user: User, conversation: Conversation | None) -> list[Command]:
    """`conversation` is the one that is open, if it is the user's own."""
    here = _of_conversation(conversation) if conversation else []
    return [*_first(), *here, *_places(), *_looks(), *_rest(user)]


def meant(offered: list[Command], text: str) -> list[Command]:
    """Those with words that begin with the words of `text`; all, if there are none."""
    typed = text.casefold().split()
    return [command for command in offered if _fits(command.name.casefold().split(), typed)]


def _fits(words: list[str], typed: list[str]) -> bool:
    whole = " ".join(words)  # scripts without spaces have whole sentences as one word
    return all(
        any(word.startswith(part) for word in words) or (not part.isascii() and part in whole)
        for part in typed
    )


def _first() -> list[Command]:
    home = reverse("home")
    return [
        Command(_("New chat"), "square-pen", home, keys="Ctrl+Shift+O"),
        Command(_("Temporary chat"), "message-circle-dashed", f"{home}?temporary=1"),
    ]


def _of_conversation(conversation: Conversation) -> list[Command]:
    def shown(name: str, icon: str, view: str) -> Command:
        return Command(name, icon, dialog=reverse(view, args=[conversation.pk]))

    always = [
        shown(_("Rename this chat"), "pencil", "rename"),
        shown(_("Tags of this chat"), "tag", "tags"),
        shown(_("Export this chat"), "download", "export"),
    ]
    if conversation.is_temporary:
        return always
    return [
        *always,
        shown(_("Move this chat to a project"), "folder-input", "move"),
        shown(_("Share this chat"), "link", "share"),
    ]


def _places() -> list[Command]:
    return [
        Command(_("Search"), "search", reverse("search")),
        Command(_("Projects"), "folders", reverse("projects")),
        Command(_("Prompts"), "book-text", reverse("prompts")),
        Command(_("Compare models"), "columns-2", reverse("compare")),
        Command(_("Which models people prefer"), "trophy", reverse("comparison_board")),
        Command(_("Tokens of a text"), "binary", reverse("tokenize")),
        Command(_("Archived conversations"), "archive", reverse("archived")),
        Command(_("Import chats"), "upload", reverse("import")),
    ]


def _looks() -> list[Command]:
    def theme(name: str, icon: str, choice: str) -> Command:
        return Command(name, icon, press=f"[data-theme-choice={choice}]")

    return [
        Command(_("Collapse or expand the sidebar"), "panel-left", press="#collapse"),
        theme(_("Light theme"), "sun", "light"),
        theme(_("Dark theme"), "moon", "dark"),
        theme(_("The system’s theme"), "monitor", "system"),
    ]


def _rest(user: User) -> list[Command]:
    rest = [
        Command(_("Account"), "user", reverse("account")),
        Command(_("Your usage"), "chart-column", reverse("account_usage")),
        Command(_("API keys"), "key-round", reverse("account_keys")),
        Command(_("Keyboard shortcuts"), "keyboard", dialog=reverse("shortcuts"), keys="?"),
        Command(_("API documentation"), "code", reverse("api_docs")),
        Command(_("Sign out"), "log-out", press="[data-sign-out] button"),
    ]
    if user.is_staff:
        rest.insert(3, Command(_("Administration"), "shield", reverse("admin:index")))
    return rest
