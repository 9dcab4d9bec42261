"""Rendered pages kept in this process's memory, so that an unchanged board costs no query and no template.

One rendering for each village, page and language; it is served only for the version it was made under, and until its
end. Bounded: the one not asked for longest goes first.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from flask import current_app

from virtue import clock

MOST = 1024
_EXTENSION = "virtue_kept"


@dataclass(frozen=True)
class Rendering:
    """A page's bytes, and until when they may be shown."""

    version: int | str
    """Of the village's board; or all that the page depends on, in a word."""
    fresh_until: datetime
    body: bytes

    @property
    def is_fresh(self) -> bool:
        """Whether nothing that it shows has come to its end."""
        return clock.now() < self.fresh_until


class Kept:
    """The renderings of one application."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pages: OrderedDict[tuple[int, str, str], Rendering] = OrderedDict()
        self._lock = Lock()

    def find(self, village_id: int, page: str, language: str, version: int | str) -> Rendering | None:
        """The rendering of this version, if it is kept and its time isn't over."""
        key = (village_id, page, language)
        with self._lock:
            found = self._pages.get(key)
            if found is None or found.version != version or not found.is_fresh:
                return None
            self._pages.move_to_end(key)
            return found

    def keep(self, village_id: int, page: str, language: str, rendering: Rendering) -> None:
        """Keep a rendering in the place of an older one."""
        with self._lock:
            self._pages[(village_id, page, language)] = rendering
            self._pages.move_to_end((village_id, page, language))
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)

    def __len__(self) -> int:
        return len(self._pages)


def kept() -> Kept:
    """The running application's renderings."""
    found: Kept = current_app.extensions.setdefault(_EXTENSION, Kept())
    return found
