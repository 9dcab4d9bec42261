"""``/screens`` at the desk: pairing, naming, what plays where, which screen is silent, revoking."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.kiosk import forms, hours, screen_services
from virtue.kiosk import screen_queries as queries
from virtue.kiosk.screen_errors import (
    BadPairingCode,
    BadScreenHours,
    BadScreenName,
    BadSeconds,
    NoSlides,
    PairingCodeTaken,
)
from virtue.kiosk.screen_models import Screen
from virtue.kiosk.slide_words import SLIDES
from virtue.kiosk.views import kiosk
from virtue.people import codes

FIELDS: dict[type[BrokenRule], str] = {
    BadPairingCode: "code", PairingCodeTaken: "code", BadScreenName: "name", NoSlides: "slides", BadSeconds: "seconds",
    BadScreenHours: "on_from",
}  # fmt: skip
"""At which field a refusal stands."""
AT_FIRST = {
    "seconds": "15",
    **{f"place-{name}": str(number) for number, name in enumerate(("red-board", "notices"), 1)},
}


@kiosk.get("/screens")
@permission("screens.manage")
def screens() -> str:
    """All screens of the village, silent ones first."""
    now = clock.now()
    return render_template(
        "kiosk/screens.html", screens=queries.screens(access.village_id()), slides=SLIDES,
        is_silent=lambda screen: hours.is_silent(screen, now), is_off=lambda one: hours.minutes_on(one, now) is None,
    )  # fmt: skip


@kiosk.get("/screens/new")
@permission("screens.manage")
def new_screen() -> str:
    """The form that pairs a screen; its QR brings the code along."""
    return _form({**AT_FIRST, "code": codes.clean(request.args.get("code"))})


@kiosk.post("/screens/new")
@permission("screens.manage")
def pair_screen() -> Response | tuple[str, int]:
    """Pair the screen that shows this code."""
    form = request.form
    try:
        screen_services.pair(
            access.village_id(), codes.clean(form.get("code")), forms.read_plan(form), key=form.get("key", ""),
            by=access.by(),
        )  # fmt: skip
    except BrokenRule as error:
        return _form(form, error), error.status
    flash(_("配对好了，电视上几秒钟就会换成内容。"), "good")
    return redirect(url_for("kiosk.screens"), 303)


@kiosk.get("/screens/<int:screen_id>")
@permission("screens.manage")
def edit_screen(screen_id: int) -> str:
    """What one screen plays."""
    screen = _screen(screen_id)
    kept = {
        "name": screen.name, "seconds": str(screen.seconds), "on_from": screen.on_from or "",
        "off_from": screen.off_from or "",
        **{f"place-{name}": str(place) for place, name in enumerate(screen.slides, 1)},
        **{name: "1" if getattr(screen, name) else "" for name in ("is_tall", "is_slow", "is_led")},
    }  # fmt: skip
    return _form(kept, screen=screen)


@kiosk.post("/screens/<int:screen_id>")
@permission("screens.manage")
def change_screen(screen_id: int) -> Response | tuple[str, int]:
    """Change it."""
    screen, form = _screen(screen_id), request.form
    try:
        screen_services.change(
            access.village_id(), screen_id, forms.read_plan(form), key=form.get("key", ""), by=access.by()
        )
    except BrokenRule as error:
        return _form(form, error, screen), error.status
    flash(_("改好了，电视上几秒钟就换。"), "good")
    return redirect(url_for("kiosk.screens"), 303)


@kiosk.post("/screens/<int:screen_id>/revoke")
@permission("screens.manage")
def revoke_screen(screen_id: int) -> Response:
    """End a screen: it shows a pairing code again."""
    screen_services.revoke(access.village_id(), screen_id, key=request.form.get("key", ""), by=access.by())
    flash(_("停用了，电视上会重新显示配对码。"), "good")
    return redirect(url_for("kiosk.screens"), 303)


def _screen(screen_id: int) -> Screen:
    found = queries.find_screen(access.village_id(), screen_id)
    if found is None:
        abort(404)
    return found


def _form(typed: Mapping[str, str], error: BrokenRule | None = None, screen: Screen | None = None) -> str:
    at = FIELDS.get(type(error), "") if error else ""
    errors: dict[str, Any] = {at: str(error)} if at else {}
    return render_template(
        "kiosk/screen_form.html", typed=typed, errors=errors, error=str(error) if error and not at else None,
        screen=screen, slides=SLIDES, key=keys.new(),
    )  # fmt: skip
