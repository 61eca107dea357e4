"""Ask a GGUF the questions of the probe set and count the good answers.

    python -m demo_model.probes demo_model/parley-demo.gguf [OTHER.gguf …]

prints a table: one row for each kind of question, and for each file a column at temperature 0 and
one at 0.5.
"""

import argparse
import re
from itertools import islice
from pathlib import Path

import llama_cpp  # noqa: TID251 (a tool of its own, outside of the server)

from demo_model.corpus import dialogues
from demo_model.probe_set import Probe, probes

SAMPLED_TEMPERATURE, TOP_P, SEEDS = 0.5, 0.9, (1, 2)


class Asker:
    """Answers of one GGUF file."""

    def __init__(self, path: Path) -> None:
        self.llama = llama_cpp.Llama(str(path), n_ctx=0, n_threads=1, verbose=False)

    def passes(self, probe: Probe, temperature: float, seed: int, show: bool) -> bool:
        messages = [{"role": "system", "content": probe.system}] if probe.system else []
        for question in probe.turns:
            messages.append({"role": "user", "content": question})
            answer = self._answer(messages, temperature, seed)
            messages.append({"role": "assistant", "content": answer})
        passed = bool(answer) and probe.check(answer)
        if show and not passed:
            print(f"[{probe.kind}] {' / '.join(probe.turns)}\n    {answer!r}")
        return passed

    def _answer(self, messages: list[dict[str, str]], temperature: float, seed: int) -> str:
        # The engine's defaults would punish the repetitions that a table or a count needs.
        completion = self.llama.create_chat_completion(
            messages,
            temperature=temperature,
            top_p=TOP_P,
            top_k=40,
            repeat_penalty=1.0,
            max_tokens=480,
            seed=seed,
        )
        text: str = completion["choices"][0]["message"]["content"]
        return text


def score(path: Path, temperature: float, show: bool) -> dict[str, tuple[int, int]]:
    """(passed, asked) of each kind of probe."""
    asker = Asker(path)
    result: dict[str, tuple[int, int]] = {}
    for probe in probes():
        for seed in SEEDS if temperature else SEEDS[:1]:
            passed, asked = result.get(probe.kind, (0, 0))
            result[probe.kind] = passed + asker.passes(probe, temperature, seed, show), asked + 1
    return result


def print_table(columns: dict[str, dict[str, tuple[int, int]]]) -> None:
    print("| | " + " | ".join(columns) + " |")
    print("|---|" + "---|" * len(columns))
    kinds = list(dict.fromkeys(probe.kind for probe in probes()))
    for kind in kinds:
        cells = (f"{column[kind][0]}/{column[kind][1]}" for column in columns.values())
        print(f"| {kind} | " + " | ".join(cells) + " |")
    totals = []
    for column in columns.values():
        passed, asked = (sum(numbers) for numbers in zip(*column.values(), strict=True))
        totals.append(f"**{passed}/{asked} = {passed / asked:.0%}**")
    print("| all | " + " | ".join(totals) + " |")


def print_known_questions(count: int = 100_000) -> None:
    """Which probes does the corpus hold word for word? Those say nothing about new wordings."""

    def plain(text: str) -> str:
        return re.sub(r"[^a-z0-9]", "", text.lower())

    asked = {
        plain(message["content"])
        for messages in islice(dialogues(31_337), count)
        for message in messages[:-1]
    }
    for probe in probes():
        if len(probe.turns) == 1 and not probe.system and plain(probe.turns[0]) in asked:
            print(f"in the corpus: {probe.turns[0]}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gguf", type=Path, nargs="*")
    parser.add_argument("--show-failures", action="store_true")
    parser.add_argument("--greedy-only", action="store_true")
    parser.add_argument(
        "--known", action="store_true", help="list the probes that the corpus holds word for word"
    )
    arguments = parser.parse_args()
    if arguments.known:
        print_known_questions()
        return
    temperatures = [0.0] if arguments.greedy_only else [0.0, SAMPLED_TEMPERATURE]
    print_table(
        {
            f"{path.stem}, T={temperature:g}": score(path, temperature, arguments.show_failures)
            for path in arguments.gguf
            for temperature in temperatures
        }
    )


if __name__ == "__main__":
    main()
