"""The figures that stars stand on, for a whole village at once: tallies and vetoes, never deeds; so history costs nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select

from virtue.extensions import db
from virtue.honours import star_quarters as quarters
from virtue.honours.star_models import Mode, Star
from virtue.honours.star_rules import Figures
from virtue.people.models import Household, Member
from virtue.scores import queries as scores

ABLE_FROM, ABLE_TO = 18, 60
"""Able to work for their living: from eighteen, below sixty."""


class Proposal(NamedTuple):
    """What the system proposes for one household."""

    household_id: int
    grid_id: int
    letters: str
    marks: list[tuple[int, int, int, int, int]]


NOTHING = (0, 0, 0)


@dataclass
class Facts:
    """All figures of a quarter, by household."""

    by_subject: dict[tuple[int, str], tuple[int, int, int]] = field(default_factory=dict)
    """Home earned, civility earned, civility deducted; by household and dimension."""
    vetoed: set[tuple[int, str]] = field(default_factory=set)
    without_able: set[int] = field(default_factory=set)

    def of(self, household_id: int, star: Star) -> Figures:
        """One household's figures for one star."""
        home, civility, deducted = self.by_subject.get((household_id, star.dimension), NOTHING)
        return Figures(
            home, civility, deducted, (household_id, star.dimension) in self.vetoed,
            bool(star.without_able) and household_id in self.without_able,
        )  # fmt: skip


def read(village_id: int, quarter: int, stars: Sequence[Star], household_id: int | None = None) -> Facts:
    """The figures of a village's quarter (or of one of its households), in three statements."""
    first, last = quarters.span(quarter)
    rows = scores.by_dimension(village_id, quarters.months(quarter), household_id)
    facts = Facts({(one, dimension): (home, civility, deducted) for one, dimension, home, civility, deducted in rows})
    facts.vetoed = {
        (row.household_id, row.dimension) for row in scores.vetoes_between(village_id, first, last, household_id)
    }
    if any(star.without_able for star in stars):
        facts.without_able = without_able(village_id, last, household_id)
    return facts


def without_able(village_id: int, day: date, household_id: int | None = None) -> set[int]:
    """The households in which nobody is between 18 and 59 on a day. Whose birth year isn't known counts as able."""
    months = (day.year * 12 + day.month - age * 12 for age in (ABLE_FROM, ABLE_TO))
    latest, earliest = months
    born = Member.birth_year * 12 + func.coalesce(Member.birth_month, 12)
    able = select(Member.household_id).where(
        Member.village_id == village_id, Member.gone_on.is_(None),
        or_(Member.birth_year.is_(None), and_(born <= latest, born > earliest)),
    )  # fmt: skip
    peopled = select(Member.household_id).where(Member.village_id == village_id, Member.gone_on.is_(None))
    query = select(Household.id).where(
        Household.village_id == village_id, Household.id.in_(peopled), Household.id.not_in(able)
    )
    if household_id is not None:
        query = query.where(Household.id == household_id)
    return set(db.session.scalars(query))


def proposals(village_id: int, quarter: int, stars: Sequence[Star]) -> list[Proposal]:
    """What the system proposes for every household that takes part, by grid and code."""
    facts = read(village_id, quarter, stars)
    rows = db.session.execute(
        select(Household.id, Household.grid_id)
        .where(Household.village_id == village_id, Household.state == "active", Household.left_on.is_(None))
        .order_by(Household.grid_id, Household.code)
    )
    # Plain values: a county has a hundred thousand stars, and a column of a row costs more than comparing it.
    asked = [
        (star.dimension, star.home_at_least, star.civility_at_least, star.deducted_at_most, star.mode == Mode.REVIEW,
         star.without_able)
        for star in stars
    ]  # fmt: skip
    return [Proposal(household_id, grid_id, *_stars(household_id, asked, facts)) for household_id, grid_id in rows]


def _stars(
    household_id: int, asked: Sequence[tuple[Any, ...]], facts: Facts
) -> tuple[str, list[tuple[int, int, int, int, int]]]:
    """A household's letters and marks: what ``star_rules.is_proposed`` says of each star, at once."""
    letters, marks = [], []
    figures, vetoed, is_alone = facts.by_subject, facts.vetoed, household_id in facts.without_able
    for dimension, home_asked, civility_asked, most, is_review, without_able in asked:
        key = (household_id, dimension)
        home, civility, deducted = figures.get(key, NOTHING)
        is_vetoed, is_waived = key in vetoed, without_able and is_alone
        has_earned = is_waived or (home >= home_asked and civility >= civility_asked)
        letters.append("1" if has_earned and deducted <= most and not is_vetoed and not is_review else "0")
        marks.append((home, civility, deducted, int(is_vetoed), int(is_waived)))
    return "".join(letters), marks


def taking_part(village_id: int, household_ids: Collection[int]) -> set[int]:
    """Which of these households take part today."""
    rows = select(Household.id).where(
        Household.village_id == village_id, Household.state == "active", Household.left_on.is_(None)
    )
    return set(db.session.scalars(rows)) & set(household_ids)
