"""Tables, but for those that would come out far longer than they were written."""

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as table_rule
from markdown_it.token import Token


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Not one of cells that nobody wrote: lines of one letter under a hundred columns would come
    out hundreds of times as long."""
    if not table_rule(state, start, end, True):
        return False
    begin = state.bMarks[start]
    stop = state.src.find("\n\n", begin)
    stop = len(state.src) if stop < 0 else stop
    columns = state.src.count("|", begin, state.eMarks[start])
    cells = columns * state.src.count("\n", begin, stop)
    if cells > 50 + 4 * state.src.count("|", begin, stop):
        return False
    return silent or table_rule(state, start, end, False)


def cell(token: Token) -> str:
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f'<{token.tag} class="{side}">' if side else f"<{token.tag}>"
