"""A key does its work once; whoever sends it again gets the first answer, whoever sends it otherwise is refused."""

import json
import uuid
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.pages import unchanged
from virtue import errors
from virtue.core import due, keys, remarks
from virtue.core.models import RequestKey
from virtue.core.throttle import TooManyTries
from virtue.errors import BadKey, BrokenRule, Busy, KeyReused
from virtue.extensions import db


class Refused(BrokenRule):
    sentence = "不行：%(why)s。"


@pytest.fixture
def village_id(app) -> int:
    village_id = factories.VillageFactory().id
    due.note_done(village_id)
    return village_id


def once(key, village_id, work, contents=("a", 1), purpose="test.act", **options):
    return keys.run_once(key, purpose, list(contents), work, village_id=village_id, **options)


def writes(village_id, text="写", result=None):
    def work():
        remarks.keep(text, village_id=village_id)
        return {"text": text} if result is None else result

    return work


def refuses(village_id, error=None):
    def work():
        remarks.keep("先写了", village_id=village_id)
        raise error or Refused(why="没有了")

    return work


def texts() -> list[str]:
    return list(db.session.scalars(sa.text("SELECT text FROM remark ORDER BY id")))


def test_a_repeat_gets_the_first_answer_and_does_nothing(app, village_id):
    key = keys.new()
    first = once(key, village_id, writes(village_id))
    with unchanged(app, frozenset({"audit"})):
        again = once(key, village_id, writes(village_id, "又写"))
    assert (first.result, first.is_repeat) == ({"text": "写"}, False)
    assert (again.result, again.is_repeat) == ({"text": "写"}, True)


def test_the_first_answer_is_the_repeats_to_the_letter(app, village_id):
    """What JSON makes of a result is what the first caller gets too: text keys, lists."""
    key = keys.new()
    first = once(key, village_id, writes(village_id, result={1: (1, 2), "户": None}))
    again = once(key, village_id, writes(village_id))
    assert first.result == again.result == {"1": [1, 2], "户": None}


def test_an_answer_that_cannot_be_kept_leaves_nothing(app, village_id):
    with unchanged(app, frozenset()), pytest.raises(TypeError):
        once(keys.new(), village_id, writes(village_id, result={"day": date(2026, 3, 1)}))


@pytest.mark.parametrize(
    "other",
    [
        {"contents": ("a", 2)},
        {"contents": ("a", "1")},
        {"contents": ("a",)},
        {"purpose": "test.other"},
        {"village_id": None},
    ],
)
def test_the_same_key_for_anything_else_is_refused(app, village_id, other):
    key = keys.new()
    once(key, village_id, writes(village_id))
    with unchanged(app, frozenset()), pytest.raises(KeyReused):
        once(key, **{"village_id": village_id, "work": writes(village_id), **other})


def test_a_refusal_is_kept_and_nothing_else(app, village_id):
    key = keys.new()
    with unchanged(app), pytest.raises(Refused, match="不行：没有了。"):
        once(key, village_id, refuses(village_id))
    with unchanged(app, frozenset()), pytest.raises(Refused) as again:
        once(key, village_id, writes(village_id))
    assert again.value.params == {"why": "没有了"}
    assert texts() == []


@pytest.mark.parametrize("error", [RuntimeError(), Busy(), TooManyTries(minutes=3)])
def test_what_passes_by_itself_leaves_the_key_unused(app, village_id, error):
    key = keys.new()
    with unchanged(app, frozenset()), pytest.raises(type(error)):
        once(key, village_id, refuses(village_id, error))
    assert once(key, village_id, writes(village_id)).is_repeat is False
    assert texts() == ["写"]


def test_the_lock_is_taken_before_the_key_is_looked_for(app, village_id):
    order = []
    key = keys.new()
    for _ in range(2):
        once(key, village_id, writes(village_id), lock=lambda: order.append(keys.find_outcome(key) is None))
    assert order == [True, False]


@pytest.mark.parametrize(
    "key",
    [
        "", None, "1", "x" * 36, str(uuid.uuid4()), str(uuid.uuid1()), keys.new().upper(), keys.new() + "\n",
        " " + keys.new(), "0" * 36,
    ],
    # Names that every worker gives alike, whatever the key.
    ids=["empty", "none", "one", "letters", "uuid4", "uuid1", "capitals", "line end", "blank before", "zeros"],
)  # fmt: skip
def test_a_key_that_no_form_carries_is_refused(app, village_id, key):
    with unchanged(app, frozenset()), pytest.raises(BadKey):
        once(key, village_id, writes(village_id))


def test_keys_grow_with_time():
    drawn = [keys.new() for _ in range(2000)]
    assert drawn == sorted(drawn)
    assert len(set(drawn)) == 2000


def test_an_outcome_can_be_asked_for(app, village_id):
    done, refused, unused = keys.new(), keys.new(), keys.new()
    once(done, village_id, writes(village_id))
    with pytest.raises(Refused):
        once(refused, village_id, refuses(village_id))
    assert keys.find_outcome(done).result == {"text": "写"}
    assert keys.find_outcome(unused) is None
    assert keys.find_outcome("abc") is None
    with pytest.raises(Refused, match="没有了"):
        keys.find_outcome(refused)


def test_the_row_holds_a_hash_of_what_was_asked_and_not_the_words(app, village_id):
    key = keys.new()
    once(key, village_id, writes(village_id), contents=("王永智", "13912345678"))
    row = db.session.get(RequestKey, key)
    assert (row.purpose, row.village_id, len(row.request_hash)) == ("test.act", village_id, 64)
    assert "王" not in repr(list(db.session.execute(sa.text("SELECT * FROM request_key"))))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)  # fmt: skip


@given(JSON, JSON)
def test_equal_contents_have_equal_hashes_and_others_have_not(one, other):
    same = keys._hash("p", 1, one) == keys._hash("p", 1, other)
    assert same == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))
    assert keys._hash("p", 1, one) != keys._hash("p", 2, one)


def test_days_and_instants_are_hashed_as_text():
    day, instant = date(2026, 3, 1), datetime(2026, 3, 1, 4, tzinfo=UTC)
    assert keys._hash("p", 1, [day, instant]) == keys._hash("p", 1, ["2026-03-01", "2026-03-01T04:00:00+00:00"])


@pytest.mark.parametrize("odd", [{1, 2}, object(), b"bytes"])
def test_what_would_read_otherwise_next_time_is_no_request(odd):
    """A set's order changes from process to process: its repeat would be refused as something else."""
    with pytest.raises(TypeError):
        keys._hash("p", 1, [odd])


def test_each_refusal_has_a_name_of_its_own(app):
    """A refusal is kept by its class's name: two of one name could not be told apart."""
    found, waiting = {}, [errors.BrokenRule]
    while waiting:
        for rule in waiting.pop().__subclasses__():
            waiting.append(rule)
            if rule.__module__.startswith("virtue."):
                found.setdefault(rule.__name__, set()).add(rule.__module__)
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}
    assert "NotEnoughPoints" in found
