"""Reads llama.cpp's grammar notation, GBNF, into rules that nest nothing.

Groups and repetitions become rules of their own, and each character that may stand somewhere
becomes a terminal: a regular expression of llguidance's.
"""

import re
from dataclasses import dataclass, field

from inference.engine.lark import GrammarError

MOST_NESTED = 100
"""Groups in each other, as the reader below descends into them."""
MOST_REPEATED = 2_000
"""As in llama.cpp. A number larger than that asks for a different grammar."""

SPACE = re.compile(r"(?:[ \t]|#[^\r\n]*)*")
SPACE_AND_LINES = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
NAME = re.compile(r"[A-Za-z0-9_-]+")
REPETITION = re.compile(r"[*+?]|\{\s*(\d{1,9})\s*(,?)\s*(\d{1,9})?\s*\}")
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\\\"\[\]nrt-]))")
ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
ANY = "[\\u{0}-\\u{10FFFF}]"

Items = list[str]
"""Names of rules and terminals, one after the other."""


@dataclass
class Rule:
    alternatives: list[Items]
    repetition: str = ""


@dataclass
class Reader:
    """Reads from left to right; `_at` is the position of what comes next."""

    text: str
    rules: dict[str, Rule] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What the author calls a rule, to what it is called here."""
    terminals: dict[str, str] = field(default_factory=dict)
    """Regular expression of one character to name."""
    _used_at: dict[str, int] = field(default_factory=dict)
    _at: int = 0
    _nested: int = 0

    def read(self) -> None:
        self._skip(SPACE_AND_LINES)
        while self._next:
            self._rule()
            self._skip(SPACE_AND_LINES)
        if "root" not in self.names:
            raise GrammarError("The grammar has no rule “root”, which is where a text begins.")
        for name, at in self._used_at.items():
            if self.names[name] not in self.rules:
                raise self._error(f"there is no rule “{name}”", at)

    def _rule(self) -> None:
        at = self._at
        name = self._name("a rule begins with its name")
        self._skip(SPACE)
        if not self.text.startswith("::=", self._at):
            raise self._error("“::=” is missing")
        self._at += 3
        self._skip(SPACE_AND_LINES)
        if self._called(name) in self.rules:
            raise self._error(f"the rule “{name}” is already defined", at)
        self.rules[self._called(name)] = Rule([])  # before the rules of its groups
        self.rules[self._called(name)] = self._alternatives(SPACE)
        if self._next and self._next not in "\r\n":
            raise self._error("this does not belong to a rule")

    def _alternatives(self, space: re.Pattern[str]) -> Rule:
        """`space` is what may stand between items: inside a group, lines too."""
        alternatives = [self._sequence(space)]
        while self._next == "|":
            self._at += 1
            self._skip(SPACE_AND_LINES)
            alternatives.append(self._sequence(space))
        return Rule(alternatives)

    def _sequence(self, space: re.Pattern[str]) -> Items:
        items: Items = []
        while (item := self._item()) is not None:
            self._skip(space)
            while repetition := self._repetition():
                item = [self._new_rule(Rule([[self._one(item)]], repetition))]
                self._skip(space)
            items += item
        return items

    def _item(self) -> Items | None:
        """None where a sequence ends."""
        match self._next:
            case "":
                return None
            case '"':
                return self._literal()
            case "[":
                return [self._class()]
            case "(":
                return [self._group()]
            case ".":
                self._at += 1
                return [self._terminal(ANY)]
            case "<" | "!":
                raise self._error("a token such as <think> can't be asked for, only its text")
            case "*" | "+" | "?" | "{":
                raise self._error("there is nothing to repeat")
            case first if NAME.match(first):
                at, name = self._at, self._name("")
                self._used_at.setdefault(name, at)
                return [self._called(name)]
        return None

    def _literal(self) -> Items:
        start = self._at
        self._at += 1
        characters: Items = []
        while self._next != '"':
            code = self._character("this text has no closing quotation mark", start)
            characters.append(self._terminal(f"[{_pattern(code)}]"))
        self._at += 1
        return characters

    def _class(self) -> str:
        start = self._at
        self._at += 1
        negated = self._next == "^"
        self._at += negated
        ranges = ""
        while self._next != "]":
            ranges += self._range(start)
        self._at += 1
        if not ranges:
            raise self._error("this class has no characters", start)
        return self._terminal(f"[{'^' * negated}{ranges}]")

    def _range(self, class_start: int) -> str:
        unclosed = "this class of characters has no “]”"
        start = self._at
        first = last = self._character(unclosed, class_start)
        if self._next == "-" and self.text[self._at + 1 : self._at + 2] != "]":
            self._at += 1
            last = self._character(unclosed, class_start)
        if last < first:
            raise self._error("this range runs backwards", start)
        return f"{_pattern(first)}-{_pattern(last)}"

    def _character(self, unclosed: str, opened_at: int) -> int:
        """The code point that stands here, or that an escape names."""
        start = self._at
        if escape := ESCAPE.match(self.text, start):
            self._at = escape.end()
            code, mark = escape[1] or escape[2] or escape[3], escape[4]
            number = int(code, 16) if code else ord(ESCAPED.get(mark, mark))
        elif self._next == "\\":
            raise self._error("GBNF has no such escape")
        elif self._next:
            self._at += 1
            number = ord(self.text[start])
        else:
            raise self._error(unclosed, opened_at)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise self._error("there is no such character", start)
        return number

    def _group(self) -> str:
        start = self._at
        self._nested += 1
        if self._nested > MOST_NESTED:
            raise self._error(f"more than {MOST_NESTED} groups stand in each other")
        self._at += 1
        self._skip(SPACE_AND_LINES)
        name = self._new_rule(Rule([]))
        self.rules[name] = self._alternatives(SPACE_AND_LINES)
        if self._next != ")":
            raise self._error("this group has no “)”", start)
        self._at += 1
        self._nested -= 1
        return name

    def _repetition(self) -> str:
        """How llguidance writes the repetition that stands here, if there is one."""
        found = REPETITION.match(self.text, self._at)
        if not found:
            if self._next == "{":
                raise self._error("a repetition is written {3}, {3,} or {3,5}")
            return ""
        if found[1] is None:
            self._at = found.end()
            return found[0]
        least = int(found[1])
        most = int(found[3]) if found[3] else None if found[2] else least
        if most is not None and most < least:
            raise self._error("this repetition ends before it begins")
        if max(least, most or 0) > MOST_REPEATED:
            raise self._error(f"more than {MOST_REPEATED:,} repetitions")
        self._at = found.end()
        return f"{{{least},{'' if most is None else most}}}"

    def _name(self, missing: str) -> str:
        found = NAME.match(self.text, self._at)
        if not found:
            raise self._error(missing)
        self._at = found.end()
        return found[0]

    def _called(self, name: str) -> str:
        return self.names.setdefault(name, f"rule{len(self.names)}")

    def _one(self, items: Items) -> str:
        return items[0] if len(items) == 1 else self._new_rule(Rule([items]))

    def _new_rule(self, rule: Rule) -> str:
        name = f"part{len(self.rules)}"
        self.rules[name] = rule
        return name

    def _terminal(self, pattern: str) -> str:
        return self.terminals.setdefault(pattern, f"CHARACTER{len(self.terminals)}")

    @property
    def _next(self) -> str:
        """The character that comes next; at the end, nothing."""
        return self.text[self._at : self._at + 1]

    def _skip(self, space: re.Pattern[str]) -> None:
        if found := space.match(self.text, self._at):
            self._at = found.end()

    def _error(self, reason: str, at: int | None = None) -> GrammarError:
        at = self._at if at is None else at
        line, column = self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)
        return GrammarError(f"Line {line}, column {column} of the grammar: {reason}.")


def _pattern(code: int) -> str:
    return f"\\u{{{code:X}}}"
