"""An objection to a deed's line. Upheld: the deed is withdrawn (reversed, when it was booked at once); with other points
it starts again as a deed of its own.
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from virtue import clock
from virtue.awarding import line_subjects, settling, steps
from virtue.awarding.errors import WrongQuantity, WrongState
from virtue.awarding.line_subjects import Verdict
from virtue.awarding.models import Amendment, Deduction, Deed, DeedState
from virtue.awarding.objection_queries import find_deed_of_line
from virtue.awarding.queries import NOTICE_KINDS, deciders
from virtue.errors import BrokenRule, OwnKin
from virtue.extensions import db
from virtue.notices.errors import DecidedTheLine, LineGone, NoSuchLine
from virtue.notices.models import NoticeLine, Objection
from virtue.people import queries as people

MOST_POINTS = 999

_COPIED = (
    "village_id", "household_id", "grid_id", "rule_id", "rule_code", "rule_version", "rule_name", "rule_name_en", "standard",
    "dimension", "unit", "scores", "publish", "cap_ever", "quantity", "happened_on", "month", "route", "remark_id", "photo_id",
)  # fmt: skip


class DeedLines:
    """See ``line_subjects.Subject``."""

    outcomes = {
        "dismissed": _l("不成立：这一行没有错，接着公示"),
        "upheld_withdrawn": _l("成立：撤下这一行（已入账的冲回）"),
        "upheld_amended": _l("成立：分数不对，改了重新评议、公示"),
    }

    def household_id(self, line: NoticeLine) -> int:
        """Of the deed."""
        return _read(line).household_id

    def begin(self, line: NoticeLine) -> None:
        """A deed that isn't booked yet is frozen."""
        deed = _deed_of(line)
        is_booked = deed.state == DeedState.SETTLED and line.notice.kind == "booked"
        if deed.state not in {DeedState.ON_NOTICE, DeedState.FROZEN} and not is_booked:
            raise LineGone
        if deed.state == DeedState.ON_NOTICE:
            # By nobody: who took it down is no business of the line's household.
            steps.move(deed, "freeze", by=None)

    def barred(self, line: NoticeLine, *, by: int) -> BrokenRule | None:
        """Who proposed or decided the deed."""
        deed = _read(line)
        if by in deciders(deed.id) or by == deed.proposed_by_id:
            return DecidedTheLine()
        return OwnKin() if people.is_kin(by, deed.household_id) else None

    def uphold(self, objection: Objection, verdict: Verdict, reason: str, *, by: int) -> int | None:
        """Withdraw or reverse it; raises WrongQuantity, WrongState."""
        deed = _deed_of(objection.line)
        points = _amended_points(deed, verdict.points) if verdict.state == "upheld_amended" else None
        if deed.state == DeedState.SETTLED:
            settling.reverse_one(deed, "reverse", by=by, why=reason)
        elif deed.state in {DeedState.ON_NOTICE, DeedState.FROZEN}:
            steps.move(deed, "withdraw", by=by, why=reason)
        elif points is not None:
            # Another objection to the line was upheld before: there is nothing left to amend.
            raise WrongState
        return None if points is None else _start_again(deed, points, by=by)

    def thaw(self, line: NoticeLine, reason: str | None, *, by: int | None) -> None:
        """On notice again."""
        deed = _deed_of(line)
        if deed.state == DeedState.FROZEN:
            steps.move(deed, "thaw", by=by, why=reason)

    def state(self, line: NoticeLine) -> str:
        """The deed's."""
        return str(_read(line).state)


line_subjects.register(NOTICE_KINDS, DeedLines())


def _amended_points(deed: Deed, points: int | None) -> int:
    """The right points with the deed's sign: not zero (that is a withdrawal), not what stands there."""
    if points is None or not 1 <= points <= MOST_POINTS or points == abs(deed.points):
        raise WrongQuantity
    return points if deed.points > 0 else -points


def _start_again(deed: Deed, points: int, *, by: int) -> int:
    """A deed with the right points, proposed anew: reviewed, on notice, settled as any other; a deduction is told again."""
    is_deduction = deed.route == "deduction"
    fresh = Deed(
        **{name: getattr(deed, name) for name in _COPIED}, points=points, proposed_by_id=by, proposed_at=clock.now(),
        way="scan" if deed.way == "event" else deed.way,
        state=str(DeedState.LEAD if is_deduction else DeedState.PROPOSED),
    )  # fmt: skip
    db.session.add(fresh)
    db.session.flush()
    steps.note(fresh, "lead" if is_deduction else "propose", to_state=fresh.state, by=by)
    if is_deduction:
        facts = db.session.get_one(Deduction, deed.id)
        db.session.add(Deduction(deed_id=fresh.id, document_number=facts.document_number, veto_until=facts.veto_until))
    db.session.add(Amendment(deed_id=fresh.id, from_id=deed.id))
    db.session.flush()
    return fresh.id


def _read(line: NoticeLine) -> Deed:
    """The deed, for reading."""
    deed = db.session.scalar(
        select(Deed).where(Deed.notice_id == line.notice_id, Deed.notice_line == line.number)
    )  # fmt: skip
    if deed is None:
        raise NoSuchLine
    return deed


def _deed_of(line: NoticeLine) -> Deed:
    """The deed, for writing."""
    deed_id = find_deed_of_line(line.notice_id, line.number)
    if deed_id is None:
        raise NoSuchLine
    return steps.locked(line.village_id, deed_id)
