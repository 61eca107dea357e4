"""The account of the KV cache's cells: which of them each sequence holds.

Sequences share the cells of a common prefix, so copying one costs no room (llama.cpp's unified
cache marks each cell with all the sequences it belongs to).
"""


class Ledger:
    """Which cells each sequence holds. Cells are numbers here; where they lie is llama.cpp's."""

    def __init__(self, cells: int) -> None:
        self._free = list(range(cells))
        self._holders = [0] * cells
        self._of: dict[int, list[int]] = {}

    @property
    def free(self) -> int:
        return len(self._free)

    def take(self, id: int, count: int) -> None:
        """Raises IndexError, and changes nothing, when there are not so many."""
        if count > len(self._free):
            raise IndexError(f"{count} cells wanted, {len(self._free)} free")
        for _ in range(count):
            cell = self._free.pop()
            self._holders[cell] = 1
            self._of.setdefault(id, []).append(cell)

    def share(self, source: int, target: int, length: int) -> None:
        shared = self._of[source][:length]
        for cell in shared:
            self._holders[cell] += 1
        self._of[target] = shared

    def cut(self, id: int, length: int) -> None:
        cells = self._of.get(id, [])
        for cell in cells[length:]:
            self._holders[cell] -= 1
            if not self._holders[cell]:
                self._free.append(cell)
        del cells[length:]
