"""The picture in the README: some shots side by side."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

SHOTS = ("mail-600", "mail-320-dark", "mail-600-rtl")
HEIGHT, GAP = 1180, 24  # pixels
_AROUND = "#d9d5cf"


def compose(folder: Path, place: Path) -> Path:
    """The tops of the shots in ``folder`` as one small picture."""
    tops = [Image.open(folder / f"{name}.png").convert("RGB") for name in SHOTS]
    width = sum(top.width + GAP for top in tops) + GAP
    sheet = Image.new("RGB", (width, HEIGHT + 2 * GAP), _AROUND)
    left = GAP
    for top in tops:
        sheet.paste(top.crop((0, 0, top.width, HEIGHT)), (left, GAP))
        left += top.width + GAP
    small = sheet.resize((sheet.width * 3 // 4, sheet.height * 3 // 4), Image.Resampling.LANCZOS)
    small.quantize(128, dither=Image.Dither.NONE).save(place, optimize=True)
    return place
