"""What a round's pages show: the tapping page to its judge, the results to everybody once it is closed."""

from dataclasses import dataclass
from typing import Any

from virtue.awarding import marking, round_queries, sheet_queries
from virtue.awarding.models import Deed
from virtue.awarding.round_models import Round, RoundMode, RoundResult
from virtue.awarding.words import STATES
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.people import queries as people
from virtue.people.models import Household
from virtue.staff import queries as staff
from virtue.store import budget_words


@dataclass(frozen=True)
class Row:
    """One household on the tapping page."""

    household: Household
    value: str
    has_consent: bool
    is_barred: bool
    """The judge's own, kin's, or served at the till today."""


@dataclass(frozen=True)
class Line:
    """One household in the results."""

    household: Household
    values: tuple[str, ...]
    """Each judge's mark, in the order of the judges."""
    level: int | None
    judges: int
    deed: Deed | None
    why: str
    """What kept the deed from being proposed."""


def tapping_page(one: Round, user_id: int) -> dict[str, Any]:
    """The grid's households with this judge's own marks; of others only how many they have."""
    households, judges = round_queries.households_of(one), round_queries.judges_of(one.id)
    me = next((judge for judge in judges if judge.user_id == user_id), None)
    marks = round_queries.marks_of(one.id, user_id) if me is not None else {}
    barred = marking.barred(user_id)
    rows = [
        Row(
            household, round_queries.value_of(marks.get(household.id)),
            household.id in marks and marks[household.id].has_consent, household.id in barred,
        )
        for household in households
    ]  # fmt: skip
    is_recorder = one.mode == RoundMode.RECORDER and one.opened_by_id == user_id
    is_locked = me is None or me.signed_at is not None or (one.mode == RoundMode.RECORDER and len(judges) > 1)
    may_tap = not is_locked and (is_recorder or one.mode == RoundMode.JUDGES)
    signers = [user for user in round_queries.judging_staff(one.village_id) if user.id != user_id]
    return {
        "one": one, "grid": people.find_grid(one.village_id, one.grid_id), "rows": rows, "judges": judges, "me": me,
        "is_recorder": is_recorder, "may_tap": may_tap, "signed": [judge for judge in judges if judge.signed_at],
        "done": sum(bool(row.value) for row in rows), "words": round_queries.level_words(one.level_list),
        "all": sum(not row.is_barred for row in rows),
        "barred": [row for row in rows if row.is_barred] if is_recorder else [],
        "counts": round_queries.progress([one.id])[one.id], "new_key": keys.new, "signers": signers,
        "sheets": sheet_queries.sheets_of_round(one.id), "number": sheet_queries.printed_number,
        "names": staff.names_of({one.opened_by_id, *(judge.user_id for judge in judges)}),
    }  # fmt: skip


def results_page(one: Round) -> dict[str, Any]:
    """Every judge's marks side by side, the median, and what became of it."""
    judges = [judge for judge in round_queries.judges_of(one.id) if judge.signed_at is not None]
    is_shown = one.state in {"closed", "decided"}
    lines = _lines(one, [judge.user_id for judge in judges]) if is_shown else []
    total = sum(line.level or 0 for line in lines)
    return {
        "total": total,
        "budget_warning": budget_words.before_awarding(one.village_id, total) if one.state == "closed" else "",
        "one": one, "grid": people.find_grid(one.village_id, one.grid_id), "judges": judges,
        "lines": lines,
        "words": {str(level): word for level, word in round_queries.level_words(one.level_list).items()},
        "states": STATES, "sheets": sheet_queries.sheets_of_round(one.id), "number": sheet_queries.printed_number,
        "names": staff.names_of({one.opened_by_id, one.closed_by_id, *(judge.user_id for judge in judges)}),
    }  # fmt: skip


def _lines(one: Round, judges: list[int]) -> list[Line]:
    verdicts = {verdict.household_id: verdict for verdict in round_queries.verdicts(one)}
    marks, results = round_queries.all_marks(one.id), round_queries.results_of(one.id)
    households = people.households_by_ids(set(marks)) | {each.id: each for each in round_queries.households_of(one)}
    lines = []
    for household in sorted(households.values(), key=lambda each: each.code):
        verdict = verdicts.get(household.id)
        result, deed = results.get(household.id, (None, None))
        lines.append(
            Line(
                household, tuple(marks.get(household.id, {}).get(judge, "") for judge in judges),
                verdict.level if verdict else None, len(verdict.judges) if verdict else 0, deed, _why(result),
            )
        )  # fmt: skip
    return lines


def _why(result: RoundResult | None) -> str:
    if result is None or result.refused is None:
        return ""
    return str(BrokenRule.from_record(result.refused, result.refused_params or {}))
