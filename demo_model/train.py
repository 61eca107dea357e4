"""Train the demo model for a given time on the CPU.

    torchrun --nproc-per-node 2 -m demo_model.train --size main --out build/main --minutes 60

One process per core, each with one thread, which meet once per step: this loses little when
other programs want the cores too, whereas threads would wait for each other in every operation.

Writes tokenizer.json (once) and checkpoint.pt (again and again) to the folder, and continues from
there when started again with the same folder. The learning rate reaches zero when the minutes are
over.
"""

import argparse
import os
import time
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from random import Random

import torch
from torch import Tensor, distributed
from torch.nn import functional

from demo_model.batches import Batch, Batcher, BatchStream, encoded_rows
from demo_model.model import SIZES, Model
from demo_model.tokenizer import train_tokenizer

TOKENS_PER_BATCH = 3072  # of one process; a step learns from one batch of each
MUON_LR, ADAM_LR = 0.015, 3e-3
WARM_UP, DECAY_FROM = 0.015, 0.45  # shares of the whole time
HELD_OUT_SEED, HELD_OUT_DIALOGUES, FIRST_SEED = 7, 250, 1000
SECONDS_BETWEEN_REPORTS, SECONDS_BETWEEN_CHECKPOINTS = 30, 300


def learning_rate_factor(progress: float) -> float:
    """Rises quickly, stays, and falls to zero at progress 1."""
    if progress < WARM_UP:
        return max(progress / WARM_UP, 0.02)
    return min(1.0, max(0.0, (1 - progress) / (1 - DECAY_FROM)))


def copying_share(progress: float) -> float:
    """Copying is learnt first: it is what names, lists and memory are made of."""
    return max(0.18, 0.45 * (1 - progress / 0.5))


def loss_of(model: Model, batch: Batch) -> tuple[Tensor, int]:
    """Summed cross-entropy of the tokens to be learnt, and their number."""
    tokens, learnt = torch.from_numpy(batch.tokens), torch.from_numpy(batch.learnt)
    states = model.hidden(tokens)[:, :-1].flatten(0, 1)
    wanted = learnt[:, 1:].flatten()
    logits = model.logits(states[wanted]).float()
    targets = tokens[:, 1:].flatten()[wanted]
    return functional.cross_entropy(logits, targets, reduction="sum"), len(targets)


