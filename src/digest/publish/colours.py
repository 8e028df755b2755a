"""An accent colour that can be read on both papers, from the one that was set (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

LIGHT_TINT = "#f4f1ec"
DARK_TINT = "#201e1c"
READABLE = 4.5  # contrast ratio of text that is not large
COMFORTABLE = 7.0  # on dark paper thin coloured strokes need more

_Colour = tuple[float, float, float]


def readable(colour: str, paper: str, ratio: float = READABLE) -> str:
    """``colour`` ("#rrggbb"), moved towards white or black only as far as it takes to be read on ``paper``."""
    wanted, ground = _parse(colour), _parse(paper)
    end = (0.0, 0.0, 0.0) if _luminance(ground) > 0.18 else (1.0, 1.0, 1.0)
    steps = (_mix(wanted, end, step / 50) for step in range(51))
    return next((_format(mixed) for mixed in steps if contrast(_format(mixed), paper) >= ratio), _format(end))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1–21 (WCAG 2.2)."""
    dark, light = sorted((_luminance(_parse(one)), _luminance(_parse(other))))
    return (light + 0.05) / (dark + 0.05)


def _parse(colour: str) -> _Colour:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _format(colour: _Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _mix(colour: _Colour, end: _Colour, share: float) -> _Colour:
    red, green, blue = (part + (last - part) * share for part, last in zip(colour, end, strict=True))
    return red, green, blue


def _luminance(colour: _Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
