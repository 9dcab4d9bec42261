"""Stars from tallies are stars from deeds: whatever was booked, cut, counted later or reversed; on both databases."""

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests import deeds, factories
from tests.pages import count_queries
from virtue import clock
from virtue.awarding import settling
from virtue.awarding.models import Deed
from virtue.extensions import db
from virtue.honours import star_facts, star_schemes
from virtue.honours import star_quarters as quarters
from virtue.honours.star_rules import Figures, is_proposed
from virtue.ledger import services as ledger
from virtue.ledger.models import ClosedMonth
from virtue.transactions import atomic

SUBJECTS = [star.dimension for star in star_schemes.default_stars()]
MONTHS = (202603, 202604, 202605, 202606, 202607)
KINDS = [("home", 5), ("home", 3), ("civility", 10), ("civility", -3), ("civility", -6)]

DEEDS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from([*SUBJECTS, "-"]), st.sampled_from(KINDS), st.sampled_from(MONTHS), st.booleans()
    ),
    max_size=14,
)  # fmt: skip


def from_deeds(village_id: int, quarter: int) -> dict[tuple[int, str], tuple[int, int, int]]:
    """The figures, read the long way: deed by deed, what counts in the quarter and what was taken back in it."""
    months = quarters.months(quarter)
    found: dict[tuple[int, str], list[int]] = {}
    rows = db.session.scalars(select(Deed).where(Deed.village_id == village_id, Deed.scores.is_(True)))
    for deed in rows:
        for month, sign in ((deed.counts_in, 1), (deed.reversed_in, -1)):
            if month in months and deed.dimension != "-":
                place = 2 if deed.settled_points < 0 else 0 if deed.unit == "home" else 1
                sums = found.setdefault((deed.household_id, deed.dimension), [0, 0, 0])
                sums[place] += sign * abs(deed.settled_points)
    return {key: tuple(sums) for key, sums in found.items()}


def book(village_id: int, made: list[Deed]) -> None:
    with atomic():
        ledger.lock(village_id)
        rows = [db.session.get(Deed, deed.id) for deed in made]
        for row in rows:
            row.state = "on_notice"
        db.session.flush()
        settling.book(rows, by=None, action="settle", batch=None)


@pytest.mark.parametrize("closed", [(), (202604,), (202604, 202605, 202606)], ids=["open", "first", "all"])
def test_stars_from_tallies_are_stars_from_deeds(fast, closed):
    examples = {"count": 0}

    @settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(DEEDS)
    def same(what):
        examples["count"] += 1
        village = factories.VillageFactory()
        grid = factories.GridFactory(village=village)
        judge = factories.reviewer(village)
        clerk = factories.village_admin(village)
        homes = [factories.HouseholdFactory(grid=grid) for _ in range(3)]
        made, back = [], []
        for home, subject, (unit, points), month, is_reversed in what:
            rule = deeds.rule_of(
                village.id,
                dimension=subject,
                unit=unit,
                points=points,
                route="deduction" if points < 0 else "review",
                cap_month=8 if points > 0 else None,
            )
            made.append(deeds.deed_of(homes[home], rule, happened_on=date(month // 100, month % 100, 9)))
            if is_reversed:
                back.append(made[-1].id)
        for month in closed:
            db.session.add(
                ClosedMonth(village_id=village.id, month=month, first_by_id=judge.id, first_at=clock.now(),
                            second_by_id=clerk.id, second_at=clock.now())
            )  # fmt: skip
        db.session.commit()
        if made:
            book(village.id, made)
        for deed_id in back:
            with atomic():
                ledger.lock(village.id)
                settling.reverse_one(db.session.get(Deed, deed_id), "reverse", by=judge.id, why="记错了")
        scheme = star_schemes.scheme_shown(village.id, 202604)
        for quarter in (202601, 202604, 202607):
            long_way = from_deeds(village.id, quarter)
            letters = {
                home.id: "".join(
                    str(int(is_proposed(star, Figures(*long_way.get((home.id, star.dimension), (0, 0, 0)), False,
                                                      star.without_able and home.id in without)))) for star in scheme.stars
                )
                for without in [star_facts.without_able(village.id, quarters.span(quarter)[1])]
                for home in homes
            }  # fmt: skip
            facts = star_facts.read(village.id, quarter, scheme.stars)
            assert {key: sums for key, sums in facts.by_subject.items() if any(sums)} == {
                key: sums for key, sums in long_way.items() if any(sums)
            }
            assert {
                one.household_id: one.letters for one in star_facts.proposals(village.id, quarter, scheme.stars)
            } == letters

    with clock.set_to(datetime(2026, 7, 20, 4, tzinfo=clock.SHANGHAI)):
        same()
    assert examples["count"] >= 10


def test_a_proposal_reads_tallies_and_never_deeds_however_many(app, sky):
    """The same four questions for one household and for thirty; none of them asks for deeds or entries."""
    scheme = star_schemes.scheme_shown(sky.village.id, 202604)
    seen = []
    for number in (1, 29):
        for _ in range(number):
            sky.shine(sky.household())
        with count_queries(app) as queries:
            assert len(star_facts.proposals(sky.village.id, 202604, scheme.stars)) in {1, 30}
        seen.append(list(queries))
    assert [len(each) for each in seen] == [4, 4]
    assert not [text for text in seen[1] if " deed" in text or "entry" in text.replace("entry_id", "")]
