"""Dividing money: to the fen, in order, for any pot and any scores; and the answers that are known."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from virtue.dividends.division import divide, rate_of, split_pot, twelfths
from virtue.dividends.errors import NobodyToPay, NothingToDivide

POTS = st.integers(1, 10**12)
WEIGHTS = st.lists(st.integers(0, 200_000), min_size=1, max_size=60).filter(any)


@given(POTS, WEIGHTS)
def test_the_parts_add_up_to_the_pot_to_the_fen(fen, weights):
    parts = divide(fen, weights)
    assert sum(part.fen for part in parts) == fen
    assert all(part.floor == fen * weight // sum(weights) for part, weight in zip(parts, weights, strict=True))


@given(POTS, WEIGHTS)
def test_nobody_with_more_gets_less(fen, weights):
    ordered = sorted(zip(weights, [part.fen for part in divide(fen, weights)], strict=True))
    assert all(less[1] <= more[1] for less, more in pairwise(ordered) if less[0] < more[0])


@given(POTS, WEIGHTS)
def test_equal_weights_differ_by_one_fen_at_most_the_first_in_order_ahead(fen, weights):
    got: dict[int, list[int]] = {}
    for part, weight in zip(divide(fen, weights), weights, strict=True):
        got.setdefault(weight, []).append(part.fen)
    for same in got.values():
        assert same == sorted(same, reverse=True)
        assert same[0] - same[-1] <= 1


@given(POTS, WEIGHTS, st.integers(0, 60))
def test_who_has_nothing_changes_nobody_and_gets_nothing(fen, weights, place):
    place = min(place, len(weights))
    with_one_more = [part.fen for part in divide(fen, [*weights[:place], 0, *weights[place:]])]
    assert with_one_more.pop(place) == 0
    assert with_one_more == [part.fen for part in divide(fen, weights)]


@given(POTS, WEIGHTS)
def test_each_fen_left_over_goes_to_the_largest_remainder(fen, weights):
    parts = divide(fen, weights)
    lucky = [part.rest for part in parts if part.extra]
    others = [part.rest for part in parts if not part.extra]
    assert min(lucky, default=sum(weights)) >= max(others, default=0)
    assert all(lucky)


@given(POTS, st.integers(1, 1000), st.integers(1, 1000))
def test_a_pot_s_two_parts_add_up(fen, shares, score):
    by_shares, by_score = split_pot(fen, shares, score)
    assert by_shares + by_score == fen
    assert abs(by_shares * (shares + score) - fen * shares) < shares + score


def test_the_known_pot_of_165130_yuan():
    # 668,819 points in all, one household with 12,940 of them.
    others = [13_000] * 50 + [668_819 - 12_940 - 650_000]
    part = divide(16_513_000, [12_940, *others])[0]
    assert (part.floor, part.rest, part.fen) == (319_485, 581_785, 319_486)
    assert sum(each.fen for each in divide(16_513_000, [12_940, *others])) == 16_513_000


def test_the_county_s_known_pot():
    whole = rate_of(1_240_000_00, 1000)
    assert whole == 124_000_00
    assert [part.fen for part in divide(whole, [1] * 124)] == [1000_00] * 124


def test_one_fen_over_three_goes_to_the_first():
    assert [part.fen for part in divide(1, [100, 100, 100])] == [1, 0, 0]
    assert [part.fen for part in divide(1, [100, 101, 100])] == [0, 1, 0]


@pytest.mark.parametrize("weights", [[], [0], [0, 0, 0]])
def test_nobody_eligible_is_refused_with_a_sentence(weights):
    with pytest.raises(NobodyToPay) as refused:
        divide(100, weights)
    assert "没有一户够得上这笔分红" in str(refused.value)


@pytest.mark.parametrize("fen", [0, -1])
def test_no_money_is_refused(fen):
    with pytest.raises(NothingToDivide):
        divide(fen, [1])


@pytest.mark.parametrize(
    ("base", "earned", "deducted", "months", "score"),
    [(100, 40, 8, 12, 1584), (100, 0, 250, 12, 0), (100, 12, 0, 7, 844), (100, 12, 0, 0, 144), (0, 0, 0, 12, 0)],
)
def test_the_base_counts_by_months_what_was_earned_in_full(base, earned, deducted, months, score):
    assert twelfths(base, earned, deducted, months) == score


@given(st.integers(0, 1000), st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 11))
def test_a_month_more_is_never_less(base, earned, deducted, months):
    assume(base)
    assert twelfths(base, earned, deducted, months) <= twelfths(base, earned, deducted, months + 1)
