"""``/screens/pictures``: slides as pictures in a zip, for walls of lamps that play only files."""

from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.errors import BrokenRule
from virtue.kiosk import picture_drawing, picture_sheets, screen_services
from virtue.kiosk.screen_errors import BadPictureSize, NoSlideToDraw
from virtue.kiosk.slide_words import SLIDES
from virtue.kiosk.views import kiosk
from virtue.quantities import parse_whole

LOW = 400
"""Pixels; a wall with fewer lines than this has four rows, a higher one eight."""


@kiosk.get("/screens/pictures")
@permission("screens.manage")
def pictures() -> str:
    """Which slides, and how large."""
    return _page(list(picture_sheets.OFFERED[:1]), "384", "192")


@kiosk.post("/screens/pictures")
@permission("screens.manage")
def download_pictures() -> Response | tuple[str, int]:
    """The zip; the trail keeps that names left the building."""
    chosen = [name for name in picture_sheets.OFFERED if name in request.form.getlist("slide")]
    width, height = (parse_whole(request.form.get(name), least=64, most=3840) for name in ("width", "height"))
    village = access.village()
    try:
        if width is None or height is None:
            raise BadPictureSize
        sheets = picture_sheets.sheets(village, chosen, 4 if height < LOW else 8)
        if not sheets:
            raise NoSlideToDraw
        packed = picture_drawing.zipped(sheets, village.name, width, height)
    except BrokenRule as error:
        return _page(chosen, request.form.get("width", ""), request.form.get("height", ""), error), error.status
    screen_services.note_pictures(village.id, len(sheets), by=access.by())
    name = f"{village.slug}-{clock.today():%Y%m%d}.zip"
    return send_file(BytesIO(packed), mimetype="application/zip", as_attachment=True, download_name=name)


def _page(chosen: list[str], width: str, height: str, error: BrokenRule | None = None) -> str:
    return render_template(
        "kiosk/pictures.html", offered=picture_sheets.OFFERED, slides=SLIDES, chosen=chosen, width=width, height=height,
        error=str(error) if error and not isinstance(error, BadPictureSize) else None,
        size_error=str(error) if isinstance(error, BadPictureSize) else None,
    )  # fmt: skip
