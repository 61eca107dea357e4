"""llama.cpp's grammar notation, GBNF, checked and put into the notation of llguidance.

llguidance parses words that a lexer cuts, always the longest, out of the text; a GBNF grammar is
about characters. So what is written here is either one word alone, which is possible where no rule
uses itself, and is fastest; or each character is a word, and what may follow is what the grammar
says, however ambiguous it is. Groups and repetitions become rules of their own, so that nothing
written here nests, whatever its author nested.
"""

import re
from collections.abc import Iterator

from inference.engine.gbnf_reader import Reader, Rule
from inference.engine.lark import GrammarError

MOST_CHARACTERS = 64_000
"""Of a grammar."""
DEEPEST = 250
"""Rules that use each other in a row. llguidance descends into them, and a stack has its end:
with 2 MB, which a thread has at least, the process would die of about 600."""

RULE = re.compile(r"\b(?:rule|part)\d+")
EMPTY = '""'


def to_lark(grammar: str) -> list[str]:
    """The same language in llguidance's dialect of Lark: the ways to write it, the best first.

    Raises GrammarError.
    """
    if len(grammar) > MOST_CHARACTERS:
        raise GrammarError(f"The grammar is longer than {MOST_CHARACTERS:,} characters.")
    reader = Reader(grammar)
    reader.read()
    names, is_recursive = _reachable(reader)
    rules = "".join(f"{name}: {_definition(reader.rules[name])}\n" for name in names)
    rules = f"start: {reader.names['root']}\n{rules}"
    characters = "".join(f"{name}: /{pattern}/\n" for pattern, name in reader.terminals.items())
    # Lark's lexer is made of the rules whose names are in capitals.
    forms = [rules] if is_recursive else [RULE.sub(lambda rule: rule[0].upper(), rules), rules]
    return [f"{form}{characters}" for form in forms]


def _definition(rule: Rule) -> str:
    return " | ".join(" ".join(items) or EMPTY for items in rule.alternatives) + rule.repetition


def _reachable(reader: Reader) -> tuple[list[str], bool]:
    """The rules that a text can use, and whether any of them uses itself."""
    root = reader.names["root"]
    seen = {root: None}
    is_recursive = False
    path = {root: _uses(reader, root)}  # as llguidance descends
    while path:
        name = next(path[next(reversed(path))], None)
        if name is None:
            path.popitem()
        elif name in path:
            is_recursive = True
        elif name not in seen:
            seen[name] = None
            path[name] = _uses(reader, name)
            if len(path) > DEEPEST:
                raise GrammarError(
                    f"More than {DEEPEST} rules of the grammar use each other in a row."
                )
    return list(seen), is_recursive


def _uses(reader: Reader, name: str) -> Iterator[str]:
    alternatives = reader.rules[name].alternatives
    return (item for items in alternatives for item in items if item in reader.rules)
