"""Stills of videos: whatever comes from elsewhere becomes a plain JPEG of our own, or nothing."""

from __future__ import annotations

import io
import random
import struct
import zlib
from hashlib import sha256

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from digest.demo.pictures import png
from digest.errors import DigestError, ParseError
from digest.isolate import Child
from digest.publish.stills import MAX_PIXELS, SIZE, still
from effort import effort

Colour = tuple[int, int, int]
SAND: Colour = (214, 189, 140)


def picture(
    size: tuple[int, int] = (480, 360), kind: str = "JPEG", colour: Colour = SAND, **options: object
) -> bytes:
    """A picture of one colour."""
    return encoded(Image.new("RGB", size, colour), kind, **options)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def pixels(data: bytes) -> Image.Image:
    drawn = Image.open(io.BytesIO(data))
    drawn.load()
    return drawn


def near(drawn: Image.Image, place: tuple[int, int], colour: Colour) -> bool:
    """Whether a pixel has that colour, as nearly as JPEG keeps it."""
    found = drawn.getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(one - other) <= 12 for one, other in zip(found, colour, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_comes_in_any_common_format_goes_out_as_jpeg(kind: str) -> None:
    """Named by the hash of its bytes, with the size that it has."""
    found, data = still(picture(kind=kind))
    drawn = pixels(data)
    assert drawn.format == "JPEG"
    assert drawn.size == (found.width, found.height)
    assert found.name == f"{sha256(data).hexdigest()[:32]}.jpg"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1920, 1080), SIZE),
        ((4000, 3000), SIZE),
        ((480, 360), (480, 270)),
        ((320, 180), (320, 180)),
        ((120, 90), (120, 68)),
        ((1000, 100), (178, 100)),
        ((400, 900), (400, 225)),
    ],
)
def test_every_still_is_16_to_9_and_none_is_enlarged(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """At most twice what a mail shows; wide and tall ones are cut in the middle."""
    assert pixels(still(picture(size))[1]).size == expected


def test_the_bars_of_a_4_to_3_still_are_cut_off() -> None:
    """YouTube puts 16:9 into 4:3 with black bars above and below."""
    barred = Image.new("RGB", (480, 360))
    barred.paste(SAND, (0, 45, 480, 315))
    drawn = pixels(still(encoded(barred, "PNG"))[1])
    assert all(near(drawn, place, SAND) for place in ((0, 2), (479, 2), (0, 267), (479, 267)))


def test_a_play_mark_stands_in_the_middle() -> None:
    """White on a dark disc, whatever the picture; the corners are the picture's own."""
    for colour in ((255, 255, 255), (0, 0, 0), SAND):
        drawn = pixels(still(picture((640, 360), "PNG", colour))[1])
        assert near(drawn, (320, 180), (255, 255, 255))
        disc = drawn.getpixel((320, 180 - 40))
        assert isinstance(disc, tuple)
        assert max(disc) < 110
        assert near(drawn, (4, 4), colour)


def test_what_is_transparent_is_white() -> None:
    """Mail programs have no say in what shines through."""
    clear = Image.new("RGBA", (640, 360), (10, 10, 10, 0))
    assert near(pixels(still(encoded(clear, "PNG"))[1]), (4, 4), (255, 255, 255))


def test_a_turned_picture_stands_upright() -> None:
    """As its camera says (Exif orientation 3: upside down)."""
    halves = Image.new("RGB", (640, 360), (255, 255, 255))
    halves.paste((20, 20, 160), (0, 0, 640, 180))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 3
    drawn = pixels(still(encoded(halves, "JPEG", exif=exif))[1])
    assert near(drawn, (4, 355), (20, 20, 160))
    assert near(drawn, (4, 4), (255, 255, 255))


def test_nothing_but_pixels_is_kept() -> None:
    """Neither where a photo was taken, nor comments, profiles, previews or appended files."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Secret Camera"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "Secret Note")
    for data in (
        picture(exif=exif, comment=b"Secret Note") + b"Secret Tail",
        picture(kind="PNG", pnginfo=notes) + b"Secret Tail",
    ):
        assert b"Secret" in data
        drawn = still(data)[1]
        assert b"Secret" not in drawn
        assert not pixels(drawn).getexif()


def test_the_first_frame_of_an_animation_is_the_still() -> None:
    """The others are not even decoded."""
    frames = [Image.new("RGB", (320, 180), colour) for colour in (SAND, (0, 0, 0))]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    drawn = pixels(still(data)[1])
    assert near(drawn, (4, 4), SAND)
    assert getattr(drawn, "n_frames", 1) == 1


def test_the_same_bytes_give_the_same_still() -> None:
    """So that an issue drafted twice is the same issue."""
    assert still(png("quay")) == still(png("quay"))
    assert still(png("quay"))[0] != still(png("well"))[0]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no picture"),
        (b"<html><title>Sign in</title>", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='640' height='360'/>", "no picture"),
        (picture(kind="BMP"), "no picture"),
        (picture(kind="TIFF"), "no picture"),
        (picture()[:400], "no picture"),
        (picture((1, 1), "GIF"), "too small"),
        (picture((640, 20)), "too small"),
    ],
)
def test_what_is_no_still_is_refused(data: bytes, why: str) -> None:
    """Pages, drawings, rare formats, cut files, spacers and spies: one sentence each."""
    with pytest.raises(ParseError, match=why):
        still(data)


@pytest.mark.parametrize("size", [(50_000, 50_000), (MAX_PIXELS // 100, 101), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    """By the size that it claims to have: a few bytes would become gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    bomb = (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000)) + chunk(b"IEND", b"")
    )
    with effort() as spent, pytest.raises(ParseError, match=r"too large|no picture"):
        still(bomb)
    assert spent.seconds < 0.5


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_damaged_picture_is_a_still_or_a_sentence(kind: str) -> None:
    """Two hundred ways of damage: nothing but our own error escapes, and no process dies of it."""
    whole = encoded(Image.effect_noise((96, 96), 80), kind)
    chance = random.Random(7)
    with Child(timeout=20) as child:
        for _ in range(200):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 12)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            try:
                child.run("digest.publish.stills:still", bytes(damaged))
            except DigestError as error:
                assert isinstance(error, ParseError), error  # noqa: PT017  either outcome is right
