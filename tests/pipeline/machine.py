"""A machine that takes deeds through awarding, notices, store and ledger in any order, by whoever may and whoever may not.

It keeps no books of its own: every step is the real services', and what stands in the rows is judged by ``laws``. Of what
must be done it knows so much: the next proper step, by a fit person, is done; a refused act changes nothing; a key sent
again gives the same answer and changes nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.pipeline import laws, town
from virtue import clock
from virtue.awarding import booked, deductions, events, objections, repairs, services, settling
from virtue.awarding.errors import (
    AlreadySigned,
    CapReached,
    CapReachedForever,
    OwnProposal,
    RebuttalStillRunning,
    SecondPersonReverses,
    WitnessesNeeded,
    WrongQuantity,
)
from virtue.awarding.objections import Verdict, Words
from virtue.awarding.services import Proposal
from virtue.core import due, keys
from virtue.core.invariants import Run
from virtue.errors import BrokenRule, KeyReused, OwnKin
from virtue.ledger import queries as ledger
from virtue.ledger.errors import MonthNotOver, NotEnoughPoints
from virtue.notices.errors import LineGone, NoticeOver
from virtue.notices.services import Sender
from virtue.office import daily, verify
from virtue.office import services as office
from virtue.people.hats import TwoHats
from virtue.store import delivery_services
from virtue.store import services as till
from virtue.store.delivery_services import Line, Paper
from virtue.store.errors import AlreadyReturned, OutOfStock, UndoNeedsAnother
from virtue.store.services import Piece

HOUSEHOLDS = st.integers(0, 2)
# Mostly of what was done last.
RECENT = st.sampled_from([-1, -1, -1, -2, -3, -5, 0])
# How a sum lies to what there is: all, one more, one less.
EDGES = st.sampled_from([0, 1, -1])
UNITS = st.sampled_from(["home", "civility"])
# Which of those whose roles open the page.
ANYBODY = st.integers(0, 20)
WILD = st.sampled_from([False, False, False, True])
SCANNED = ["care", "brave", "yearly", "ever"]
FULL = (CapReached, CapReachedForever)
ANY = (BrokenRule,)
DONE: tuple[type[BrokenRule], ...] = ()
FIRST = datetime(2026, 3, 27, 2, 0, tzinfo=UTC)


@dataclass
class Sent:
    """A key that was used: how to send it again, with the same or other contents, and what was answered."""

    again: Callable[[], Any]
    otherwise: Callable[[], Any]
    answer: Any


class Pipeline(RuleBasedStateMachine):
    """One town's pipeline, and a village beside it in which nothing may ever happen."""

    def __init__(self) -> None:
        super().__init__()
        self.now = FIRST
        with clock.set_to(self.now):
            self.town = town.build()
        self.here = self.town.village_id
        self.sent: list[Sent] = []
        self.seen: town.Everything | None = None
        self.elsewhere = self._everything()
        self.events: dict[Any, int] = {}
        self._begin()

    # The way in.

    @precondition(lambda self: len(self._deeds("proposed")) < 5)
    @rule(
        places=st.lists(HOUSEHOLDS, min_size=1, max_size=4), code=st.sampled_from(SCANNED), by=ANYBODY,
        back=st.sampled_from([0, 0, 1, 27]),
    )  # fmt: skip
    def propose(self, places, code, by, back):
        """One scan, or a list of them, each line on its own; the same household up to its caps and beyond."""
        by = self._who("awarding.propose", by)
        day = clock.day_of(self.now) - timedelta(days=back)
        proposals = [Proposal(self.town.households[place], self.town.rules[code], day) for place in places]
        if len(proposals) == 1:
            self._propose_one(proposals[0], by)
        else:
            self._propose_many(proposals, by)

    @precondition(lambda self: len(self._unlisted()) < 6)
    @rule(place=HOUSEHOLDS, code=st.sampled_from(["canal", "kilos"]), quantity=st.integers(1, 4), by=ANYBODY)
    def book(self, place, code, quantity, by):
        """Scan a card in today's event: booked at once."""
        by = self._who("awarding.propose", by)
        today = clock.day_of(self.now)
        if today not in self.events:
            opened = self._do(
                lambda key: events.open_event(self.here, "清渠", "三支渠", today, key=key, by=self._id("verifier")),
                DONE,
            )
            self.events[today] = opened["event_id"]
        household = self.town.households[place]
        quantity = quantity if code == "kilos" else 1
        proposal = Proposal(household, self.town.rules[code], today, "event", quantity, event_id=self.events[today])
        answer = self._propose_one(proposal, by)
        if answer and answer["booked"] is not None:
            assert answer["balance"] == self._purse(household, "home"), "the answer tells another balance"

    @precondition(lambda self: len(self._deeds("lead")) < 3)
    @rule(place=HOUSEHOLDS, code=st.sampled_from(["rubbish", "rubbish", "smoke"]), repair=st.booleans())
    def lead(self, place, code, repair):
        by = self._fit(["author", "verifier"], place)
        today = clock.day_of(self.now)
        what = deductions.Lead(
            self.town.households[place], self.town.rules[code], today, "倒在渠边",
            repair_until=today + timedelta(days=2) if repair else None,
        )  # fmt: skip
        self._do(lambda key: deductions.lead(self.here, what, key=key, by=self._id(by)), FULL)

    # What the next proper step is, done by somebody fit: it must be done.

    @precondition(lambda self: self._deeds(*_OPEN))
    @rule(which=RECENT, steps=st.integers(1, 6))
    def go_on(self, which, steps):
        deed_id = self._pick(self._deeds(*_OPEN), which).id
        for _step in range(steps):
            self._go_on(self._deed(deed_id))
            self.the_laws_hold()

    # Whoever tries whatever on any deed: done or refused, the laws judge.

    @precondition(lambda self: self._deeds("proposed"))
    @rule(
        which=RECENT,
        action=st.sampled_from(["approve", "approve", "approve_many", "send_back", "reject"]),
        by=ANYBODY,
    )
    def review(self, which, action, by):
        self._try(action, which, by)

    @rule(
        which=RECENT, action=st.sampled_from(["reopen", "resubmit", "take_back", "take_back", "reverse", "reverse"]),
        by=ANYBODY, is_wild=WILD,
    )  # fmt: skip
    def turn_back(self, which, action, by, is_wild):
        self._try(action, which, by, is_wild=is_wild)

    @precondition(lambda self: self._deeds("lead", "verified", "told"))
    @rule(
        which=RECENT, by=ANYBODY, how=st.sampled_from(["in_person", "refused", "refused", "absent"]),
        action=st.sampled_from([
            "verify", "verify", "tell", "tell", "answer", "decide", "decide", "drop", "repair", "repair", "pass_repair",
            "fail_repair",
        ]),
        witness=st.sampled_from(["first", "supervisor", "verifier", "watcher", "stranger"]), is_wild=WILD,
    )  # fmt: skip
    def hear(self, which, by, how, action, witness, is_wild):
        self._try(action, which, by, how=how, witness=witness, is_wild=is_wild)

    @precondition(lambda self: self._deeds("settled"))
    @rule(which=RECENT, is_spent=st.booleans())
    def reverse(self, which, is_spent):
        """A settled deed is taken back whole by a second person; what was spent is owed, and no purse goes below zero."""
        deed = self._pick(self._deeds("settled"), which)
        hands = self._hands(deed)
        place = self.town.households.index(deed.household_id)
        if is_spent:
            self.redeem(place, deed.unit, 0, self._fit(["keeper", "both"], place), 0)
        for user_id in hands:
            self._reverse(deed, user_id, (SecondPersonReverses,), must_refuse=True)
        before = self._standing(deed)
        answer = self._reverse(deed, self._id(self._fit(["admin", "supervisor", "watcher"], place, hands)), DONE)
        took = sum(answer["moved"].values())
        assert self._standing(deed) - before == (-deed.settled_points if deed.points > 0 else took)
        assert deed.points > 0 or 0 <= took <= -deed.settled_points

    # The notice and what is objected to it.

    @precondition(lambda self: self._deeds("approved") or len(self._unlisted()) > 3)
    @rule()
    def publish(self):
        """What was approved goes on a notice; where nothing was, what was booked at once."""
        if self._deeds("approved"):
            self._do(lambda key: settling.publish_notice(self.here, key=key, by=self._id("admin")), DONE)
        else:
            self._do(lambda key: booked.publish_booked(self.here, key=key, by=self._id("admin")), DONE)

    @precondition(lambda self: self._contestable() and len(self._open_objections()) < 3)
    @rule(which=RECENT, places=st.lists(HOUSEHOLDS, min_size=1, max_size=2), by=st.sampled_from([None, "admin"]))
    def object(self, which, places, by):
        """A neighbour, or two, or the household itself, objects to a line of an open notice."""
        deed = self._pick(self._contestable(), which)
        notice = next(row for row in self._everything()["notice"] if row.id == deed.notice_id)
        words = Words(notice.number, deed.notice_line, "他家没有参加", "spoken" if by else "passbook")
        user_id = self._id(by) if by else None
        for place in places:
            self._object(words, Sender(self.town.households[place]), user_id)

    @precondition(lambda self: self._everything()["objection"])
    @rule(
        which=RECENT, by=st.sampled_from([None, None, None, "supervisor", "watcher", "first", "stranger"]), edge=EDGES,
        state=st.sampled_from(["dismissed", "upheld_withdrawn", "upheld_amended", "upheld_amended", "taken_back"]),
        is_wild=WILD,
    )  # fmt: skip
    def answer_objection(self, which, by, state, edge, is_wild):
        rows = self._everything()["objection"]
        objection = self._pick(rows if is_wild else self._open_objections() or rows, which)
        number, deed = objection.number, self._deed_of(objection)
        if state == "taken_back":
            self._do(lambda key: objections.take_back(self.here, number, key=key, by=None), ANY)
            return
        by = by or self._fit_settler(objection) or "supervisor"
        points = abs(deed.points) + edge if state == "upheld_amended" else None
        must_refuse = by in {"stranger", "first"} or points == abs(deed.points)
        verdict = Verdict(state, "到现场看过", points=points)
        answer = self._settle_objection(number, verdict, by, ANY, must_refuse=must_refuse)
        if answer and state != "dismissed":
            self._object_to_what_is_gone(deed)

    # The till.

    @rule(
        place=HOUSEHOLDS, unit=UNITS, edge=EDGES, by=st.sampled_from(["keeper", "keeper", "both"]),
        comes_back=st.sampled_from([0, 5, 20]),
    )  # fmt: skip
    def redeem(self, place, unit, edge, by, comes_back):
        """As many pieces as the purse allows, one more, one less; perhaps brought back some minutes later."""
        household = self.town.households[place]
        # A day's first write settles what is due: what the purse allows is read after it.
        self._settle_first()
        self._keep_the_till_apart(household)
        by = self._fit([by, "both"], place)
        price, purse = town.PRICES[unit], self._purse(household, unit)
        pieces = max(purse // price + edge, 1)
        basket = [Piece(self.town.item_id, pieces, unit, self.town.prices[unit])]
        lying = sum(row.quantity for row in self._everything()["batch"])
        if not lying:
            self._receive(town.PIECES)
            lying = town.PIECES
        refusals: tuple[type[BrokenRule], ...] = DONE
        if by == "both":
            refusals = ANY
        elif lying < pieces:
            refusals = (OutOfStock,)
        elif purse < pieces * price:
            refusals = (NotEnoughPoints,)
        must_refuse = refusals not in (DONE, ANY)
        here = (self.here, self.town.store_id, household)
        answer = self._do(
            lambda key: till.redeem(*here, basket, key=key, by=self._id(by)), refusals,
            lambda key: till.redeem(*here, basket * 2, key=key, by=self._id(by)),
        )  # fmt: skip
        assert not (answer and must_refuse), f"redeemed, where {refusals} was due"
        assert answer is None or answer["balance"] == {unit: self._purse(household, unit)}
        if answer and comes_back:
            self.now += timedelta(minutes=comes_back)
            self.give_back(-1, by)

    @rule(place=HOUSEHOLDS, is_till_first=st.booleans())
    def wear_two_hats(self, place, is_till_first):
        """Who awarded a household today doesn't serve it, nor the other way round."""
        household = self.town.households[place]
        if self._purse(household, "home") < town.PRICES["home"]:
            return
        proposal = Proposal(household, self.town.rules["brave"], clock.day_of(self.now))
        basket = [Piece(self.town.item_id, 1, "home", self.town.prices["home"])]
        here, by = (self.here, self.town.store_id, household), self._id("both")
        acts = [
            lambda key: services.propose(self.here, proposal, key=key, by=by),
            lambda key: till.redeem(*here, basket, key=key, by=by),
        ]
        first, second = reversed(acts) if is_till_first else acts
        if self._do(first, (TwoHats, OutOfStock)):
            self._do(second, (TwoHats,), must_refuse=True)

    @precondition(lambda self: self._everything()["store_order"])
    @rule(which=RECENT, by=st.sampled_from(["keeper", "both", "admin", "supervisor"]))
    def give_back(self, which, by):
        order = self._pick(self._everything()["store_order"], which)
        returned = {row.order_id for row in self._everything()["store_return"]}
        is_kin = order.household_id in self.town.kin_of(by)
        is_late = order.by_id == self._id(by) and self.now > order.drawn_at + timedelta(minutes=15)
        refusal = (
            AlreadyReturned if order.id in returned else UndoNeedsAnother if is_late else OwnKin if is_kin else None
        )
        self._do(
            lambda key: till.give_back(self.here, order.id, key=key, by=self._id(by), why="破了"),
            (refusal,) if refusal else DONE, must_refuse=refusal is not None,
        )  # fmt: skip

    # Time, months, retries.

    @rule(minutes=st.sampled_from([5, 5, 20, 24 * 60, 6 * 24 * 60]), runs_daily=st.booleans())
    def wait(self, minutes, runs_daily):
        self.now += timedelta(minutes=minutes)
        if runs_daily:
            self._run_daily()

    @rule(by=st.sampled_from(["admin", "supervisor", "watcher"]), back=st.sampled_from([0, 1, 1]))
    def sign_month(self, by, back):
        """A month is closed by two, when nothing of it is open."""
        month = clock.month_of(clock.day_of(self.now))
        month = clock.previous_month(month) if back else month
        self._settle_first()
        open_deeds = [deed for deed in self._deeds(*_OPEN) if deed.month == month]
        before = self._everything()
        try:
            with self._acting():
                office.sign_month(self.here, month, by=self._id(by))
        except BrokenRule as error:
            assert self._everything() == before, "a refused signature changed something"
            assert not isinstance(error, MonthNotOver) or not back
        else:
            assert back, "the running month was closed"
            assert not open_deeds, "a month with open deeds was closed"

    @precondition(lambda self: self.sent)
    @rule(which=RECENT, is_same=st.sampled_from([True, True, False]))
    def send_again(self, which, is_same):
        """The same key with the same contents: the same answer; with others: refused. Nothing changes."""
        sent = self._pick(self.sent, which)
        self._settle_first()
        before = self._everything()
        try:
            with self._acting():
                again = sent.again() if is_same else sent.otherwise()
        except KeyReused:
            assert not is_same
        except BrokenRule as error:
            assert is_same
            assert (type(error), error.params) == sent.answer
        else:
            assert is_same, "a key was taken for something else"
            assert again.is_repeat
            assert again.result == sent.answer
        assert self._everything() == before, "a repeated key changed something"

    # What must hold after every step.

    @invariant()
    def the_laws_hold(self):
        laws.check(self._everything(), self.town)

    @invariant()
    def nothing_happens_elsewhere(self):
        other = self.town.other_id
        for name, rows in self._everything().items():
            assert rows.of(other) == self.elsewhere[name].of(other), f"{name} changed in the other village"

    def teardown(self):
        """What ``virtue verify`` says of it all, in its own words."""
        broken = [finding for finding in verify.findings(Run()) if finding.faults]
        assert not broken, broken

    # How it is done.

    def _begin(self) -> None:
        """What a village has at any moment: points, a line that two object to, a deed and a deduction half decided."""
        for place, quantity in enumerate((7, 4, 3)):
            self.book(place, "kilos", quantity, 1)
        self.send_again(-1, is_same=True)
        self.lead(0, "rubbish", repair=False)
        self._go_on_times(3)
        self.propose([2], "care", 1, 0)
        self._go_on_times(2)
        self.object(-1, [0, 1], None)
        self.propose([1], "brave", 1, 0)
        self._go_on_times(1)

    def _keep_the_till_apart(self, household: int) -> None:
        """A keeper serves no kin."""
        if household in self.town.kin_of("keeper"):
            basket = [Piece(self.town.item_id, 1, "home", self.town.prices["home"])]
            here, by = (self.here, self.town.store_id, household), self._id("keeper")
            self._do(lambda key: till.redeem(*here, basket, key=key, by=by), (OwnKin,), must_refuse=True)

    def _receive(self, pieces: int) -> None:
        lines, paper = [Line(self.town.item_id, pieces, 100)], Paper("bought")
        store_id, keeper = self.town.store_id, self._id("keeper")
        self._do(lambda key: delivery_services.enter(self.here, store_id, paper, lines, key=key, by=keeper), DONE)

    def _propose_one(self, proposal: Proposal, by: str) -> Any:
        village_id, user_id = self.town.village_of(by), self._id(by)
        more = replace(proposal, words="还帮着扫了路")
        return self._do(
            lambda key: services.propose(village_id, proposal, key=key, by=user_id), ANY,
            lambda key: services.propose(village_id, more, key=key, by=user_id),
            must_refuse=proposal.household_id in self.town.kin_of(by) or by == "stranger",
        )  # fmt: skip

    def _propose_many(self, proposals: list[Proposal], by: str) -> None:
        village_id, user_id = self.town.village_of(by), self._id(by)
        answer = self._do(
            lambda key: services.propose_many(village_id, proposals, key=key, by=user_id), DONE,
            lambda key: services.propose_many(village_id, proposals[1:], key=key, by=user_id),
        )  # fmt: skip
        for proposal, line in zip(proposals, answer["lines"], strict=True):
            must_refuse = proposal.household_id in self.town.kin_of(by) or by == "stranger"
            assert not must_refuse or "refused" in line, "a line was entered for kin, or in another village"

    def _go_on(self, deed: Any) -> None:
        step = getattr(self, f"_from_{deed.state}", None)
        if step is not None:
            step(deed)

    def _go_on_times(self, times: int) -> None:
        """The newest deed."""
        for _time in range(times):
            self._go_on(self._deeds()[-1])

    def _from_proposed(self, deed: Any) -> None:
        by = self._fit_reviewer(deed)
        if by is None:
            return
        signed = len(self._signed(deed))
        self._sign_again(deed, services.approve)
        self._keep_out(deed)
        turn = _TURNS.get(self._number(deed) % 5)
        if turn is not None and turn.__name__ not in self._actions(deed):
            self._do(lambda key: turn(self.here, deed.id, why="说不清楚", key=key, by=self._id(by)), DONE)
            return
        answer = self._do(
            lambda key: services.approve(self.here, deed.id, key=key, by=self._id(by)), DONE,
            lambda key: services.approve(self.here, deed.id, key=key, by=self._id(by), story="好"),
        )  # fmt: skip
        enough = 2 if abs(deed.points) >= laws.TWO_FROM else 1
        assert answer["state"] == ("approved" if signed + 1 >= enough else "proposed")

    def _keep_out(self, deed: Any) -> None:
        """Neither a reviewer who is kin nor who proposed it decides it, alone or in a list."""
        kin = [self._id(name) for name in ("second", "third") if deed.household_id in self.town.kin_of(name)]
        for user_id in [*kin, deed.proposed_by_id]:
            self._do(
                lambda key, by=user_id: services.approve(self.here, deed.id, key=key, by=by), (OwnKin, OwnProposal),
                must_refuse=True,
            )  # fmt: skip
            answer = self._do(lambda key, by=user_id: services.approve_many(self.here, [deed.id], key=key, by=by), DONE)
            assert answer["approved"] == [], "a list let through whom a single approval keeps out"

    def _from_sent_back(self, deed: Any) -> None:
        self._do(
            lambda key: services.resubmit(self.here, deed.id, words="补上了", key=key, by=deed.proposed_by_id), FULL
        )

    def _from_rejected(self, deed: Any) -> None:
        by = self._fit_reviewer(deed)
        if by is not None:
            self._do(lambda key: services.reopen(self.here, deed.id, why="再看一次", key=key, by=self._id(by)), FULL)

    def _from_approved(self, deed: Any) -> None:
        self.publish()

    def _from_on_notice(self, deed: Any) -> None:
        """The notice's days go by, and the day's run, or the day's first write, settles it; unless it was wrong."""
        notice = next(row for row in self._everything()["notice"] if row.id == deed.notice_id)
        if (
            clock.day_of(self.now) <= notice.ends_on
            and self._number(deed) % 5 == 3
            and "thaw" not in self._actions(deed)
        ):
            words = Words(notice.number, deed.notice_line, "不是这么多", "passbook")
            self._object(words, Sender(deed.household_id), None)
            return
        if clock.day_of(self.now) <= notice.ends_on:
            self._until(notice.ends_on - timedelta(days=1))
            self._run_daily()
            assert self._deed(deed.id).state == "on_notice", "settled on its notice's last day"
        self._until(notice.ends_on)
        self._run_daily()
        assert self._deed(deed.id).state == "settled", "a due line wasn't settled"

    def _from_frozen(self, deed: Any) -> None:
        first = next(row for row in self._open_objections() if self._deed_of(row).id == deed.id)
        by = self._fit_settler(first)
        if by is not None:
            nothing = Verdict("upheld_amended", "到现场看过", points=abs(deed.points))
            self._settle_objection(first.number, nothing, by, (WrongQuantity,), must_refuse=True)
            right = Verdict("upheld_amended", "到现场看过", points=abs(deed.points) + 1)
            verdict = right if self._number(deed) % 5 == 3 else Verdict("dismissed", "到现场看过")
            self._settle_objection(first.number, verdict, by, DONE)

    def _settle_objection(
        self,
        number: int,
        verdict: Verdict,
        by: str,
        refusals: tuple[type[BrokenRule], ...],
        *,
        must_refuse: bool = False,
    ) -> Any:
        village_id, user_id = self.town.village_of(by), self._id(by)
        return self._do(
            lambda key: objections.settle(village_id, number, verdict, key=key, by=user_id), refusals,
            must_refuse=must_refuse,
        )  # fmt: skip

    def _from_lead(self, deed: Any) -> None:
        place = self.town.households.index(deed.household_id)
        by = self._fit(["verifier", "first", "second"], place, apart={deed.proposed_by_id})
        self._do(lambda key: deductions.verify(self.here, deed.id, key=key, by=self._id(by)), DONE)

    def _from_verified(self, deed: Any) -> None:
        place = self.town.households.index(deed.household_id)
        by = self._fit(["verifier", "first"], place)
        lone = deductions.Telling("refused", witness_1_id=self._id("author"), witness_2_id=self._id("admin"))
        self._tell(deed, lone, by, (WitnessesNeeded,), must_refuse=True)
        seen = replace(lone, witness_2_id=self._id("watcher"))
        self._tell(deed, seen if self._number(deed) % 2 else deductions.Telling("in_person"), by, DONE)

    def _tell(
        self, deed: Any, telling: deductions.Telling, by: str, refusals: tuple[type[BrokenRule], ...], **more: bool
    ) -> None:
        self._do(lambda key: deductions.tell(self.here, deed.id, telling, key=key, by=self._id(by)), refusals, **more)

    def _from_told(self, deed: Any) -> None:
        facts = next(row for row in self._everything()["deduction"] if row.deed_id == deed.id)
        by = self._fit_reviewer(deed, {facts.verified_by_id})
        if by is None:
            return
        if facts.repaired_on is not None:
            by = self._fit(
                ["first", "second", "third"], self.town.households.index(deed.household_id), {facts.repaired_by_id}
            )
            self._do(lambda key: repairs.pass_repair(self.here, deed.id, key=key, by=self._id(by)), DONE)
            return
        if facts.repair_until is not None and clock.day_of(self.now) <= facts.repair_until:
            self._do(lambda key: repairs.note_repaired(self.here, deed.id, key=key, by=None), DONE)
            return
        window = laws.REBUTTAL_DAYS_ABSENT if facts.is_absent else laws.REBUTTAL_DAYS
        last_day = facts.told_on + timedelta(days=window)
        if clock.day_of(self.now) <= last_day:
            self._until(last_day - timedelta(days=1))
            self._do(
                lambda key: deductions.decide(self.here, deed.id, key=key, by=self._id(by)),
                (RebuttalStillRunning,), must_refuse=True,
            )  # fmt: skip
        self._until(max(last_day, facts.repair_until or last_day))
        self._sign_again(deed, deductions.decide)
        self._do(lambda key: deductions.decide(self.here, deed.id, key=key, by=self._id(by)), DONE)

    def _sign_again(self, deed: Any, sign: Callable[..., Any]) -> None:
        """Who has signed can't be the second one too."""
        for user_id in self._signed(deed):
            self._do(
                lambda key, by=user_id: sign(self.here, deed.id, key=key, by=by), (AlreadySigned,), must_refuse=True
            )

    def _try(
        self,
        action: str,
        which: int,
        number: int,
        *,
        how: str = "in_person",
        witness: str = "first",
        is_wild: bool = False,
    ) -> None:
        """An act whose page the person's roles open, in the village they are signed in to; on a fitting deed, or on any."""
        permission, *sources = _ACTS[action]
        deeds = self._deeds() if is_wild else self._deeds(*sources)
        if not deeds:
            return
        deed, by = self._pick(deeds, which), self._who(permission, number)
        village_id, user_id = self.town.village_of(by), self._id(by)
        telling = deductions.Telling(
            "phone" if how == "absent" else how, how == "absent", self._id(witness), self._id("watcher")
        )
        acts: dict[str, Callable[[str], Any]] = {
            "approve": lambda key: services.approve(village_id, deed.id, key=key, by=user_id),
            "approve_many": lambda key: services.approve_many(village_id, [deed.id], key=key, by=user_id),
            "send_back": lambda key: services.send_back(village_id, deed.id, why="说不清楚", key=key, by=user_id),
            "reject": lambda key: services.reject(village_id, deed.id, why="没有做", key=key, by=user_id),
            "reopen": lambda key: services.reopen(village_id, deed.id, why="再看一次", key=key, by=user_id),
            "resubmit": lambda key: services.resubmit(village_id, deed.id, words="补上了", key=key, by=user_id),
            "take_back": lambda key: services.take_back(village_id, deed.id, key=key, by=user_id),
            "reverse": lambda key: settling.reverse(village_id, deed.id, why="弄错了人家", key=key, by=user_id),
            "verify": lambda key: deductions.verify(village_id, deed.id, key=key, by=user_id),
            "tell": lambda key: deductions.tell(village_id, deed.id, telling, key=key, by=user_id),
            "answer": lambda key: deductions.answer(village_id, deed.id, "不是我家倒的", key=key, by=user_id),
            "decide": lambda key: deductions.decide(village_id, deed.id, key=key, by=user_id),
            "drop": lambda key: deductions.drop(village_id, deed.id, why="已经清理", key=key, by=user_id),
            "repair": lambda key: repairs.note_repaired(village_id, deed.id, key=key, by=user_id),
            "pass_repair": lambda key: repairs.pass_repair(village_id, deed.id, key=key, by=user_id),
            "fail_repair": lambda key: repairs.fail_repair(village_id, deed.id, why="没清完", key=key, by=user_id),
        }
        act = acts[action]
        is_list = action == "approve_many"
        answer = self._do(
            act, ANY, lambda key: services.approve_many(village_id, [deed.id, deed.id], key=key, by=user_id),
            must_refuse=by == "stranger" and not is_list,
        )  # fmt: skip
        if is_list and by == "stranger":
            assert answer["approved"] == []

    def _do(
        self,
        act: Callable[[str], Any],
        refusals: tuple[type[BrokenRule], ...],
        otherwise: Callable[[str], Any] | None = None,
        *,
        must_refuse: bool = False,
    ) -> Any:
        """Act under a fresh key. Gives the answer, or None when one of ``refusals`` kept it from changing anything."""
        key = keys.new()
        self._settle_first()
        before = self._everything()
        answer: Any = None
        try:
            with self._acting():
                outcome = act(key)
        except BrokenRule as error:
            assert isinstance(error, refusals), f"refused with {error.code} where {refusals} was due"
            assert self._everything() == before, "a refused act changed something"
            if not self._is_kept(key):
                return None
            kept = type(error), error.params
        else:
            assert not must_refuse, "done, where it had to be refused"
            assert not outcome.is_repeat
            kept = answer = outcome.result
        elsewise = otherwise or (
            lambda key: events.open_event(self.here, "另一场", "村口", clock.today(), key=key, by=1)
        )
        self.sent.append(Sent(lambda: act(key), lambda: elsewise(key), kept))
        return answer

    def _is_kept(self, key: str) -> bool:
        """Whether a refusal stands on its key; what is refused before the key is looked at leaves it unused."""
        try:
            return keys.find_outcome(key) is not None
        except BrokenRule:
            return True

    def _settle_first(self) -> None:
        """What the day's first write does of its own accord, so that what an act changes is the act's own."""
        with self._acting():
            due.settle_first(self.here)
            due.settle_first(self.town.other_id)

    def _run_daily(self) -> None:
        """The day's run; the second one finds nothing to do."""
        with self._acting():
            daily.settle_village(self.here)
        before = self._everything()
        with self._acting():
            assert daily.settle_village(self.here) == 0
        assert self._everything() == before, "the day's second run changed something"
        today = clock.day_of(self.now)
        late = [
            deed.id
            for deed in self._deeds("on_notice")
            for notice in before["notice"]
            if deed.notice_id == notice.id and notice.ends_on < today
        ]
        assert not late, f"{late} weren't settled, though their notices are over"

    def _until(self, day: Any) -> None:
        """The morning after a day, unless it is later already."""
        morning = datetime.combine(day + timedelta(days=1), time(2), UTC)
        self.now = max(self.now, morning)

    @contextmanager
    def _acting(self) -> Iterator[None]:
        """An act is being done: at the machine's time, and what was read before is read again."""
        self.seen = None
        with clock.set_to(self.now):
            yield

    def _everything(self) -> town.Everything:
        """What stands in the rows; read once for each act."""
        if self.seen is None:
            self.seen = town.everything(self.here, self.town.other_id)
        return self.seen

    def _deeds(self, *states: str) -> list[Any]:
        return [deed for deed in self._everything()["deed"] if not states or deed.state in states]

    def _deed(self, deed_id: int) -> Any:
        return next(deed for deed in self._everything()["deed"] if deed.id == deed_id)

    def _contestable(self) -> list[Any]:
        """Deeds that stand on a line of a notice that is still open."""
        today = clock.day_of(self.now)
        notices = {row.id: row for row in self._everything()["notice"] if row.published_on <= today <= row.ends_on}
        kinds = {number: row.kind for number, row in notices.items()}
        return [
            deed
            for deed in self._deeds("on_notice", "frozen", "settled")
            if deed.notice_id in notices and (deed.state == "settled") == (kinds[deed.notice_id] == "booked")
        ]

    def _pick(self, of: list[Any], which: int) -> Any:
        return of[max(which, -len(of))]

    def _object_to_what_is_gone(self, deed: Any) -> None:
        notice = next(row for row in self._everything()["notice"] if row.id == deed.notice_id)
        words = Words(notice.number, deed.notice_line, "他家没有参加", "passbook")
        sender = Sender(deed.household_id)
        self._do(
            lambda key: objections.object_to(self.here, words, sender, key=key, by=None), (LineGone, NoticeOver),
            must_refuse=True,
        )  # fmt: skip

    def _object(self, words: Words, sender: Sender, user_id: int | None) -> None:
        other = replace(words, text="做了一半")
        self._do(
            lambda key: objections.object_to(self.here, words, sender, key=key, by=user_id), DONE,
            lambda key: objections.object_to(self.here, other, sender, key=key, by=user_id),
        )  # fmt: skip

    def _deed_of(self, objection: Any) -> Any:
        """The deed on the line that somebody objected to."""
        line = next(row for row in self._everything()["notice_line"] if row.id == objection.line_id)
        found = [deed for deed in self._deeds() if deed.notice_id == line.notice_id]
        return next(deed for deed in found if deed.notice_line == line.number)

    def _fit_settler(self, objection: Any) -> str | None:
        """Who may settle it: of the supervision committee, kin of neither side; None where nobody is left."""
        objector = next(row for row in self._everything()["objector"] if row.objection_id == objection.id)
        deed = self._deed_of(objection)
        apart, hands = {deed.household_id, objector.household_id}, self._hands(deed)
        fit = (name for name in ("supervisor", "watcher", "judge") if not apart & self.town.kin_of(name))
        return next((name for name in fit if self._id(name) not in hands), None)

    def _open_objections(self) -> list[Any]:
        return [row for row in self._everything()["objection"] if row.state == "open"]

    def _unlisted(self) -> list[Any]:
        return [deed for deed in self._deeds("settled") if deed.notice_id is None]

    def _who(self, permission: str, number: int) -> str:
        """One of those whose roles open a page; one in so many is the stranger, signed in to the other village."""
        names = [name for name in town.CAST if self.town.may(name, permission)]
        return [*names, *names, "stranger"][number % (2 * len(names) + 1)]

    def _id(self, who: str) -> int:
        return self.town.staff[who]

    def _purse(self, household: int, unit: str) -> int:
        return ledger.balance(household).of(unit)

    def _reverse(
        self, deed: Any, user_id: int, refusals: tuple[type[BrokenRule], ...], *, must_refuse: bool = False
    ) -> Any:
        why = "弄错了人家"
        return self._do(
            lambda key: settling.reverse(self.here, deed.id, why=why, key=key, by=user_id), refusals,
            must_refuse=must_refuse,
        )  # fmt: skip

    def _standing(self, deed: Any) -> int:
        """What a household has of a deed's unit, less what it owes."""
        balance = ledger.balance(deed.household_id)
        return balance.of(deed.unit) - getattr(balance, f"{deed.unit}_owed")

    def _number(self, deed: Any) -> int:
        """How many deeds the town had before this one: what befalls a deed must not hang on ids."""
        return [each.id for each in self._deeds()].index(deed.id)

    def _actions(self, deed: Any) -> set[str]:
        """What was done to a deed so far."""
        return {step.action for step in self._everything()["deed_step"] if step.deed_id == deed.id}

    def _hands(self, deed: Any) -> set[int | None]:
        """Everybody who had a hand in a deed."""
        steps = [step for step in self._everything()["deed_step"] if step.deed_id == deed.id]
        return {step.by_id for step in steps if step.action in laws.HAD_A_HAND}

    def _signed(self, deed: Any) -> set[int]:
        signed: set[int] = set()
        for step in self._everything()["deed_step"]:
            if step.deed_id == deed.id:
                signed = set() if step.action in laws.STARTS else signed
                signed |= {step.by_id} if step.action in {"approve", "decide"} else set()
        return signed

    def _fit(self, names: list[str], place: int, apart: set[int | None] | frozenset = frozenset()) -> str:
        """The first of these who isn't kin of the household, nor one of ``apart``."""
        household = self.town.households[place]
        return next(name for name in names if household not in self.town.kin_of(name) and self._id(name) not in apart)

    def _fit_reviewer(self, deed: Any, apart: set[int | None] | frozenset = frozenset()) -> str | None:
        """A reviewer who may sign now: no kin, not the proposer, not who signed; None where all have."""
        out = self._signed(deed) | {deed.proposed_by_id} | apart
        for name in ("judge", "first", "second", "third"):
            if self._id(name) not in out and deed.household_id not in self.town.kin_of(name):
                return name
        return None


_OPEN = ("lead", "verified", "told", "proposed", "sent_back", "approved", "on_notice", "frozen")
# What befalls every fifth deed once before it is approved.
_TURNS = {1: services.send_back, 2: services.reject}
# What each act needs: the permission of its page, and the states of deeds that it is about.
_ACTS: dict[str, tuple[str, ...]] = {
    "approve": ("awarding.review", "proposed"), "approve_many": ("awarding.review", "proposed"),
    "send_back": ("awarding.review", "proposed"), "reject": ("awarding.review", "proposed"),
    "reopen": ("awarding.review", "rejected"), "resubmit": ("awarding.propose", "sent_back"),
    "take_back": ("awarding.propose", "proposed", "settled"), "reverse": ("awarding.reverse", "settled"),
    "verify": ("awarding.lead", "lead"), "tell": ("awarding.tell", "verified"), "answer": ("awarding.tell", "told"),
    "decide": ("awarding.review", "told"), "drop": ("awarding.lead", "told", "approved", "on_notice", "frozen"),
    "repair": ("awarding.lead", "lead", "verified", "told"), "pass_repair": ("awarding.lead", "verified", "told"),
    "fail_repair": ("awarding.lead", "verified", "told"),
}  # fmt: skip
