"""Uploads: kept outside static under a random name, written and synced before the commit that claims them."""

import contextlib
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select

from virtue import clock
from virtue.core import pictures
from virtue.core.models import PictureMark, StoredFile
from virtue.core.pictures import Picture
from virtue.errors import BrokenRule
from virtue.extensions import db

ORPHAN_SECONDS = 24 * 3600
PHOTO = "photo"


class PictureGone(BrokenRule):
    """A kept photo was swept, or another entry has it already."""

    sentence = _l("先前的照片已经用过，或者放得太久了。请重新拍一张。")


@dataclass(frozen=True)
class Upload:
    """A cleaned photo that lies in the folder; no row claims it yet."""

    name: str
    sha256: str
    size: int
    width: int
    height: int
    look: str


def folder() -> Path:
    """Where uploads lie; only our own user may look in."""
    path = Path(current_app.config["VIRTUE_DATA_DIR"]) / "files"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(name: str, *, small: bool = False) -> Path:
    """Where a stored photo lies, or its small copy."""
    return folder() / (_small(name) if small else name)


def keep_picture(picture: Picture) -> Upload:
    """Write a cleaned photo and its small copy under a random name and sync them. Before the write that claims it."""
    name = secrets.token_urlsafe(24) + ".jpg"
    _write(name, picture.data)
    _write(_small(name), picture.thumb)
    _sync_folder()
    return Upload(name, picture.sha256, len(picture.data), picture.width, picture.height, picture.look)


def claim_picture(upload: Upload, village_id: int, *, by: int | None) -> int:
    """The row of a kept photo, with the marks it is known again by; gives its id. Inside a write.

    Raises ``PictureGone``.
    """
    taken = db.session.scalar(select(StoredFile.id).where(StoredFile.name == upload.name))
    if taken is not None or not path_of(upload.name).exists():
        raise PictureGone
    row = StoredFile(
        village_id=village_id, name=upload.name, kind=PHOTO, sha256=upload.sha256, size=upload.size, width=upload.width,
        height=upload.height, by_id=by, stored_at=clock.now(), look=upload.look,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    marks = pictures.marks(upload.look)
    db.session.execute(
        insert(PictureMark.__table__),
        [{"village_id": village_id, "mark": mark, "file_id": row.id} for mark in marks],
    )
    return row.id


def store_picture(picture: Picture, village_id: int, *, by: int | None) -> int:
    """Keep a cleaned photo and claim it at once; gives its id. Inside a write that is short anyway."""
    return claim_picture(keep_picture(picture), village_id, by=by)


def forget_picture(file_id: int) -> None:
    """Give a photo up: its row and marks go, and the file with the next sweep. Inside a write; nothing else shows it."""
    db.session.execute(delete(PictureMark).where(PictureMark.file_id == file_id))
    db.session.execute(delete(StoredFile).where(StoredFile.id == file_id))


def find_photo(village_id: int, name: str) -> StoredFile | None:
    """The row of a village's photo by its name."""
    return db.session.scalar(
        select(StoredFile).where(
            StoredFile.name == name, StoredFile.village_id == village_id, StoredFile.kind == PHOTO
        )
    )  # fmt: skip


def sweep() -> int:
    """Delete files older than a day that no row claims: their write never committed. Gives how many."""
    names = set(db.session.scalars(select(StoredFile.name)))
    known = names | {_small(name) for name in names}
    swept = 0
    for path in folder().iterdir():
        if path.name not in known and time.time() - path.stat().st_mtime > ORPHAN_SECONDS:
            path.unlink()
            swept += 1
    return swept


def _small(name: str) -> str:
    return f"{name.removesuffix('.jpg')}.small.jpg"


def _write(name: str, data: bytes) -> None:
    handle = os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder() -> None:
    """The names too must outlive a power cut; not every system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder(), os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
