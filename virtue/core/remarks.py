"""Free text, kept apart from permanent rows so that it can be forgotten while their seals and hashes hold."""

import hashlib
import secrets

from sqlalchemy import insert, select, update

from virtue import clock
from virtue.core.models import Remark
from virtue.extensions import db

_INSERT = insert(Remark.__table__).returning(Remark.__table__.c.id)


def keep(text: str | None, *, village_id: int | None) -> tuple[int | None, str | None]:
    """Store a text; gives its id and salted hash for the permanent row, or (None, None) for no text."""
    words = (text or "").strip()
    if not words:
        return None, None
    salt = secrets.token_hex(8)
    row = {"village_id": village_id, "written_at": clock.now(), "text": words, "salt": salt}
    return db.session.execute(_INSERT, row).scalar_one(), fingerprint(words, salt)


def fingerprint(text: str, salt: str) -> str:
    """The salted SHA-256 that a permanent row keeps of a text."""
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()


def texts(ids: list[int | None]) -> dict[int, str]:
    """The texts of these remarks by id; forgotten ones are missing."""
    wanted = [number for number in ids if number is not None]
    if not wanted:
        return {}
    rows = db.session.execute(select(Remark.id, Remark.text).where(Remark.id.in_(wanted)))
    return {row.id: row.text for row in rows if row.text is not None}


def forget(remark_id: int) -> None:
    """Empty a text; the row and its salt stay, so that its hash elsewhere remains explainable."""
    db.session.execute(update(Remark).where(Remark.id == remark_id).values(text=None))
