"""A picture from elsewhere → a still of our own: one format, one shape, nothing hidden in it, a play mark on it.

Decoders crash on hostile input, so run it in a child process (``digest.isolate``). The mark is part of the picture
because Outlook cannot lay one thing over another.
"""

from __future__ import annotations

import io
import warnings
from hashlib import sha256

from PIL import Image, ImageDraw, ImageOps

from digest.errors import ParseError
from digest.model import Picture

SIZE = (640, 360)  # pixels at most: twice what a mail shows, on screens that have them
SMALLEST = 64  # pixels of a side; less is a spacer or a spy, no still
MAX_PIXELS = 16_000_000  # of what comes in, before anything of it is decoded

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITY = 82
_PAPER, _INK = (255, 255, 255), (28, 27, 26)
_VEIL = 190  # of 255: how much of the disc behind the triangle is ink
_FINER = 4  # the mark is drawn so many times as large, for smooth edges


def still(data: bytes) -> tuple[Picture, bytes]:
    """The first frame as a JPEG in 16:9 with the play mark, never enlarged; and what it is called.

    It is cut in the middle, which takes the bars off the stills of YouTube. Positions, camera data and whatever else a
    file may carry beside its pixels stay behind. The same bytes give the same bytes.

    Raises:
        ParseError: it is no picture that mail programs know, or a broken, tiny or monstrous one.
    """
    cut = _cut(_decoded(data))
    cut.paste(_INK, mask=_disc(cut.size))
    cut.paste(_PAPER, mask=_triangle(cut.size))
    file = io.BytesIO()
    cut.save(file, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    drawn = file.getvalue()
    return Picture(f"{sha256(drawn).hexdigest()[:32]}.jpg", *cut.size), drawn


def _decoded(data: bytes) -> Image.Image:
    """The pixels, upright, on white paper where they are transparent."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow finds odd is no news for the caller
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
            _refuse_size(*picture.size)
            picture.draft("RGB", (SIZE[0] * 2, SIZE[1] * 2))  # a JPEG need not be decoded larger than that
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError, Image.DecompressionBombError) as error:
        raise ParseError(f"it is no picture that can be read: {error}") from error
    paper = Image.new("RGB", upright.size, _PAPER)
    paper.paste(upright, mask=upright)
    return paper


def _refuse_size(width: int, height: int) -> None:
    if min(width, height) < SMALLEST:
        raise ParseError(f"a picture of {width} × {height} pixels is too small to be shown")
    if width * height > MAX_PIXELS:
        raise ParseError(f"a picture of {width} × {height} pixels is too large to be read")


def _cut(picture: Image.Image) -> Image.Image:
    """The middle of it in 16:9, at most ``SIZE``."""
    scale = min(1.0, picture.width / SIZE[0], picture.height / SIZE[1])
    size = (max(1, round(SIZE[0] * scale)), max(1, round(SIZE[1] * scale)))
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def _disc(size: tuple[int, int]) -> Image.Image:
    """Where the disc of the play mark is, in the middle of a picture of that size."""
    radius = _unit(size)
    x, y = size[0] * _FINER / 2, size[1] * _FINER / 2
    mask, pen = _canvas(size)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_VEIL)
    return mask.resize(size, Image.Resampling.LANCZOS)


def _triangle(size: tuple[int, int]) -> Image.Image:
    """Where its triangle is: its centre of gravity is that of the disc."""
    side = _unit(size) / 2
    x, y = size[0] * _FINER / 2, size[1] * _FINER / 2
    mask, pen = _canvas(size)
    pen.polygon([(x + side, y), (x - side / 2, y - side * 0.87), (x - side / 2, y + side * 0.87)], fill=255)
    return mask.resize(size, Image.Resampling.LANCZOS)


def _canvas(size: tuple[int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    mask = Image.new("L", (size[0] * _FINER, size[1] * _FINER))
    return mask, ImageDraw.Draw(mask)


def _unit(size: tuple[int, int]) -> float:
    """The radius of the disc, on the finer canvas."""
    return size[1] * _FINER / 7
