"""From the open sheet to the frozen one: the vote, the township's check, the supervisor's signature."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from virtue import clock
from virtue.awarding import checks
from virtue.core import remarks
from virtue.core.keys import Outcome
from virtue.dividends import queries, sheets
from virtue.dividends.errors import (
    BadPotVote,
    NoQuorum,
    NotCarried,
    SecondPersonInDividend,
    SheetDiffers,
    SheetStillOpen,
)
from virtue.dividends.models import Pot
from virtue.dividends.pots import clear, note, step
from virtue.places import services as places


@dataclass(frozen=True)
class Vote:
    """What a meeting decided. ``assembly``: villagers (more than half present) or representatives (two thirds)."""

    on: date
    assembly: str
    entitled: int
    present: int
    in_favour: int
    minutes: str


def record_vote(village_id: int, pot_id: int, vote: Vote, *, key: str, by: int) -> Outcome:
    """Write down that the meeting carried the sheet. Raises SheetStillOpen, ObjectionsOpen, BadPotVote, NoQuorum, NotCarried."""

    def work(pot: Pot) -> dict[str, Any]:
        until = pot.open_until
        if until is None or clock.today() <= until:
            raise SheetStillOpen(until=until.isoformat() if until else "")
        queries.no_open_objection(pot)
        _check_vote(vote, until)
        pot.voted_on, pot.assembly, pot.entitled = vote.on, vote.assembly, vote.entitled
        pot.present, pot.in_favour = vote.present, vote.in_favour
        pot.minutes_id, _hash = remarks.keep(vote.minutes, village_id=village_id)
        note("vote", pot, by=by, present=vote.present, in_favour=vote.in_favour, entitled=vote.entitled)
        places.raise_board_version(village_id)
        return {"pot_id": pot_id}

    return step("vote", village_id, pot_id, [asdict(vote)], work, key=key, by=by)


def _check_vote(vote: Vote, until: date) -> None:
    is_sound = vote.assembly in {"villagers", "representatives"} and until < vote.on <= clock.today()
    if not is_sound or not 0 <= vote.in_favour <= vote.present <= vote.entitled or len(vote.minutes.strip()) < 2:
        raise BadPotVote
    is_quorum = (
        vote.present * 2 > vote.entitled if vote.assembly == "villagers" else vote.present * 3 >= vote.entitled * 2
    )
    if not is_quorum:
        raise NoQuorum(present=vote.present, entitled=vote.entitled)
    if vote.in_favour * 2 <= vote.present:
        raise NotCarried(in_favour=vote.in_favour, present=vote.present)


def check(village_id: int, pot_id: int, *, key: str, by: int) -> Outcome:
    """The township found the sheet and its papers in order. Raises SecondPersonInDividend."""

    def work(pot: Pot) -> dict[str, Any]:
        apart(pot, by=by)
        pot.checked_by_id, pot.checked_at = by, clock.now()
        note("check", pot, by=by)
        places.raise_board_version(village_id)
        return {"pot_id": pot_id}

    return step("check", village_id, pot_id, [], work, key=key, by=by)


def send_back(village_id: int, pot_id: int, *, why: str, key: str, by: int) -> Outcome:
    """The township sends it back to the draft, with a reason."""

    def work(pot: Pot) -> dict[str, Any]:
        apart(pot, by=by)
        clear(pot)
        note("send_back", pot, by=by, why=checks.reason(why))
        places.raise_board_version(village_id)
        return {"pot_id": pot_id}

    return step("send_back", village_id, pot_id, [why], work, key=key, by=by)


def sign(village_id: int, pot_id: int, *, key: str, by: int) -> Outcome:
    """The supervision committee signs: the sheet is recomputed from its own inputs, sealed and frozen.

    Gives ``seal``. Raises SecondPersonInDividend, SheetDiffers.
    """

    def work(pot: Pot) -> dict[str, Any]:
        apart(pot, by=by)
        if not sheets.adds_up(pot):
            raise SheetDiffers
        pot.signed_by_id, pot.signed_at, pot.seal = by, clock.now(), sheets.seal_of(pot)
        note("sign", pot, by=by, seal=pot.seal, sheet=pot.sheet)
        places.raise_board_version(village_id)
        return {"seal": pot.seal}

    return step("sign", village_id, pot_id, [], work, key=key, by=by)


def apart(pot: Pot, *, by: int) -> None:
    """Draft, check, signature and payment are four people's. Raises SecondPersonInDividend."""
    if by in {pot.drafted_by_id, pot.checked_by_id, pot.signed_by_id}:
        raise SecondPersonInDividend
