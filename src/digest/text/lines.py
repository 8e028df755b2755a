"""The plain text of simple markup, line by line, as ``text.document`` writes it, but without its lines and anchors."""

from __future__ import annotations

from dataclasses import dataclass, field

from digest.text.language import collapsed

# In the text of a line, in the place of <br>, and of a link without words. Cleaned text holds neither, and being
# whitespace to Python they are never taken for words.
BREAK, LINKED = "\x1e", "\x1f"


@dataclass(slots=True)
class Lines:
    """Lines that are written, with what decides how they are parted: their block, and their outermost list or table."""

    parts: list[str] = field(default_factory=list)  # lines, and what separates them
    places: list[tuple[int, int]] = field(
        default_factory=lambda: [(0, 0)]
    )  # (block, grid) of each open block
    last: tuple[int, int] | None = None  # of the last line with words
    count: int = 0  # blocks so far

    def open(self, is_grid: bool) -> None:
        """Begin a block; ``is_grid``: its lines, and those of all blocks in it, follow each other closely."""
        self.count += 1
        self.places.append((self.count, self.places[-1][1] or (self.count if is_grid else 0)))

    def close(self) -> None:
        """End the block that was begun last."""
        self.places.pop()

    def add(self, text: str) -> None:
        """The text between two tags of blocks: the lines that <br> separates."""
        if BREAK in text or LINKED in text:
            self._add_lines(text)
        elif words := collapsed(text):
            self._write(words, self.places[-1])

    def add_preformatted(self, text: str) -> None:
        """The same inside a <pre>, where whitespace stays."""
        if words := text.replace(BREAK, "\n").replace(LINKED, "").strip():
            self._write(words, self.places[-1])

    def _add_lines(self, text: str) -> None:
        """Lines of one block; after a blank one, which two <br> make, another block begins."""
        block, grid = self.places[-1]
        broken = False
        *ended, last = text.split(BREAK)
        for line in ended:
            if words := collapsed(line.replace(LINKED, "") if LINKED in line else line):
                self._write(words, (block, grid))
            if words or LINKED in line:
                broken = True
            elif broken:
                self.count += 1
                block = self.count
        self.places[-1] = (block, grid)
        if words := collapsed(last.replace(LINKED, "")):
            self._write(words, (block, grid))

    def _write(self, words: str, place: tuple[int, int]) -> None:
        if self.last is not None:
            near = place[0] == self.last[0] or (place[1] and place[1] == self.last[1])
            self.parts.append("\n" if near else "\n\n")
        self.last = place
        self.parts.append(words)
