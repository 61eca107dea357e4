"""The made-up chat that a template is asked to write, in words that nothing else has."""

import re

NAMES = ("quivel_first", "quivel_second")
KEYS = ("quivel_key", "quivel_more")
ARGUMENTS = ({"quivel_key": "quivel one"}, {"quivel_key": "quivel two"})
IDS = ("qvl000001", "qvl000002")
"""As Mistral's templates check them: nine letters and digits."""
TELLING_IDS = tuple(f"functions.{name}:{at}" for at, name in enumerate(NAMES))
"""As Kimi K2 writes them. Its templates may show the name of a function by nothing else."""
QUESTION = {"role": "user", "content": "quivel question"}
ANSWER = "quivel answer"
RESULT = "quivel result"
MADE_UP = re.compile("quivel|qvl0")

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": "Tells about quivel.",
            "parameters": {
                "type": "object",
                "properties": {"quivel_key": {"type": "string", "description": "Which quivel."}},
                "required": ["quivel_key"],
            },
        },
    }
    for name in NAMES
]

OF_ID = re.compile(
    r""",\s*"\w+":\s*"qvl00000\d"  # a member of the call's object, not the first
    | "\w+":\s*"qvl00000\d",\s*    # the first
    | (?:\[\w+\]|<[^<>\s]+>)qvl00000\d  # after a mark of its own
    """,
    re.VERBOSE,
)
"""A call's id, which models need not write: whoever reads the call gives it one."""
