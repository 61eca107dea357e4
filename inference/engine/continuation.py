"""From a text, or the tokens of one, to a prompt as it is: no chat, no template."""

from inference.engine.backend import Tokenizer, Vocabulary
from inference.engine.prompt import SHARE_FOR_ANSWER, Prompt, PromptTooLong


class UnknownToken(Exception):
    """A prompt has one that the model does not."""

    def __init__(self, token: int, size: int) -> None:
        super().__init__(f"token {token} of a vocabulary of {size}")
        self.token = token
        self.size = size


def as_it_is(
    prompt: str | list[int], tokenizer: Tokenizer, vocabulary: Vocabulary, max_tokens: int
) -> Prompt:
    """The prompt to go on with; an empty one is the token that texts begin with.

    Nothing is left out of it. Raises PromptTooLong when it leaves no room for an answer, and
    UnknownToken.
    """
    tokens = tokenizer.tokenize(prompt) if isinstance(prompt, str) else known(prompt, vocabulary)
    most = tokenizer.context - min(max_tokens, tokenizer.context // SHARE_FOR_ANSWER)
    if len(tokens) > most:
        raise PromptTooLong(len(tokens), most)
    tokens = tokens or [vocabulary.start]
    left = min(max_tokens, tokenizer.context - len(tokens))
    return Prompt(tokens, left, text=prompt if isinstance(prompt, str) else "")


def known(tokens: list[int], vocabulary: Vocabulary) -> list[int]:
    """The tokens. Raises UnknownToken for one that is not of the vocabulary."""
    if unknown := [token for token in tokens if not 0 <= token < vocabulary.size]:
        raise UnknownToken(unknown[0], vocabulary.size)
    return tokens
