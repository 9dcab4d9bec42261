"""A photo that came with a form: cleaned and written down at once, and kept while the form goes back and forth.

It travels in the page as a signed word bound to its owner (a member of staff, or a household), so that nobody attaches
what somebody else took. No row claims it until the deed is entered; what is given up is swept by ``daily``.
"""

import base64
from dataclasses import astuple
from datetime import timedelta

from itsdangerous import BadData
from werkzeug.datastructures import FileStorage

from virtue.core import files, pictures
from virtue.core.files import Upload
from virtue.people.card_cookie import serializer

_SALT = "kept-photo"
LIFETIME = timedelta(hours=12)
"""Shorter than the day after which an unclaimed file is swept."""


def of_staff(user_id: int) -> str:
    """The owner's name for a member of staff."""
    return f"user:{user_id}"


def of_household(household_id: int) -> str:
    """The owner's name for a household in its passbook."""
    return f"household:{household_id}"


def take(upload: FileStorage | None, word: str | None, *, owner: str) -> Upload | None:
    """The photo of a form: the one just taken, else the one kept from the time before, else None.

    Raises ``NotAPicture``, ``PictureTooLarge``, ``AnimatedPicture``. Slow: outside a write.
    """
    if upload is not None and upload.filename:
        data = upload.stream.read(pictures.MOST_BYTES + 1)
        return files.keep_picture(pictures.clean_picture(data))
    return read(word, owner=owner)


def make(photo: Upload, *, owner: str) -> str:
    """The word for the page."""
    return str(serializer(_SALT).dumps([owner, *astuple(photo)]))


def read(word: str | None, *, owner: str) -> Upload | None:
    """What a word says; None for none, a changed one, somebody else's, or one that is too old."""
    if not word:
        return None
    try:
        of, *fields = serializer(_SALT).loads(word, max_age=int(LIFETIME.total_seconds()))
        photo = Upload(*fields)
    except (BadData, TypeError, ValueError):
        return None
    return photo if of == owner and files.path_of(photo.name).exists() else None


def shown(photo: Upload | None, *, owner: str) -> dict[str, str]:
    """What the form's template needs to keep a photo: the word, and a picture of it; empty without one."""
    if photo is None:
        return {"kept_photo": "", "kept_src": ""}
    return {"kept_photo": make(photo, owner=owner), "kept_src": preview(photo)}


def preview(photo: Upload) -> str:
    """The small copy as an address for the page itself: nobody else can ask for it."""
    data = files.path_of(photo.name, small=True).read_bytes()
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()
