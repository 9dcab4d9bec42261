"""A screen's programme: all its slides on one page, drawn once a version and hour for all its questions."""

from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from virtue import clock
from virtue.honours import black_queries
from virtue.kiosk import drawings, hours
from virtue.kiosk.kept import Rendering, kept
from virtue.kiosk.screen_models import Screen
from virtue.kiosk.slide_words import SLIDES
from virtue.places.models import Village

BLACK = "black-board"


@dataclass(frozen=True)
class Programme:
    """What a screen asks for: its screen and village, the language, and by how many slides it has been turned."""

    screen: Screen
    village: Village
    language: str
    turned: int = 0
    """Without scripts a page comes anew each minute, another slide in front."""

    @property
    def etag(self) -> str:
        """Changes with all that the page shows; costs a question of its own only where the black board is on it."""
        screen, now = self.screen, clock.now()
        is_off = hours.minutes_on(screen, now) is None
        black = "" if BLACK not in screen.slides else black_queries.fingerprint(_posted(self.village))
        return (
            f"screen-{screen.id}-{screen.version}-{self.language}-{self.village.board_version}"
            f"-{now:%Y%m%d%H}-{is_off:d}-{self.turned}-{black}"
        )

    def body(self, etag: str, proof: str) -> bytes:
        """The page, from memory if it was drawn for this ETag."""
        page = f"screen-{self.screen.id}-{self.turned}"
        found = kept().find(self.village.id, page, self.language, etag)
        if found is None:
            found = self._drawn(etag, proof)
            kept().keep(self.village.id, page, self.language, found)
        return found.body

    def _drawn(self, etag: str, proof: str) -> Rendering:
        names = [name for name in self.screen.slides if name in SLIDES]
        all_drawings = [(name, drawings.drawing(name, self.village)) for name in names]
        # What has nothing to show is passed over, unless nothing has.
        shown = [one for one in all_drawings if not one[1].is_empty] or all_drawings
        turn = self.turned % len(shown) if shown else 0
        slides = [
            Markup(drawing.html(layout="kiosk/_bare.html", page=name, is_first=number == 0))  # noqa: S704  our own page
            for number, (name, drawing) in enumerate([*shown[turn:], *shown[:turn]])
        ]
        html = render_template(
            "kiosk/programme.html", screen=self.screen, village=self.village, slides=slides, proof=proof,
            is_off=hours.minutes_on(self.screen, clock.now()) is None, turned=self.turned,
        )  # fmt: skip
        return Rendering(etag, min(drawing.fresh_until for _name, drawing in shown), html.encode())


def _posted(village: Village) -> list[black_queries.Posted]:
    return black_queries.posted(village.id, clock.today())
