"""What can't be done, in sentences for people."""

from django.utils.translation import gettext as _


class Refused(Exception):
    """The message is a sentence for people."""


class Busy(Refused):
    """The conversation waits for an answer already."""

    def __init__(self) -> None:
        super().__init__(_("An answer is still being written. Wait for its end, or stop it."))


class NothingToGoOn(Refused):
    def __init__(self) -> None:
        super().__init__(_("This answer isn’t one that was cut off."))


class NothingToRetry(Refused):
    def __init__(self) -> None:
        super().__init__(_("This answer can’t be asked for again."))
