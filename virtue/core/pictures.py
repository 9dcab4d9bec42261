"""What becomes of an uploaded photo: decoded, turned upright, scaled and written anew, so that no EXIF, position or script
comes along; and its look in 64 bits, by which the same photo is known again after WeChat has squeezed it.
"""

import hashlib
import io
from dataclasses import dataclass
from functools import cache

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps

from virtue.errors import BrokenRule

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 60_000_000
MOST_SIDE = 20_000
LONGEST_SIDE = 1600
THUMB_SIDE = 240
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
ANIMATED = {"PNG", "WEBP"}
"""Formats in which several frames are an animation; in JPEG and HEIC they are a phone's extras beside the photo."""
NEARLY = 7
"""As many of the 64 bits may differ in what still looks like the same photo."""

_BAND_BITS = 16
_BANDS = 64 // _BAND_BITS


class NotAPicture(BrokenRule):
    """The upload isn't a picture that we can read."""

    sentence = _l("这不是照片，或者照片坏了。请用手机重新拍一张（JPEG、PNG、HEIC、WebP，最大 12 MB）。")


class PictureTooLarge(BrokenRule):
    """More bytes or pixels than we take."""

    sentence = _l("照片太大，最大 12 MB、6000 万像素。请用手机重新拍一张。")
    status = 413


class AnimatedPicture(BrokenRule):
    """Several frames: no evidence of anything."""

    sentence = _l("这是动图，不是照片。请用手机拍一张。")


@dataclass(frozen=True)
class Picture:
    """A cleaned photo as JPEG, with its small copy for lists."""

    data: bytes
    thumb: bytes
    width: int
    height: int
    look: str
    """The difference hash, 16 hexadecimal digits."""

    @property
    def sha256(self) -> str:
        """Of the cleaned bytes; the same upload gives the same."""
        return hashlib.sha256(self.data).hexdigest()


@cache
def _formats() -> tuple[str, ...]:
    """What we read. HEIC needs a decoder that takes long to load: only when the first photo comes."""
    from pillow_heif import register_heif_opener

    register_heif_opener()
    return FORMATS


def clean_picture(data: bytes) -> Picture:
    """A photo upright, at most 1600 px on its longer side, without any metadata. Slow: outside a write.

    Raises ``NotAPicture``, ``PictureTooLarge``, ``AnimatedPicture``.
    """
    if len(data) > MOST_BYTES:
        raise PictureTooLarge
    try:
        picture = _decode(data)
    except (BrokenRule, Image.DecompressionBombError) as error:
        raise error if isinstance(error, BrokenRule) else PictureTooLarge from None
    except Exception:  # noqa: BLE001  a decoder may fail in any way on bytes that were made to hurt it
        raise NotAPicture from None
    small = picture.copy()
    small.thumbnail((THUMB_SIDE, THUMB_SIDE))
    return Picture(_jpeg(picture, 82), _jpeg(small, 75), picture.width, picture.height, look_of(small))


def _decode(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=_formats()) as raw:
        if raw.width * raw.height > MOST_PIXELS or max(raw.size) > MOST_SIDE:
            raise PictureTooLarge
        if raw.format in ANIMATED and getattr(raw, "n_frames", 1) > 1:
            raise AnimatedPicture
        # A JPEG is decoded at a fraction already: 50 million pixels never stand in memory.
        raw.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture = ImageOps.exif_transpose(_flat(raw))
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return picture


def _flat(raw: Image.Image) -> Image.Image:
    """In RGB; what is transparent turns white."""
    if not raw.has_transparency_data:
        return raw.convert("RGB")
    layer = raw.convert("RGBA")
    flat = Image.new("RGB", layer.size, "white")
    flat.paste(layer, mask=layer.getchannel("A"))
    flat.info = raw.info
    return flat


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.info = {}
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def look_of(picture: Image.Image) -> str:
    """The difference hash: 9 x 8 grey dots, a bit for each that is brighter than its right neighbour."""
    dots = picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (dots[row * 9 + column] > dots[row * 9 + column + 1])
    return f"{bits:016x}"


def distance(look: str, other: str) -> int:
    """In how many of the 64 bits two photos differ."""
    return (int(look, 16) ^ int(other, 16)).bit_count()


def marks(look: str) -> list[int]:
    """A look dealt out in turn into four bands of 16 bits, each with its place: four numbers to look up by.

    Dealt out, not cut: a smooth sky fills neighbouring bits with the same in every photo.
    """
    bits = int(look, 16)
    return [
        band << _BAND_BITS | sum((bits >> (place * _BANDS + band) & 1) << place for place in range(_BAND_BITS))
        for band in range(_BANDS)
    ]


def marks_near(look: str) -> list[int]:
    """All marks with at most one bit changed: whatever differs in at most seven bits shares one of these 68."""
    found = []
    for mark in marks(look):
        found += [mark, *(mark ^ 1 << bit for bit in range(_BAND_BITS))]
    return found
