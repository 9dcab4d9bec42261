"""Cards: issue for one household or for all of a grid, lost, found, reissued, ended, handed over."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from virtue import clock
from virtue.core import audit, keys
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import codes, queries, states
from virtue.people.errors import HouseholdEnded, WrongCardState
from virtue.people.locks import lock_household
from virtue.people.models import Card, Household
from virtue.places.models import Village
from virtue.transactions import atomic

_CARD = Card.__table__
_INSERT = insert(_CARD).returning(_CARD.c.id, sort_by_parameter_order=True)
_SET_CODE = (
    update(_CARD)
    .where(_CARD.c.id == bindparam("card_id"))
    .values(version=bindparam("new_version"), code_hmac=bindparam("new_hmac"))
)


class _Made:
    """A card that is being made, as ``codes.derive`` wants it."""

    def __init__(self, number: int) -> None:
        self.id = number
        self.version = 1
        self.key_number = codes.KEY_NUMBER


def issue_card(village_id: int, household_id: int, *, key: str, by: int) -> keys.Outcome:
    """Issue one more card for a household; the result holds ``card_id``. Raises HouseholdEnded."""

    def work() -> dict[str, Any]:
        household = lock_household(village_id, household_id)
        if household.state == "ended":
            raise HouseholdEnded
        return {"card_id": _issue(village_id, [household_id], by=by)[0]}

    return keys.run_once(key, "people.issue_card", [household_id, by], work, village_id=village_id)


def issue_cards(village_id: int, grid_id: int | None = None, *, by: int | None) -> list[int]:
    """Issue a card for each household of a grid (or of the village) that takes part and has none in force.

    Gives the ids of the new cards; a second call finds nothing left to do.
    """
    with atomic():
        db.session.execute(select(Village.id).where(Village.id == village_id).with_for_update(key_share=True))
        return _issue(village_id, queries.households_without_card(village_id, grid_id), by=by)


def mark_lost(village_id: int, card_id: int, *, by: int | None) -> Card:
    """Report a card lost (挂失): from now on it opens nothing. Raises WrongCardState."""
    return _step("mark_lost", village_id, card_id, by=by)


def mark_found(village_id: int, card_id: int, *, by: int) -> Card:
    """Take a lost card into use again. Raises WrongCardState, HouseholdEnded."""
    return _step("mark_found", village_id, card_id, by=by)


def end_card(village_id: int, card_id: int, *, by: int) -> Card:
    """Take a card out of use for good (注销). Raises WrongCardState."""
    return _step("end", village_id, card_id, by=by)


def reissue(village_id: int, card_id: int, *, key: str, by: int) -> keys.Outcome:
    """Give out a new card for an old one (补卡), which says at once that it was replaced; ``card_id`` is the new one.

    Raises WrongCardState, HouseholdEnded.
    """

    def work() -> dict[str, Any]:
        card = _lock_card(village_id, card_id)
        _check("reissue", card)
        if card.household.state == "ended":
            raise HouseholdEnded
        new_id = _issue(village_id, [card.household_id], by=by)[0]
        card.state, card.replaced_by_id, card.ended_at = "replaced", new_id, clock.now()
        _record("reissue", card, by=by, new_card=new_id)
        return {"card_id": new_id}

    return keys.run_once(key, "people.reissue", [card_id, by], work, village_id=village_id)


def note_handed_over(village_id: int, card_ids: Sequence[int], *, by: int) -> int:
    """Write down that these cards were handed over and signed for today; gives how many were new."""
    return _note(village_id, card_ids, "handed_over_on", clock.today(), by=by)


def note_printed(village_id: int, card_ids: Sequence[int], *, by: int) -> int:
    """Write down that these cards were printed, so that the next sheet can leave them out."""
    return _note(village_id, card_ids, "printed_at", clock.now(), by=by)


def end_cards_of(household: Household, *, by: int | None) -> None:
    """End every card of a household that ends. Inside a write."""
    cards = select(Card).where(Card.household_id == household.id, Card.state.in_(("in_force", "lost")))
    for card in db.session.scalars(cards.with_for_update(key_share=True)):
        card.state, card.ended_at = "ended", clock.now()
        _record("end", card, by=by)


def _issue(village_id: int, household_ids: Sequence[int], *, by: int | None) -> list[int]:
    if not household_ids:
        return []
    now = clock.now()
    rows = [
        {
            "village_id": village_id, "household_id": number, "version": 1, "key_number": codes.KEY_NUMBER,
            "state": "in_force", "issued_at": now, "issued_by_id": by,
        }
        for number in household_ids
    ]  # fmt: skip
    ids = [row.id for row in db.session.execute(_INSERT, rows)]
    db.session.execute(_SET_CODE, _codes_for(ids))
    audit.record_many(
        [
            {
                "village_id": village_id, "by_id": by, "household_id": household, "action": "people.issue_card",
                "subject": "card", "subject_id": card,
            }
            for card, household in zip(ids, household_ids, strict=True)
        ]
    )  # fmt: skip
    return ids


def _codes_for(card_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The version and the code's HMAC for new cards; a code that is taken raises the version."""
    rows: list[dict[str, Any]] = []
    used: set[str] = set()
    waiting = [_Made(number) for number in card_ids]
    while waiting:
        hmacs = [(card, codes.code_hmac(codes.derive(card))) for card in waiting]
        used |= queries.taken_hmacs([hmac for _, hmac in hmacs])
        waiting = []
        for card, hmac in hmacs:
            if hmac in used:
                card.version += 1
                waiting.append(card)
            else:
                used.add(hmac)
                rows.append({"card_id": card.id, "new_version": card.version, "new_hmac": hmac})
    return rows


