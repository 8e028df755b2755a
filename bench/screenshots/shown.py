"""The pictures in the documentation: tops of some shots, side by side, in few colours, so that they stay small."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

GAP = 24  # pixels
LARGEST = 150_000  # bytes of a picture
_AROUND = "#d9d5cf"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Shots by name; of each the top ``height`` pixels are shown, made smaller by ``scale``."""

    shots: tuple[str, ...]
    height: int
    scale: float = 0.75


SHEETS: Mapping[str, Sheet] = {
    "pictures/mail": Sheet(("mail-600", "mail-320-dark", "mail-600-rtl"), 1180),
    "screenshots/today": Sheet(("desk-today-in-doubt-1440",), 560),
    "screenshots/issue": Sheet(("desk-issue-1440",), 1130),
    "screenshots/issue-dark": Sheet(("desk-issue-1440-dark",), 1130),
    "screenshots/pick": Sheet(("desk-pick-1440",), 900),
    "screenshots/preflight": Sheet(("desk-preflight-1440",), 700),
    "screenshots/send": Sheet(("desk-send-1440",), 1150),
    "screenshots/deliveries": Sheet(("desk-doubt-1440",), 420),
    "screenshots/subscriber": Sheet(("desk-subscriber-1440",), 920),
    "screenshots/theme": Sheet(("desk-theme-1440",), 900),
    "screenshots/phone": Sheet(
        ("desk-today-in-doubt-390", "desk-issue-390", "desk-pick-390-dark", "desk-send-390"), 844
    ),
    "screenshots/editor-mail": Sheet(
        ("editor-mail-1-390", "editor-mail-1-390-dark", "editor-mail-5-390"), 844
    ),
    "screenshots/readers": Sheet(
        (
            "reader-02-subscribe-390",
            "reader-07-confirm-390",
            "reader-09-themes-390-dark",
            "reader-22-leave-390",
        ),
        720,
    ),
}


def compose(folder: Path, docs: Path) -> Iterator[Path]:
    """Each sheet whose shots are in ``folder``, below ``docs``."""
    for name, sheet in SHEETS.items():
        if all((folder / f"{shot}.png").exists() for shot in sheet.shots):
            place = docs / f"{name}.png"
            place.parent.mkdir(exist_ok=True)
            yield _save(_drawn(folder, sheet), place)


def _drawn(folder: Path, sheet: Sheet) -> Image.Image:
    tops = [Image.open(folder / f"{name}.png").convert("RGB") for name in sheet.shots]
    around = GAP if len(tops) > 1 else 0
    height = min(sheet.height, max(top.height for top in tops))
    drawn = Image.new("RGB", (sum(top.width + around for top in tops) + around, height + 2 * around), _AROUND)
    left = around
    for top in tops:
        drawn.paste(top.crop((0, 0, top.width, min(top.height, height))), (left, around))
        left += top.width + around
    size = int(drawn.width * sheet.scale), int(drawn.height * sheet.scale)
    return drawn.resize(size, Image.Resampling.LANCZOS)


def _save(drawn: Image.Image, place: Path) -> Path:
    """In as many colours as the bytes allow."""
    for colours in (256, 128, 64, 32):
        # By how far colours are apart, not by how often they are there: a red bar stays red.
        few = drawn.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(place, optimize=True)
        if place.stat().st_size <= LARGEST:
            break
    return place
