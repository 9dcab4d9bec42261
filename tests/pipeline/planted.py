"""Bugs that a tired person could write between two rooms, planted one at a time: a machine that misses one is no proof.

Each takes pytest's ``monkeypatch`` and spoils one function of awarding, notices, store or the keys.
"""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import bindparam, select

from virtue import clock
from virtue.awarding import caps, checks, deciding, deductions, objections, queries, settling, states
from virtue.awarding.models import DeedState
from virtue.core import keys, settings
from virtue.people import hats
from virtue.scores import services as scores
from virtue.store import return_services, stock_services

_room, _value, _claim, _add, _told = caps.room, settings.value, keys._claim, scores.add, deductions._told


def frozen_lines_settle(patch):
    """Settling takes every line of the notice, whoever objects."""
    standing = states.from_states(DeedState.ON_NOTICE, DeedState.FROZEN)
    deed = settling._DEED
    query = select(*settling._TO_SETTLE.selected_columns).where(
        deed.c.notice_id == bindparam("of_notice"), deed.c.state.in_([str(state) for state in standing])
    )
    patch.setattr(settling, "_TO_SETTLE", query)
    patch.setitem(states.STEPS, "settle", replace(states.STEPS["settle"], sources=standing))


def settled_on_the_last_day(patch):
    """A notice counts as over on its last day."""
    tomorrow = SimpleNamespace(today=lambda: clock.today() + timedelta(days=1), now=clock.now)
    patch.setattr(settling, "clock", tomorrow)


def thawed_too_soon(patch):
    """The first answer thaws the line, whoever else objects."""
    notices = SimpleNamespace(**{**vars(objections.notices), "open_on_line": lambda line_id: 0})
    patch.setattr(objections, "notices", notices)


def kin_review(patch):
    """Whoever reviews isn't asked about kin."""
    asks = SimpleNamespace(**{**vars(checks), "not_own": lambda household_id, *, by: None})
    patch.setattr(deciding, "checks", asks)


def proposers_approve_lists(patch):
    """Several at once: nobody looks who proposed them."""
    hands = deciding._hands
    patch.setattr(deciding, "_hands", lambda ids: (hands(ids)[0], {deed_id: set() for deed_id in ids}))
    wrong = deciding._wrong

    def but_own(row, **who):
        found = wrong(row, **who)
        return None if found == "OwnProposal" else found

    patch.setattr(deciding, "_wrong", but_own)


def one_reviewer_is_enough(patch):
    """Two reviewers above the limit instead of from it."""

    def value(name, village_id):
        return _value(name, village_id) + (name == "two_reviewers_from")

    patch.setattr(settings, "value", value)


def one_signs_twice(patch):
    """Nobody looks who signed a deduction before."""
    patch.setattr(deductions, "approvals", lambda deed_id: [0] * len(queries.approvals(deed_id)))


def cap_off_by_one(patch):
    """One point more than the cap."""

    def room(*where):
        left = _room(*where)
        return None if left is None else left + 1

    patch.setattr(caps, "room", room)


def unheard(patch):
    """The days to answer end a day too early."""

    def told(deed, deduction, *how, **more):
        _told(deed, deduction, *how, **more)
        deduction.rebuttal_until -= timedelta(days=1)
        deductions.db.session.flush()

    patch.setattr(deductions, "_told", told)


def refused_before_nobody(patch):
    """A slip that was refused needs no witnesses."""
    patch.setattr(deductions, "check_witnesses", lambda *told, by: None)


def deciders_reverse(patch):
    """Who approved a deed may reverse it."""
    patch.setattr(settling, "deciders", lambda deed_id: set())


def reversals_keep_the_score(patch):
    """A reversal takes the points, but not the score."""
    patch.setattr(
        scores, "add", lambda village_id, changes: _add(village_id, [one for one in changes if one.deeds > 0])
    )


def returns_keep_the_goods(patch):
    """What comes back is paid back, and lies nowhere."""
    moves = SimpleNamespace(**{**vars(stock_services), "move": lambda steps, occasion: None})
    patch.setattr(return_services, "stock_services", moves)


def two_hats(patch):
    """Nobody looks what a person did for the household today."""
    patch.setattr(hats, "check_hats", lambda *who, **more: None)


def retries_book_twice(patch):
    """A key that was used is free again."""
    patch.setattr(keys, "_claim", lambda key, *rest: _claim(keys.new(), *rest) or True)


def refusals_leave_traces(patch):
    """What was written before a rule said no stays."""
    patch.setattr(keys, "savepoint", nullcontext)


BUGS = [
    frozen_lines_settle, settled_on_the_last_day, thawed_too_soon, kin_review, proposers_approve_lists,
    one_reviewer_is_enough, one_signs_twice, cap_off_by_one, unheard, refused_before_nobody, deciders_reverse,
    reversals_keep_the_score, returns_keep_the_goods, two_hats, retries_book_twice, refusals_leave_traces,
]  # fmt: skip