class Trainer:
    def __init__(
        self, size: str, out: Path, seconds: float, bfloat16: bool = True, compiled: bool = True
    ) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.out, self.size, self.seconds, self.bfloat16 = out, size, seconds, bfloat16
        self.tokenizer_path = out / "tokenizer.json"
        if distributed.get_rank() == 0 and not self.tokenizer_path.exists():
            train_tokenizer(self.tokenizer_path, SIZES[size].vocab_size)
        distributed.barrier()
        torch.manual_seed(0)
        self.model = Model(SIZES[size])
        self.optimizers = self._make_optimizers()
        self.base_rates = [optimizer.param_groups[0]["lr"] for optimizer in self.optimizers]
        self.elapsed, self.step, self.tokens, self.held_out_loss = 0.0, 0, 0, float("nan")
        self._resume()
        if compiled:
            self._compile()

    @property
    def progress(self) -> float:
        return self.elapsed / self.seconds

    def run(self) -> None:
        first_seed = FIRST_SEED + 1_000_000 * distributed.get_rank() + self.step
        stream = BatchStream(self.tokenizer_path, TOKENS_PER_BATCH, first_seed)
        stream.copying = copying_share(self.progress)
        saved = reported = started = time.monotonic()
        for batch in stream:
            now = time.monotonic()
            loss = self._step(batch, now - started)
            started = now
            stream.copying = copying_share(self.progress)
            if started - reported > SECONDS_BETWEEN_REPORTS:
                reported = started
                self._report(loss)
            if started - saved > SECONDS_BETWEEN_CHECKPOINTS or self.progress >= 1:
                saved = started
                self._save_if_first()
            if self.progress >= 1:
                return

    def evaluate(self) -> None:
        """Loss per token on dialogues of a seed that is never trained on."""
        rows = encoded_rows(self.tokenizer_path, HELD_OUT_SEED, 0.0, HELD_OUT_DIALOGUES)
        longest_first = sorted(rows, key=lambda row: -len(row[0]))
        batches = Batcher(TOKENS_PER_BATCH).add(longest_first, Random(0))
        total, count = 0.0, 0
        # Without gradients each shape would be compiled once more.
        with torch.no_grad(), self._precision(), torch.compiler.set_stance("force_eager"):
            for batch in batches:
                loss, number = loss_of(self.model, batch)
                total, count = total + float(loss), count + number
        self.held_out_loss = total / count
        print(f"held-out loss {self.held_out_loss:.4f}", flush=True)

    def save(self) -> None:
        state = {
            "size": self.size,
            "config": asdict(self.model.config),
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "elapsed": self.elapsed,
            "step": self.step,
            "tokens": self.tokens,
            "held_out_loss": self.held_out_loss,
        }
        unfinished = self.out / "checkpoint.tmp"
        torch.save(state, unfinished)
        unfinished.replace(self.out / "checkpoint.pt")

    def _save_if_first(self) -> None:
        if distributed.get_rank() == 0:
            self.evaluate()
            self.save()

    def _step(self, batch: Batch, seconds: float) -> float:
        """Learn from one batch of each process. `seconds` is the time since the last step."""
        with self._precision():
            loss, learnt = loss_of(self.model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        mean_loss = self._share([float(loss.detach()), learnt, batch.tokens.size, seconds])
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        factor = learning_rate_factor(self.progress)
        for optimizer, rate in zip(self.optimizers, self.base_rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return mean_loss

    def _share(self, counts: list[float]) -> float:
        """Replace the gradients by their mean over all processes, and return the mean loss."""
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        message = torch.cat([*(gradient.flatten() for gradient in gradients), torch.tensor(counts)])
        distributed.all_reduce(message)
        loss, learnt, tokens, seconds = (float(count) for count in message[-4:])
        offset = 0
        for gradient in gradients:
            gradient.copy_(message[offset : offset + gradient.numel()].view_as(gradient) / learnt)
            offset += gradient.numel()
        self.tokens += int(tokens)
        self.elapsed += seconds / distributed.get_world_size()
        return loss / learnt

    def _make_optimizers(self) -> list[torch.optim.Optimizer]:
        """Muon for the matrices inside the blocks, AdamW for the embedding and the norms."""
        inner = [
            p
            for name, p in self.model.named_parameters()
            if p.dim() == 2 and "embedding" not in name
        ]
        others = [
            p for name, p in self.model.named_parameters() if p.dim() != 2 or "embedding" in name
        ]
        return [
            torch.optim.Muon(inner, lr=MUON_LR, weight_decay=0.02, momentum=0.95),
            torch.optim.AdamW(others, lr=ADAM_LR, betas=(0.9, 0.95), weight_decay=0.0),
        ]

    def _compile(self) -> None:
        """Compile a block and not the model: all blocks then share one piece of code per shape."""
        torch._dynamo.config.recompile_limit = 64
        torch._dynamo.config.accumulated_recompile_limit = 4096
        for block in self.model.blocks:
            block.compile(dynamic=False)

    def begin_from(self, run: Path) -> None:
        """Start with the weights of a deeper model, unless this run has already begun."""
        if self.step > 0:
            return
        state = torch.load(run / "checkpoint.pt", weights_only=True)
        self.model.take_over(state["model"], state["config"]["block_count"])

    def _resume(self) -> None:
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.elapsed, self.step, self.tokens = state["elapsed"], state["step"], state["tokens"]
        print(f"continuing at step {self.step}, {self.elapsed:.0f} s", flush=True)

    def _precision(self) -> torch.autocast | nullcontext[None]:
        return torch.autocast("cpu", torch.bfloat16) if self.bfloat16 else nullcontext()

    def _report(self, loss: float) -> None:
        if distributed.get_rank() > 0:
            return
        print(
            f"step {self.step} {self.elapsed:.0f}s {self.tokens / 1e6:.2f}M tokens "
            f"{self.tokens / self.elapsed:.0f}/s loss {loss:.4f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=list(SIZES), default="main")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=70)
    parser.add_argument("--begin-from", type=Path, help="the folder of a model as deep or deeper")
    parser.add_argument("--rate", type=float, default=1.0, help="scales the learning rates")
    parser.add_argument("--eager", action="store_true", help="save the minutes of compiling")
    parser.add_argument(
        "--float32", action="store_true", help="for a processor without bfloat16 instructions"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    # Started without torchrun, this is one process on its own.
    for name, value in (
        ("RANK", "0"),
        ("WORLD_SIZE", "1"),
        ("MASTER_ADDR", "127.0.0.1"),
        ("MASTER_PORT", "29511"),
    ):
        os.environ.setdefault(name, value)
    distributed.init_process_group("gloo")
    trainer = Trainer(
        arguments.size,
        arguments.out,
        arguments.minutes * 60,
        bfloat16=not arguments.float32,
        compiled=not arguments.eager,
    )
    trainer.base_rates = [rate * arguments.rate for rate in trainer.base_rates]
    if arguments.begin_from:
        trainer.begin_from(arguments.begin_from)
    print(f"{trainer.model.parameter_count():,} parameters", flush=True)
    trainer.run()
    distributed.destroy_process_group()


if __name__ == "__main__":
    main()
