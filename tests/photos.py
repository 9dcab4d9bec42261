"""Photos for tests: scenes that differ, as bytes of any format; and one as an upload of a form."""

import io
import random
from typing import Any

from PIL import Image, ImageDraw

MAKER, PLACE = b"HUAWEI-P60", b"37.4702N"


def scene(seed: int = 1, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """A picture of coloured shapes; another seed is another scene."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (400, 300), tuple(chance.randrange(256) for _ in "rgb"))
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y, width = chance.randrange(400), chance.randrange(300), chance.randrange(20, 120)
        pen.ellipse((x, y, x + width, y + width * chance.random()), fill=tuple(chance.randrange(256) for _ in "rgb"))
    return picture.resize(size)


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture as a file of that kind."""
    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def photo(seed: int = 1, kind: str = "JPEG", size: tuple[int, int] = (800, 600), **options: Any) -> bytes:
    """A scene as a file, with who made the phone and where it stood, as phones write it."""
    return encoded(scene(seed, size), kind, exif=tell_tale(), **options)


def tell_tale(orientation: int = 1) -> Image.Exif:
    """EXIF with a maker, an orientation and a place."""
    exif = Image.Exif()
    exif[0x010F] = MAKER.decode()
    exif[0x0112] = orientation
    exif[0x010E] = PLACE.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (37.0, 28.0, 12.7)
    return exif


def upload(data: bytes | None = None, name: str = "IMG_0147.jpg") -> tuple[io.BytesIO, str]:
    """What a form sends for a photo."""
    return io.BytesIO(photo() if data is None else data), name
