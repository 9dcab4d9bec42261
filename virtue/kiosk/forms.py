"""What the desk's forms of screens and announcements sent."""

from collections.abc import Mapping
from datetime import date

from virtue.clock import read_day
from virtue.kiosk.announcement_services import Text
from virtue.kiosk.screen_services import Plan
from virtue.kiosk.slide_words import SLIDES
from virtue.quantities import parse_whole

LONGEST = 400


def read_plan(form: Mapping[str, str]) -> Plan:
    """What a screen is called and plays; the slides by the places they were given, ties in the order of the form."""
    places = {name: parse_whole(form.get(f"place-{name}"), most=99) for name in SLIDES}
    # Stable: equal places stay in the order of the form.
    chosen = sorted(((place, name) for name, place in places.items() if place is not None), key=lambda one: one[0])
    return Plan(
        name=form.get("name", "")[:LONGEST], slides=tuple(name for _place, name in chosen),
        seconds=parse_whole(form.get("seconds"), least=5, most=120),
        on_from=form.get("on_from", "").strip()[:8], off_from=form.get("off_from", "").strip()[:8],
        is_tall=form.get("is_tall") == "1", is_slow=form.get("is_slow") == "1", is_led=form.get("is_led") == "1",
    )  # fmt: skip


def read_text(form: Mapping[str, str]) -> Text:
    """An announcement as it was typed."""
    return Text(
        kind=form.get("kind", ""), title=form.get("title", "")[:LONGEST], text=form.get("text", "")[:LONGEST],
        checked_by=form.get("checked_by", "")[:LONGEST], ends_on=read_day(form.get("ends_on")) or date.min,
    )  # fmt: skip