def _step(step: str, village_id: int, card_id: int, *, by: int | None) -> Card:
    _, target = states.CARD_STEPS[step]
    with atomic():
        card = _lock_card(village_id, card_id)
        if card.state == target:
            return card
        _check(step, card)
        if target == "in_force" and card.household.state == "ended":
            raise HouseholdEnded
        card.state = target
        card.lost_at = clock.now() if target == "lost" else None if target == "in_force" else card.lost_at
        card.ended_at = clock.now() if target == "ended" else None
        _record(step, card, by=by)
        return card


def _check(step: str, card: Card) -> None:
    allowed, _ = states.CARD_STEPS[step]
    if card.state not in allowed:
        raise WrongCardState(state=card.state, step=step)


def _lock_card(village_id: int, card_id: int) -> Card:
    card = db.session.scalar(
        select(Card)
        .where(Card.id == card_id, Card.village_id == village_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if card is None:
        raise NotFoundHere
    return card


def _note(village_id: int, card_ids: Sequence[int], column: str, value: Any, *, by: int) -> int:
    with atomic():
        cards = db.session.execute(
            update(_CARD)
            .where(
                _CARD.c.village_id == village_id,
                _CARD.c.id.in_(card_ids),
                _CARD.c.state == "in_force",
                _CARD.c[column].is_(None),
            )
            .values({column: value})
            .returning(_CARD.c.id, _CARD.c.household_id)
        ).all()
        action = "people.note_handed_over" if column == "handed_over_on" else "people.note_printed"
        audit.record_many(
            [
                {
                    "village_id": village_id, "by_id": by, "household_id": card.household_id, "action": action,
                    "subject": "card", "subject_id": card.id,
                }
                for card in cards
            ]
        )  # fmt: skip
        return len(cards)


def _record(step: str, card: Card, *, by: int | None, **details: Any) -> None:
    db.session.flush()
    audit.record(
        f"people.{'end_card' if step == 'end' else step}",
        village_id=card.village_id, by=by, household_id=card.household_id, subject="card", subject_id=card.id,
        **details,
    )  # fmt: skip
