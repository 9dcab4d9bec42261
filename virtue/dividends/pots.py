"""A pot from its draft to the open trial sheet: what is divided among whom, by which basis; and back to the draft.

A dividend moves money that is counted elsewhere: it touches no points, no statutory shares, no welfare.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import delete

from virtue import clock
from virtue.awarding import checks
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.dividends import queries, sheets
from virtue.dividends.division import MONTHS, rate_of
from virtue.dividends.errors import BadMonths, BadPot, BadYear, PotNameTaken, YearNotOver
from virtue.dividends.models import Pot, PotMonths, PotState
from virtue.dividends.states import pot_target
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.notices import services as notices
from virtue.people import queries as people
from virtue.places import services as places

OPEN_DAYS = 10
"""So long a trial sheet is open: the law on collectives asks for ten days."""

YEARS_BACK = 5
MOST_FEN = 10**12
NOTICE_KIND = "dividend"


@dataclass(frozen=True)
class NewPot:
    """A pot as it is drafted. ``source``: what ``fen`` was worked out from, see ``county_pot`` and ``village_pot``."""

    year: int
    name: str
    kind: str
    fen: int
    basis: str
    shares_weight: int = 1
    score_weight: int = 1
    base: int = 100
    source: dict[str, Any] = field(default_factory=dict)


def county_pot(
    year: int, name: str, *, capital_fen: int, rate: int, key_part: int = 1, key_total: int, basis: str = "shares"
) -> NewPot:
    """The county's pot as this village gets it: capital x rate (in hundredths of a percent), this village's part of the key.

    Divided among villages the county gives each its part; fen that are left over are the county's to hand out.
    """
    if not 0 < key_part <= key_total or not 0 < rate <= 10_000:
        raise BadPot
    whole = rate_of(capital_fen, rate)
    source = {
        "capital_fen": capital_fen,
        "rate": rate,
        "key_part": key_part,
        "key_total": key_total,
        "whole_fen": whole,
    }
    return NewPot(year, name, "county", whole * key_part // key_total, basis, source=source)


def village_pot(year: int, name: str, *, income_fen: int, percent: int, basis: str = "score") -> NewPot:
    """The village's own pot: a part of the collective's income (``percent`` in hundredths of a percent: 15 % is 1,500)."""
    if not 0 < percent <= 10_000:
        raise BadPot
    source = {"income_fen": income_fen, "percent": percent}
    return NewPot(year, name, "village", rate_of(income_fen, percent), basis, source=source)


def draft(village_id: int, new: NewPot, *, key: str, by: int) -> Outcome:
    """Draft a pot. Gives ``pot_id``. Raises BadPot, BadYear, PotNameTaken."""

    def work() -> dict[str, Any]:
        name = _checked(new)
        if queries.is_taken(village_id, new.year, name):
            raise PotNameTaken(year=new.year, name=name)
        pot = Pot(village_id=village_id, drafted_by_id=by, drafted_at=clock.now(), **{**asdict(new), "name": name})
        db.session.add(pot)
        db.session.flush()
        note("draft", pot, by=by, fen=pot.fen, year=pot.year)
        return {"pot_id": pot.id}

    return once("draft", village_id, [asdict(new), by], work, key=key)


def change(village_id: int, pot_id: int, new: NewPot, *, key: str, by: int) -> Outcome:
    """Change a draft. Raises BadPot, BadYear, PotNameTaken, PotElsewhere."""

    def work(pot: Pot) -> dict[str, Any]:
        name = _checked(new)
        if (new.year, name) != (pot.year, pot.name) and queries.is_taken(village_id, new.year, name):
            raise PotNameTaken(year=new.year, name=name)
        for column, value in {**asdict(new), "name": name}.items():
            setattr(pot, column, value)
        # Who changes a draft stands for it from now on.
        pot.drafted_by_id = by
        note("change", pot, by=by, fen=pot.fen, year=pot.year)
        return {"pot_id": pot_id}

    return step("change", village_id, pot_id, [asdict(new)], work, key=key, by=by)


def set_months(village_id: int, pot_id: int, household_id: int, months: int, *, why: str, key: str, by: int) -> Outcome:
    """State for how many months a household counts: it moved in, merged or split during the year. Raises BadMonths."""

    def work(pot: Pot) -> dict[str, Any]:
        if people.find_household(village_id, household_id) is None:
            raise NotFoundHere
        checks.not_own(household_id, by=by)
        state_months(pot, household_id, months, why, by=by)
        return {"pot_id": pot_id}

    return step("set_months", village_id, pot_id, [household_id, months, why], work, key=key, by=by)


def state_months(pot: Pot, household_id: int, months: int, why: str, *, by: int) -> None:
    """Write the months down, over what was stated before; inside a write. Raises BadMonths."""
    text = why.strip()
    if not 0 <= months <= MONTHS or not 2 <= len(text) <= 500:
        raise BadMonths
    db.session.execute(delete(PotMonths).where(PotMonths.pot_id == pot.id, PotMonths.household_id == household_id))
    why_id, _hash = remarks.keep(text, village_id=pot.village_id)
    db.session.add(PotMonths(pot_id=pot.id, household_id=household_id, months=months, why_id=why_id, by_id=by))
    note("set_months", pot, by=by, months=months, household=household_id)


def open_sheet(village_id: int, pot_id: int, *, key: str, by: int) -> Outcome:
    """Draw the trial sheet and open it for ten days, each line open to objections.

    Gives ``lines`` and ``open_until``. Raises YearNotOver, NobodyToPay, PartWithoutBasis.
    """

    def work(pot: Pot) -> dict[str, Any]:
        today = clock.today()
        if pot.year >= today.year:
            raise YearNotOver(year=pot.year)
        rows = sheets.draw(pot)
        # One line for each number given so far: a number keeps its household on every sheet.
        last = max(row["place"] for row in rows)
        notice = notices.publish(village_id, ["list"] * last, days=OPEN_DAYS, by=by, kind=NOTICE_KIND)
        # Nothing settles when it ends: the village votes.
        notice.settled_at = clock.now()
        pot.notice_id, pot.opened_on, pot.open_until = notice.id, today, notice.ends_on
        note("open", pot, by=by, lines=len(rows), sheet=pot.sheet)
        places.raise_board_version(village_id)
        return {"lines": len(rows), "open_until": notice.ends_on.isoformat()}

    return step("open", village_id, pot_id, [], work, key=key, by=by)


def revise(village_id: int, pot_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Back to the draft, with a reason; a new trial sheet is open for ten days again. Raises ObjectionsOpen."""

    def work(pot: Pot) -> dict[str, Any]:
        queries.no_open_objection(pot)
        clear(pot)
        note("revise", pot, by=by, why=checks.reason(why))
        places.raise_board_version(village_id)
        return {"pot_id": pot_id}

    return step("revise", village_id, pot_id, [why], work, key=key, by=by)


