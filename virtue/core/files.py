"""Uploads: kept outside static under a random name, written and synced before the commit that claims them.

A picture is decoded, turned upright, scaled and written anew, so that no EXIF, position or script comes along.
"""

import hashlib
import io
import os
import secrets
import time
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select

from virtue import clock
from virtue.core.models import StoredFile
from virtue.errors import BrokenRule
from virtue.extensions import db

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")
ORPHAN_SECONDS = 24 * 3600


class NotAPicture(BrokenRule):
    """The upload isn't a picture that we can read."""

    sentence = _l("这不是照片，或者照片坏了。请用手机重新拍一张（JPEG、PNG、WebP，最大 12 MB）。")


class PictureTooLarge(BrokenRule):
    """More bytes or pixels than we take."""

    sentence = _l("照片太大，最大 12 MB、6000 万像素。请用手机重新拍一张。")
    status = 413


def folder() -> Path:
    """Where uploads lie."""
    path = Path(current_app.config["VIRTUE_DATA_DIR"]) / "files"
    path.mkdir(parents=True, exist_ok=True)
    return path


def clean_picture(data: bytes) -> tuple[bytes, int, int]:
    """A picture upright, at most 1600 px on its longer side, as JPEG without any metadata; and its width and height.

    Raises ``NotAPicture``, ``PictureTooLarge``. Outside a write: this is slow.
    """
    if len(data) > MOST_BYTES:
        raise PictureTooLarge
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as raw:
            if raw.width * raw.height > MOST_PIXELS:
                raise PictureTooLarge
            picture = ImageOps.exif_transpose(raw).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError, SyntaxError):
        raise NotAPicture from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue(), picture.width, picture.height


def store_picture(data: bytes, village_id: int, *, by: int | None) -> int:
    """Keep a cleaned picture (``clean_picture``) and give its id; the file is on disk before the row. Inside a write."""
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
    name = secrets.token_urlsafe(24) + ".jpg"
    handle = os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    row = StoredFile(
        village_id=village_id, name=name, kind="photo", sha256=hashlib.sha256(data).hexdigest(), size=len(data),
        width=width, height=height, by_id=by, stored_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def find_file(village_id: int, name: str) -> Path | None:
    """The path of a village's upload; None for any other name."""
    row = db.session.scalar(select(StoredFile).where(StoredFile.village_id == village_id, StoredFile.name == name))
    return None if row is None else folder() / row.name


def sweep() -> int:
    """Delete files older than a day that no row claims: their write never committed. Gives how many."""
    known = set(db.session.scalars(select(StoredFile.name)))
    swept = 0
    for path in folder().iterdir():
        if path.name not in known and time.time() - path.stat().st_mtime > ORPHAN_SECONDS:
            path.unlink()
            swept += 1
    return swept
