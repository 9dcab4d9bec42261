"""Seals that anyone can recompute, check words that can be read out, the day's seal on the wall."""

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger import books
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.ledger import queries, seals
from virtue.ledger.models import Checkpoint, Entry
from virtue.ledger.words import WORDS

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ENTRY = {
    "village_id": 3, "seq": 12, "kind": "deed", "subject_id": 77, "household_id": 5, "day": date(2026, 11, 24),
    "batch": "notice:4", "reverses_id": None, "by_id": 9,
    "recorded_at": datetime(2026, 11, 24, 11, 4, 5, 6, tzinfo=timezone(timedelta(hours=8))),
    "words": ["J05", 1, 2, "2026-11-23"],
}  # fmt: skip
CONTENT = (
    '[3,12,"deed",77,5,"2026-11-24","notice:4",null,9,"2026-11-24T03:04:05.000006Z",["J05",1,2,"2026-11-23"],'
    '[["home",1,2,2,10],["civility",1,3,1,null]]]'
)
TRANSFERS = [("home", 1, 2, 2, 10), ("civility", 1, 3, 1, None)]


def test_the_sealed_text_never_changes():
    """Books that are sealed today must verify in ten years: whoever changes this breaks every chain there is."""
    assert seals.canonical(ENTRY, TRANSFERS) == CONTENT
    sealed = seals.seal(seals.GENESIS, CONTENT)
    assert sealed == hashlib.sha256(("0" * 64 + CONTENT).encode()).hexdigest()
    assert sealed == "6c6c2757bd4d8d5ced45a0236da69dbea62c9432e58e0e2b1c357e8cac4855ac"
    assert seals.seal(sealed, CONTENT) != sealed


@pytest.mark.parametrize("name", sorted(ENTRY))
def test_every_field_is_sealed(name):
    other = {
        "day": date(2026, 11, 25), "recorded_at": ENTRY["recorded_at"] + timedelta(microseconds=1), "reverses_id": 1,
        "batch": None, "kind": "order", "words": ["J05", 1, 3, "2026-11-23"],
    }.get(name, 1000)  # fmt: skip
    assert seals.canonical({**ENTRY, name: other}, TRANSFERS) != CONTENT


@pytest.mark.parametrize("place", range(5))
def test_every_part_of_a_transfer_is_sealed(place):
    changed = list(TRANSFERS[0])
    changed[place] = "civility" if place == 0 else 99
    assert seals.canonical(ENTRY, [changed, TRANSFERS[1]]) != CONTENT
    assert seals.canonical(ENTRY, TRANSFERS[::-1]) != CONTENT
    assert seals.canonical(ENTRY, TRANSFERS[:1]) != CONTENT


def test_the_words_are_256_of_two_characters_and_never_move():
    assert len(WORDS) == len(set(WORDS)) == 256
    assert {len(word) for word in WORDS} == {2}
    assert hashlib.sha256(" ".join(WORDS).encode()).hexdigest()[:16] == "1d6024e187648bc9"


def test_check_words_are_told_from_the_seal():
    assert seals.check_words("00" * 32) == (WORDS[0], WORDS[0], WORDS[0], "0000")
    assert seals.check_words("0102ff0000270f" + "00" * 25) == (WORDS[1], WORDS[2], WORDS[255], "9999")
    assert seals.check_words("00000000002710" + "00" * 25)[3] == "0000"
    assert seals.short("0123456789abcdef" + "0" * 48) == "0123456789abcdef"


@given(st.binary(min_size=32, max_size=32))
def test_check_words_are_always_three_words_and_four_digits(raw):
    *words, digits = seals.check_words(raw.hex())
    assert set(words) <= set(WORDS)
    assert (len(words), len(digits), digits.isdigit()) == (3, 4, True)
    assert seals.check_words(raw.hex()) == (*words, digits)


@pytest.fixture
def book(app):
    village, (household,) = books.open_village(households=1)
    return village, household


def settle(book, at: datetime) -> str:
    """Book something; gives the chain's seal after it."""
    village, household = book
    with clock.set_to(at):
        village.settle(keys.new(), [(household, "home", 1, "-")])
    return queries.current_seal(village.village_id).seal


def checkpoints() -> list[tuple]:
    return [(row.day.isoformat(), row.seq, row.seal) for row in db.session.query(Checkpoint).order_by(Checkpoint.id)]


def day_seal(book, at: datetime) -> str | None:
    with clock.set_to(at):
        found = queries.day_seal(book[0].village_id)
    return found and found.seal


def test_each_entry_is_sealed_over_the_one_before(book):
    first = settle(book, NOON)
    second = settle(book, NOON)
    assert [entry.seal for entry in db.session.query(Entry).order_by(Entry.id)] == [first, second]
    assert first != second


def test_the_first_write_of_a_day_keeps_the_seal_of_the_last(book):
    settle(book, NOON)
    evening = settle(book, NOON + timedelta(hours=11))
    assert checkpoints() == []
    settle(book, datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
    assert checkpoints() == [("2026-03-02", 2, evening)]
    third = settle(book, NOON + timedelta(days=1))
    settle(book, NOON + timedelta(days=5))
    assert checkpoints() == [("2026-03-02", 2, evening), ("2026-03-03", 4, third)]


def test_a_refused_write_keeps_no_checkpoint(book):
    village, household = book
    settle(book, NOON)
    with clock.set_to(NOON + timedelta(days=1)), pytest.raises(books.services.NotEnoughPoints):
        village.redeem(keys.new(), household, home=99)
    assert checkpoints() == []


def test_the_days_check_words_are_those_the_last_booked_day_ended_with(book):
    assert day_seal(book, NOON) is None
    first = settle(book, NOON)
    assert day_seal(book, NOON) is None
    assert day_seal(book, NOON + timedelta(days=1)) == first
    assert day_seal(book, NOON + timedelta(days=9)) == first
    second = settle(book, NOON + timedelta(days=9))
    assert day_seal(book, NOON + timedelta(days=9, hours=2)) == first
    assert day_seal(book, NOON + timedelta(days=10)) == second


def test_the_days_check_words_stay_all_day(book):
    settle(book, NOON)
    told = {day_seal(book, NOON + timedelta(days=1))}
    for hour in range(3):
        settle(book, NOON + timedelta(days=1, hours=hour))
        told.add(day_seal(book, NOON + timedelta(days=1, hours=hour)))
    assert len(told) == 1


def test_a_village_without_books_has_no_seal(book):
    assert queries.current_seal(book[0].village_id) is None
    assert queries.day_seal(999) is None


def test_check_words_are_one_line_for_reading_out(book):
    settle(book, NOON)
    seal = queries.current_seal(book[0].village_id)
    assert seal.text == " ".join(seal.words) == " ".join(seals.check_words(seal.seal))
