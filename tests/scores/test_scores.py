"""The score lane: what is added is what stands there, and who got there first stands higher."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from virtue.extensions import db
from virtue.scores import queries, services
from virtue.scores.models import GridTally, Tally
from virtue.scores.services import Change, GridChange
from virtue.transactions import atomic


@pytest.fixture
def village(app):
    return factories.VillageFactory()


@pytest.fixture
def households(village):
    grid = factories.GridFactory(village=village)
    return [factories.HouseholdFactory(grid=grid).id for _ in range(4)]


def add(village, *changes):
    with atomic():
        services.add(village.id, [Change(*change) for change in changes])


def tallies() -> dict:
    rows = db.session.query(Tally).all()
    return {
        (row.month, row.household_id, row.dimension, row.unit): (row.earned, row.deducted, row.deeds, row.last_seq)
        for row in rows
    }


def test_deeds_of_one_batch_add_up_even_in_one_row(village, households):
    one = households[0]
    add(village, (202603, one, "-", "home", 2, 0, 1, 1), (202603, one, "-", "home", 3, 0, 1, 2))
    add(village, (202603, one, "-", "home", 0, 4, 1, 3), (202603, one, "孝老", "home", 1, 0, 1, 4))
    assert tallies() == {
        (202603, one, "-", "home"): (5, 4, 3, 3),
        (202603, one, "孝老", "home"): (1, 0, 1, 4),
    }


def test_a_reversal_takes_away_what_its_deed_added(village, households):
    one = households[0]
    add(village, (202603, one, "-", "civility", 20, 0, 1, 1))
    add(village, (202603, one, "-", "civility", -20, 0, -1, 9))
    assert tallies() == {(202603, one, "-", "civility"): (0, 0, 0, 9)}
    assert queries.scores_of(one, village.id, [202603])["civility"].net == 0


def test_nothing_is_added_by_nothing(village):
    add(village)
    with atomic():
        services.add_grids([])
    assert tallies() == {}


CHANGES = st.lists(
    st.tuples(
        st.sampled_from([202602, 202603]), st.integers(0, 1), st.sampled_from(["-", "孝老"]),
        st.sampled_from(["home", "civility"]), st.integers(-3, 3), st.integers(-3, 3), st.sampled_from([1, -1]),
    ),
    max_size=8,
)  # fmt: skip


def test_any_batches_add_up_to_the_same_sums(village, households):
    @given(st.lists(CHANGES, max_size=4))
    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def batches(batches):
        with atomic():
            db.session.query(Tally).delete()
        due: dict = defaultdict(lambda: [0, 0, 0, 0])
        seq = 0
        for batch in batches:
            changes = []
            for month, who, dimension, unit, earned, deducted, deeds in batch:
                seq += 1
                changes.append((month, households[who], dimension, unit, earned, deducted, deeds, seq))
                sums = due[month, households[who], dimension, unit]
                sums[:] = [sums[0] + earned, sums[1] + deducted, sums[2] + deeds, seq]
            add(village, *changes)
        assert tallies() == {key: tuple(sums) for key, sums in due.items()}

    batches()


def test_grids_add_up(village, households):
    grid = village.grids[0].id
    for _ in range(2):
        with atomic():
            services.add_grids([GridChange(202603, grid, "J05", 1, 1), GridChange(202603, grid, "J05", 0, 1)])
    row = db.session.query(GridTally).one()
    assert (row.households, row.deeds) == (2, 4)


def test_scores_are_earned_less_deducted_over_the_months(village, households):
    one, two = households[:2]
    add(
        village,
        (202602, one, "-", "home", 5, 0, 1, 1), (202603, one, "孝老", "home", 4, 6, 2, 2),
        (202604, one, "-", "home", 99, 0, 1, 3), (202603, two, "-", "home", 7, 0, 1, 4),
    )  # fmt: skip
    assert queries.scores_of(one, village.id, [202602, 202603]) == {
        "home": queries.Score(9, 6),
        "civility": queries.Score(),
    }
    assert queries.scores_of(one, village.id, [202602, 202603])["home"].net == 3
    assert queries.scores_of(one, village.id, []) == {"home": queries.Score(), "civility": queries.Score()}


def standing(village, unit="home", months=(202603,)):
    """Score and last change by household, the best first, as a board reads them."""
    rows = [row for row in queries.by_unit(village.id, months)[unit] if row.score > 0]
    rows.sort(key=lambda row: (-row.score, row.last_seq, row.household_id))
    return [(row.household_id, int(row.score), int(row.last_seq)) for row in rows]


def test_the_highest_score_first_and_even_ones_by_who_got_there_first(village, households):
    a, b, c, d = households
    add(
        village,
        (202603, a, "-", "home", 5, 0, 1, 4), (202603, b, "-", "home", 9, 0, 1, 5), (202603, c, "-", "home", 5, 0, 1, 2),
        (202603, d, "-", "home", 3, 3, 2, 3),
    )  # fmt: skip
    assert standing(village) == [(b, 9, 5), (c, 5, 2), (a, 5, 4)]


def test_the_last_change_in_the_period_counts_for_first(village, households):
    a, b = households[:2]
    add(
        village,
        (202602, a, "-", "home", 3, 0, 1, 1), (202603, a, "孝老", "home", 2, 0, 1, 7), (202603, b, "-", "home", 5, 0, 1, 6),
        (202604, b, "-", "home", 1, 0, 1, 8),
    )  # fmt: skip
    assert standing(village, months=(202602, 202603)) == [(b, 5, 6), (a, 5, 7)]


def test_what_is_still_even_keeps_one_order(village, households):
    a, b = households[:2]
    add(village, (202603, b, "-", "home", 5, 0, 1, 1), (202603, a, "-", "home", 5, 0, 1, 1))
    assert standing(village) == [(a, 5, 1), (b, 5, 1)]


def test_units_months_and_villages_stay_apart(village, households):
    elsewhere = factories.HouseholdFactory()
    add(village, (202603, households[0], "-", "home", 5, 0, 1, 1), (202602, households[1], "-", "home", 9, 0, 1, 2))
    add(elsewhere.village, (202603, elsewhere.id, "-", "home", 50, 0, 1, 1))
    assert standing(village) == [(households[0], 5, 1)]
    assert standing(village, "civility") == []
    assert standing(village, months=()) == []