def withdraw(village_id: int, pot_id: int, *, why: str, key: str, by: int) -> Outcome:
    """Give a pot up, with a reason; nothing is paid from it. Raises ObjectionsOpen."""

    def work(pot: Pot) -> dict[str, Any]:
        queries.no_open_objection(pot)
        note("withdraw", pot, by=by, why=checks.reason(why))
        places.raise_board_version(village_id)
        return {"pot_id": pot_id}

    return step("withdraw", village_id, pot_id, [why], work, key=key, by=by)


def clear(pot: Pot) -> None:
    """What a pot loses on its way back to the draft: its open sheet and the vote on it."""
    pot.notice_id = pot.opened_on = pot.open_until = None
    pot.voted_on = pot.assembly = pot.entitled = pot.present = pot.in_favour = pot.minutes_id = None


def _checked(new: NewPot) -> str:
    name, weights = new.name.strip(), (new.shares_weight, new.score_weight)
    is_both = new.basis != "both" or min(weights) > 0
    is_sound = 1 <= len(name) <= 40 and 0 < new.fen <= MOST_FEN and 0 <= new.base <= 1000 and min(weights) >= 0
    if not is_sound or not is_both or max(weights) == 0 or max(weights) > 1000:
        raise BadPot
    if new.basis not in {"shares", "score", "both"} or new.kind not in {"county", "village", "other"}:
        raise BadPot
    if not clock.today().year - YEARS_BACK <= new.year <= clock.today().year:
        raise BadYear
    return name


def step(
    action: str, village_id: int, pot_id: int, contents: Sequence[Any], work: Callable[[Pot], dict[str, Any]],
    *, key: str, by: int,
) -> Outcome:  # fmt: skip
    """Do an action of the table on a pot, once, alone in the village; the state is moved after ``work``."""

    def act() -> dict[str, Any]:
        pot = queries.locked_pot(village_id, pot_id)
        target = pot_target(action, pot.state)
        found = work(pot)
        pot.state = PotState(target)
        db.session.flush()
        return found

    return once(action, village_id, [pot_id, *contents, by], act, key=key)


def once(action: str, village_id: int, contents: Sequence[Any], work: Callable[[], Any], *, key: str) -> Outcome:
    """Run a keyed write of this room under the village's lock."""
    return keys.run_once(
        key, f"dividends.{action}", [village_id, *contents], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def note(action: str, pot: Pot, *, by: int, why: str | None = None, **details: Any) -> None:
    """The audit row of a pot's step."""
    audit.record(
        f"dividends.{action}", village_id=pot.village_id, by=by, subject="pot", subject_id=pot.id, why=why, **details
    )
