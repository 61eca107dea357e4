"""Why runs fail, in sentences with values.

Rows and logs have them in English, as programs look for words; pages show them in the language of
whoever reads them.
"""

import re
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

NOT_LOADED = gettext_noop("The model %(model)s could not be loaded. %(reason)s")
TOO_LONG = gettext_noop(
    "The prompt is too long: it has %(tokens)s tokens, and this model's maximum context length"
    " is %(most)s with room for an answer. Shorten it, or choose a model with a longer context."
)
"""In words by which LangChain and LiteLLM know it, too: OpenAI's and Anthropic's."""
UNKNOWN_TOKEN = gettext_noop(
    "The prompt has the token %(token)s, but the model's tokens end at %(last)s."
)


def translated(error: str) -> str:
    """A sentence that a worker has written, if it is a known one; others stay as they are."""
    for sentence in (NOT_LOADED, TOO_LONG, UNKNOWN_TOKEN):
        if found := _pattern(sentence).fullmatch(error):
            return _(sentence) % found.groupdict()
    return _(error) if error else ""


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    """Of the sentence with any values."""
    values = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*)", re.escape(sentence))
    return re.compile(values, re.DOTALL)
