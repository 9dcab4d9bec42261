"""A screen's programme: all its slides on one page. Slides are drawn once for all screens of the village."""

from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from virtue import clock
from virtue.extensions import db
from virtue.honours import black_queries
from virtue.kiosk import drawings, hours
from virtue.kiosk.kept import Rendering, kept
from virtue.kiosk.screen_models import Screen
from virtue.kiosk.screen_queries import Asker
from virtue.kiosk.slide_words import SLIDES
from virtue.places.models import Village

BLACK = "black-board"
BARE = "kiosk/_bare.html"


@dataclass(frozen=True)
class Programme:
    """What a screen asks for, in which language, and by how many slides it is turned."""

    asker: Asker
    language: str
    turned: int = 0
    """Without scripts a page comes anew each minute, another slide in front."""

    @property
    def etag(self) -> str:
        """Changes with all that the page shows; costs questions of its own only where the black board is on it."""
        asker, now = self.asker, clock.now()
        is_off = hours.minutes_on(asker, now) is None
        black = "" if BLACK not in asker.slides else _black(asker.village_id)
        return (
            f"screen-{asker.id}-{asker.version}-{self.language}-{asker.board_version}"
            f"-{now:%Y%m%d%H}-{is_off:d}-{self.turned}-{black}"
        )

    def body(self, etag: str, proof: str) -> bytes:
        """The page, from memory if it was drawn for this ETag."""
        page = f"screen-{self.asker.id}-{self.turned}"
        found = kept().find(self.asker.village_id, page, self.language, etag)
        if found is None:
            found = self._drawn(etag, proof)
            kept().keep(self.asker.village_id, page, self.language, found)
        return found.body

    def _drawn(self, etag: str, proof: str) -> Rendering:
        screen = db.session.get_one(Screen, self.asker.id)
        village = db.session.get_one(Village, self.asker.village_id)
        names = [name for name in screen.slides if name in SLIDES]
        turn = self.turned % max(1, len(names))
        shown: list[Rendering] = []
        order = [*names[turn:], *names[:turn]]
        for name in order:
            slide = self._slide(village, name, is_first=not shown)
            # What has nothing to show is passed over, unless nothing has.
            if slide.body:
                shown.append(slide)
        if not shown:
            shown = [
                _rendered(drawings.drawing(name, village), name, etag, is_first=name == order[0]) for name in order
            ]
        html = render_template(
            "kiosk/programme.html", screen=screen, village=village, proof=proof, turned=self.turned,
            slides=[Markup(slide.body.decode()) for slide in shown],  # noqa: S704  drawn by our own templates
            is_off=hours.minutes_on(screen, clock.now()) is None,
        )  # fmt: skip
        return Rendering(etag, min(slide.fresh_until for slide in shown), html.encode())

    def _slide(self, village: Village, name: str, *, is_first: bool) -> Rendering:
        """A slide that any screen of the village may play; empty when it has nothing to show."""
        page = f"bare-{name}-{is_first:d}"
        version = f"{village.board_version}-{clock.now():%Y%m%d%H}-{_black(village.id) if name == BLACK else ''}"
        found = kept().find(village.id, page, self.language, version)
        if found is None:
            drawing = drawings.drawing(name, village)
            found = Rendering(version, drawing.fresh_until, b"")
            if not drawing.is_empty:
                found = _rendered(drawing, name, version, is_first=is_first)
            kept().keep(village.id, page, self.language, found)
        return found


def _rendered(drawing: drawings.Drawing, name: str, version: str, *, is_first: bool) -> Rendering:
    html = drawing.html(layout=BARE, page=name, is_first=is_first)
    return Rendering(version, drawing.fresh_until, html.encode())


def _black(village_id: int) -> str:
    return black_queries.fingerprint(black_queries.posted(village_id, clock.today()))
