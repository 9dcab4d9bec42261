"""Claims (申报): what a household says it did, by itself in its passbook, or taken down for it at the desk (代为申报).

A claim of the household's own has no proposer; one taken down by staff has, and counts as on behalf (``Deed.is_on_behalf``).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from virtue import clock, formatting
from virtue.awarding import caps, entering, queries, services, steps
from virtue.awarding.entering import HOME_CONSENT, Proposal
from virtue.awarding.errors import ClaimNeedsWords, TooManyClaims
from virtue.awarding.models import Deed, DeedState, Rule
from virtue.awarding.states import target
from virtue.core import files, keys
from virtue.core.files import Upload
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger

WAY = "claim"
MOST_WAITING = 10
"""So many own claims of one household may wait to be decided at once."""


@dataclass(frozen=True)
class Claim:
    """What is claimed."""

    rule_id: int
    happened_on: date
    words: str
    quantity: int = 1
    home_consent: bool = False


@dataclass(frozen=True)
class Choice:
    """A rule a household may claim under, and how far its cap is."""

    rule: Rule
    left: int | None
    again: date | None

    @property
    def is_full(self) -> bool:
        """Whether nothing is left."""
        return self.left == 0

    @property
    def needs_home_consent(self) -> bool:
        """Whether it is seen inside the home."""
        return self.rule.needs == HOME_CONSENT

    @property
    def note(self) -> str:
        """What the cap says before anything is sent."""
        if self.is_full:
            return (
                _("已满，%(day)s起可再报", day=formatting.day(self.again)) if self.again else _("已满，每户只加这么多")
            )
        if self.left is not None and self.left < self.rule.points:
            return _("还可加 %(left)s 分", left=self.left)
        return ""


def choices(village_id: int, household_id: int) -> list[Choice]:
    """The rules in force that can be claimed, in the book's order, with their caps as of today."""
    rules = [rule for rule in queries.rules_in_force(village_id, WAY) if not rule.is_deduction]
    room = services.room_for(household_id, rules, clock.today())
    return [Choice(rule, *room[rule.code][1:]) for rule in rules]


def claim(
    village_id: int, household_id: int, what: Claim, *, key: str, by: int | None, photo: Upload | None = None
) -> Outcome:
    """Enter a claim for the review group. ``by`` None: the household itself, which then shows a photo where the rule asks.

    Gives deed_id, points (after the cap), cut_from. Raises what ``entering`` refuses, ClaimNeedsWords, TooManyClaims.
    """

    def work() -> dict[str, Any]:
        proposal = Proposal(
            household_id, what.rule_id, what.happened_on, way=WAY, quantity=what.quantity, words=_sentence(what.words),
            home_consent=what.home_consent,
            photo_id=files.claim_picture(photo, village_id, by=by) if photo else None,
        )  # fmt: skip
        if by is None and _waiting(village_id, household_id) >= MOST_WAITING:
            raise TooManyClaims(most=MOST_WAITING)
        (entered,) = entering.enter(village_id, [proposal], by=by, needs_photo=by is None)
        if isinstance(entered, BrokenRule):
            raise entered
        cut_from = entered.asked if entered.points != entered.asked else None
        return {"deed_id": entered.deed_id, "points": entered.points, "cut_from": cut_from}

    asked = {**asdict(what), "happened_on": what.happened_on.isoformat()}
    return _once("awarding.claim", village_id, [household_id, asked, by, photo and photo.sha256], work, key=key)


def resend(
    village_id: int, household_id: int, deed_id: int, *, words: str, key: str, photo: Upload | None = None
) -> Outcome:
    """The household answers what a claim was sent back for, perhaps with another photo; the cap is looked at again."""

    def work() -> dict[str, Any]:
        deed = _own(village_id, household_id, deed_id)
        target("resubmit", deed.state)
        text = _sentence(words)
        deed.points = caps.within(deed.rule, household_id, deed.points, deed.happened_on)
        steps.replace_photo(deed, photo, by=None)
        steps.move(deed, "resubmit", by=None, why=text)
        return {"deed_id": deed_id, "state": str(deed.state)}

    contents = [household_id, deed_id, words, photo and photo.sha256]
    return _once("awarding.resend", village_id, contents, work, key=key)


def withdraw(village_id: int, household_id: int, deed_id: int, *, key: str) -> Outcome:
    """The household takes back a claim that isn't decided yet."""

    def work() -> dict[str, Any]:
        deed = _own(village_id, household_id, deed_id)
        steps.move(deed, "take_back", by=None)
        return {"deed_id": deed_id, "state": str(deed.state)}

    return _once("awarding.withdraw", village_id, [household_id, deed_id], work, key=key)


def _own(village_id: int, household_id: int, deed_id: int) -> Deed:
    """A claim of this household, by itself or on its behalf; anything else isn't found."""
    deed = steps.locked(village_id, deed_id)
    if deed.household_id != household_id or deed.way != WAY:
        raise NotFoundHere
    return deed


def _waiting(village_id: int, household_id: int) -> int:
    return db.session.scalar(
        select(func.count()).where(
            Deed.village_id == village_id, Deed.state.in_((DeedState.PROPOSED, DeedState.SENT_BACK)),
            Deed.household_id == household_id, Deed.way == WAY, Deed.proposed_by_id.is_(None),
        )
    ) or 0  # fmt: skip


def _sentence(words: str) -> str:
    text = words.strip()
    if len(text) < 2:
        raise ClaimNeedsWords
    return text[:200]


def _once(
    purpose: str, village_id: int, contents: list[Any], work: Callable[[], dict[str, Any]], *, key: str
) -> Outcome:
    return keys.run_once(
        key, purpose, [village_id, *contents], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
