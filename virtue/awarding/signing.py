"""Co-signing a recorder's round: by one's own password on the recorder's phone, or by the number of the signed sheet.

Whoever signs becomes a judge of every household the recorder marked, but for own and kin's. For households that the
recorder may not judge the co-signers say the level themselves, while signing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from virtue.awarding import marking, round_queries, sheets
from virtue.awarding.marking import Tap
from virtue.awarding.round_errors import (
    AlreadyHandedIn,
    CosignerIsRecorder,
    MayNotJudge,
    NotAJudge,
    NothingMarked,
    WrongSheet,
    WrongSignature,
)
from virtue.awarding.round_models import Round, RoundMode
from virtue.awarding.round_states import round_target
from virtue.core import keys, throttle
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.staff import passwords
from virtue.staff.models import User

FREE = 5
"""Wrong passwords that cost no waiting."""


def cosign(
    village_id: int, round_id: int, user_id: int, password: str, *, key: str, by: int,
    taps: Mapping[int, Tap] | None = None,
) -> Outcome:  # fmt: skip
    """The person beside the recorder signs with their own password. ``taps``: for households the recorder may not judge.

    Raises ``WrongSignature``, ``TooManyTries`` (429), and what a round refuses.
    """
    tries, of_recorder = throttle.bucket("cosign", str(user_id)), throttle.bucket("cosign-by", str(by))
    throttle.check(tries, of_recorder)
    # Who may not sign takes as long as a wrong password, and reads the same.
    user = next((one for one in round_queries.judging_staff(village_id) if one.id == user_id), None)
    checked = user.password_hash if user is not None else None
    if not passwords.matches(checked, password):
        throttle.failed((tries, FREE), (of_recorder, FREE * 2))
        raise WrongSignature
    throttle.succeeded(tries)

    def work() -> dict[str, Any]:
        one = marking.locked(village_id, round_id)
        signer = db.session.get(User, user_id, populate_existing=True)
        if signer is None or not signer.is_active or signer.password_hash != checked:
            raise WrongSignature
        _sign(one, [user_id], list((taps or {}).values()), by=by)
        return {"round_id": round_id, "user_id": user_id}

    contents = [round_id, user_id, _plain(taps), by]
    return keys.run_once(
        key, "awarding.cosign", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def cosign_on_sheet(
    village_id: int, round_id: int, number: str, user_ids: Sequence[int], *, key: str, by: int,
    taps: Mapping[int, Tap] | None = None,
) -> Outcome:  # fmt: skip
    """Those who signed the round's paper sheet with a pen: its number stands for their word, and is spent by it."""

    def work() -> dict[str, Any]:
        one = marking.locked(village_id, round_id)
        sheet = sheets.find_by_number(village_id, number)
        sheets.check_free(sheet)
        if sheet.kind != "round" or sheet.round_id != round_id:
            raise WrongSheet
        marking.may_judge(village_id, user_ids)
        _sign(one, user_ids, list((taps or {}).values()), by=by, sheet_id=sheet.id)
        sheets.spend(sheet, [], by=by)
        return {"round_id": round_id, "sheet_id": sheet.id}

    contents = [round_id, number, sorted(set(user_ids)), _plain(taps), by]
    return keys.run_once(
        key, "awarding.cosign_on_sheet", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def _sign(one: Round, user_ids: Sequence[int], taps: Sequence[Tap], *, by: int, sheet_id: int | None = None) -> None:
    round_target("sign", one.state)
    marking.not_before(one)
    if one.mode != RoundMode.RECORDER or by != one.opened_by_id:
        raise NotAJudge
    if not user_ids:
        raise MayNotJudge
    signed = {judge.user_id for judge in round_queries.judges_of(one.id)} - {by}
    marks = round_queries.marks_of(one.id, by)
    # The recorder's word isn't the co-signer's to change: only what the recorder may not say is added.
    said = [tap for tap in taps if tap.household_id in marking.barred(by) and tap.household_id not in marks]
    if not marks and not said:
        raise NothingMarked
    given = [Tap(mark.household_id, round_queries.value_of(mark), mark.has_consent) for mark in marks.values()]
    for user_id in dict.fromkeys(user_ids):
        if user_id == by:
            raise CosignerIsRecorder
        if user_id in signed:
            raise AlreadyHandedIn
        _add(one, user_id, given, said, sheet_id)
        marking.note("cosign", one, by=user_id, recorder=by, sheet=sheet_id)


def _add(one: Round, user_id: int, given: Sequence[Tap], said: Sequence[Tap], sheet_id: int | None) -> None:
    own = marking.barred(user_id)
    said = [tap for tap in said if tap.household_id not in own]
    for tap in said:
        marking.check_tap(one, tap, by=user_id)
    kept = [tap for tap in given if tap.household_id not in own] + said
    if kept:
        marking.save(one, user_id, kept)
    marking.add_judge(one, user_id, is_signed=True, sheet_id=sheet_id)


def _plain(taps: Mapping[int, Tap] | None) -> list[list[Any]]:
    return [[number, tap.value, tap.has_consent] for number, tap in sorted((taps or {}).items())]
