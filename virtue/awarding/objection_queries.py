"""What an objection is about: the deed on its line. And what a line shows after an objection was upheld."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from virtue import clock
from virtue.awarding import line_subjects
from virtue.awarding.line_subjects import About
from virtue.awarding.models import Amendment, Deed, DeedState, DeedStep
from virtue.awarding.words import OUTCOMES
from virtue.extensions import db
from virtue.formatting import rule_name
from virtue.notices import queries as notices
from virtue.notices.models import Notice, NoticeLine, Objection


@dataclass(frozen=True)
class Correction:
    """更正: a line that was wrong, as others saw it. ``household_id`` is shown only where the line named one."""

    notice: int
    line: int
    household_id: int
    grid_id: int
    rule_name: str
    rule_name_en: str | None
    unit: str
    points: int
    amended: int | None
    """The right points, which start again; None: withdrawn."""
    names_household: bool


def find_deed_of_line(notice_id: int, number: int) -> int | None:
    """The id of the deed that stands, or stood, on a line."""
    return db.session.scalar(select(Deed.id).where(Deed.notice_id == notice_id, Deed.notice_line == number))


def deeds_of_lines(objections: Collection[Objection]) -> dict[int, Deed]:
    """By objection's id, the deed on its line; one question for a list."""
    notice_ids = {objection.line.notice_id for objection in objections}
    if not notice_ids:
        return {}
    rows = db.session.scalars(select(Deed).where(Deed.notice_id.in_(notice_ids)).options(joinedload(Deed.rule)))
    found = {(deed.notice_id, deed.notice_line): deed for deed in rows}
    deeds = {one.id: found.get((one.line.notice_id, one.line.number)) for one in objections}
    return {number: deed for number, deed in deeds.items() if deed is not None}


def titles(objections: Collection[Objection]) -> dict[int, str]:
    """By objection's id, what its line is about: the rule's name, or what another room says."""
    deeds = deeds_of_lines(objections)
    others = line_subjects.abouts([one.line for one in objections])
    return {
        one.id: rule_name(deeds[one.id]) if one.id in deeds else others[one.line.id].title
        for one in objections
        if one.id in deeds or one.line.id in others
    }


def what(line: NoticeLine) -> About | None:
    """What stands on a line, of whatever kind."""
    deed = db.session.scalar(select(Deed).where(Deed.notice_id == line.notice_id, Deed.notice_line == line.number))
    if deed is None:
        return line_subjects.abouts([line]).get(line.id)
    return About(deed.household_id, rule_name(deed), deed.state, "awarding.deed", {"deed_id": deed.id})


def outcome(objection: Objection) -> str:
    """How it ended, in words; its kind of line may have its own."""
    shown = line_subjects.shown_of(objection.line.notice.kind)
    words = shown.outcome_words(objection.state) if shown is not None else None
    return words or str(OUTCOMES[objection.state])


def objections_about(household_id: int, months: Collection[int]) -> list[tuple[Objection, Deed]]:
    """The objections to lines of one household's deeds that happened in these months, newest first. Not who made them."""
    deeds = db.session.scalars(
        select(Deed)
        .where(Deed.month.in_(months), Deed.household_id == household_id, Deed.notice_id.is_not(None))
        .options(joinedload(Deed.rule))
    )
    lines = {(deed.notice_id or 0, deed.notice_line or 0): deed for deed in deeds}
    return [(one, lines[(one.line.notice_id, one.line.number)]) for one in notices.objections_to(lines.keys())]


def amended_points(deed_ids: Iterable[int]) -> dict[int, int]:
    """By the withdrawn deed's id, the points of the deed that started again."""
    wanted = list(deed_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Amendment.from_id, Deed.points)
        .join(Deed, Deed.id == Amendment.deed_id)
        .where(Amendment.from_id.in_(wanted))
    )
    return {row.from_id: row.points for row in rows}


def find_amendment(deed_id: int) -> Amendment | None:
    """That a deed started again after an upheld objection, or was followed by one that did."""
    return db.session.scalar(select(Amendment).where((Amendment.deed_id == deed_id) | (Amendment.from_id == deed_id)))


def corrections_of(village_id: int, day: date) -> list[Correction]:
    """The corrections that are shown on ``day``."""
    return _corrections([one for one in notices.corrections(village_id) if (one.corrected_until or day) >= day])


def corrections_on(notice: Notice) -> list[Correction]:
    """The corrections of deeds that a notice prints."""
    return _corrections(upheld_for(notice))


def upheld_for(notice: Notice) -> list[Objection]:
    """What a notice prints as corrections: of its own lines, and of what was upheld since the notice before it."""
    earlier = notices.find_notice(notice.village_id, notice.number - 1)
    since = earlier.published_at if earlier else None

    def belongs(one: Objection) -> bool:
        settled = one.settled_at
        is_next = settled is not None and settled <= notice.published_at and (since is None or settled > since)
        return is_next or one.line.notice_id == notice.id

    return [one for one in notices.corrections(notice.village_id) if belongs(one)]


def booked_unseen(village_id: int) -> list[Deed]:
    """Deeds booked at once in the last two months that stood on no notice yet, in the order of grid and rule."""
    order = (Deed.grid_id, Deed.rule_code, Deed.id)
    return list(db.session.scalars(select(Deed).where(*_unseen(village_id)).order_by(*order)))


def booked_count(village_id: int) -> int:
    """How many these are."""
    return db.session.scalar(select(func.count()).where(*_unseen(village_id))) or 0


def _unseen(village_id: int) -> tuple[ColumnElement[bool], ...]:
    months = clock.months_back(clock.month_of(clock.today()), 2)
    return (
        Deed.month.in_(months), Deed.village_id == village_id, Deed.state == str(DeedState.SETTLED),
        Deed.way == "event", Deed.notice_id.is_(None),
    )  # fmt: skip


def waiting_since(village_id: int) -> datetime | None:
    """Since when the oldest approved deed waits for a notice."""
    return db.session.scalar(
        select(func.min(DeedStep.at))
        .join(Deed, Deed.id == DeedStep.deed_id)
        .where(
            Deed.village_id == village_id, Deed.state == str(DeedState.APPROVED),
            DeedStep.to_state == str(DeedState.APPROVED),
        )
    )  # fmt: skip


def _corrections(objections: list[Objection]) -> list[Correction]:
    deeds = deeds_of_lines(objections)
    amended = amended_points(deed.id for deed in deeds.values())
    seen: set[int] = set()
    found = []
    for one in objections:
        deed = deeds.get(one.id)
        if deed is None or deed.id in seen:
            continue
        seen.add(deed.id)
        found.append(
            Correction(
                one.line.notice.number, one.line.number, deed.household_id, deed.grid_id, deed.rule_name,
                deed.rule_name_en, deed.unit, deed.points, amended.get(deed.id),
                names_household=one.line.publish in {"red", "list"} and deed.points > 0,
            )
        )  # fmt: skip
    return found
