"""How long steps take, learnt from those before, and how much of a prompt fits into the next."""

from dataclasses import dataclass

GAP_SECONDS = 0.25
"""Running answers should not wait longer than this for their next token while prompts are read…"""
GAP_STEPS = 3
"""…or than so many steps without prompts, where those alone take long."""
LONGEST_SECONDS = 1.0
"""Of a step when no answer runs. A stop or another user's message waits no longer than this."""
LEAST_CHUNK = 32
"""Tokens of a prompt; smaller pieces are read slower by the token."""
FULL_SPEED_CHUNK = 128
WEIGHT = 0.2
"""Of the newest step in the running averages."""


@dataclass
class Pace:
    decode_seconds: float = 0.0
    """Of a step that only carries running answers."""
    prompt_seconds: float = 0.0
    """Per token of a prompt."""

    def measured(self, decoding: int, prompt: int, seconds: float) -> None:
        """A step with so many rows of either kind took so long."""
        if not prompt:
            self.decode_seconds = _moved(self.decode_seconds, seconds)
        elif prompt >= LEAST_CHUNK:
            spent = seconds - (self.decode_seconds if decoding else 0.0)
            self.prompt_seconds = _moved(self.prompt_seconds, max(spent, 0.0) / prompt)

    def chunk(self, decoding: int, reading: int) -> int:
        """Tokens of prompts that the next step should carry beside so many running answers, when
        so many prompts are to be read: the more they are, the longer the answers wait for them."""
        if not self.prompt_seconds:
            return FULL_SPEED_CHUNK
        if not decoding:
            return max(FULL_SPEED_CHUNK, int(LONGEST_SECONDS / self.prompt_seconds))
        gap = max(GAP_SECONDS, GAP_STEPS * self.decode_seconds) * (1 + reading / decoding)
        gap = max(min(gap, LONGEST_SECONDS), GAP_STEPS * self.decode_seconds)
        return max(LEAST_CHUNK, int((gap - self.decode_seconds) / self.prompt_seconds))


def _moved(average: float, value: float) -> float:
    return value if not average else average + WEIGHT * (value - average)
