"""``/screens/announcements``: jobs, training and free announcements for the screens."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access, clock
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.kiosk import announcement_services, forms, news_queries
from virtue.kiosk.screen_errors import AnnouncementTellsNumbers, BadAnnouncement, BadAnnouncementEnd, JobUnchecked
from virtue.kiosk.slide_words import KINDS
from virtue.kiosk.views import kiosk

FIELDS: dict[type[BrokenRule], str] = {
    BadAnnouncement: "title", AnnouncementTellsNumbers: "text", JobUnchecked: "checked_by", BadAnnouncementEnd: "ends_on"
}  # fmt: skip
"""At which field a refusal stands."""


@kiosk.get("/screens/announcements")
@permission("screens.manage")
def announcements() -> str:
    """What is announced, and a form for one more."""
    return _page()


@kiosk.post("/screens/announcements")
@permission("screens.manage")
def announce() -> Response | tuple[str, int]:
    """Put one on the screens."""
    form = request.form
    try:
        announcement_services.add(access.village_id(), forms.read_text(form), key=form.get("key", ""), by=access.by())
    except BrokenRule as error:
        return _page(error), error.status
    flash(_("放上去了。选了这一页的屏，几秒钟就能看到。"), "good")
    return redirect(url_for("kiosk.announcements"), 303)


@kiosk.post("/screens/announcements/<int:announcement_id>/end")
@permission("screens.manage")
def end_announcement(announcement_id: int) -> Response:
    """Take one down."""
    announcement_services.end(access.village_id(), announcement_id, key=request.form.get("key", ""), by=access.by())
    flash(_("撤下来了。"), "good")
    return redirect(url_for("kiosk.announcements"), 303)


def _page(error: BrokenRule | None = None) -> str:
    at = FIELDS.get(type(error), "") if error else ""
    return render_template(
        "kiosk/announcement_list.html", standing=news_queries.standing(access.village_id(), clock.today()), kinds=KINDS,
        typed=request.form, errors={at: str(error)} if at else {}, error=str(error) if error and not at else None,
        key=keys.new(), in_a_week=clock.today() + timedelta(days=7),
    )  # fmt: skip
