"""The quarter's public sheet: the village drafts it, a supervisor signs it; signed figures stay, a correction is a new version."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from virtue import clock
from virtue.core import audit, keys, remarks
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.ledger import queries as ledger_queries
from virtue.ledger import services as ledger
from virtue.staff import queries as staff
from virtue.store import public_queries
from virtue.store.public_models import PublicSheet


class SheetTooEarly(BrokenRule):
    """A sheet is signed when its quarter is over: until then its figures still change."""

    sentence = _l("这个季度还没有过完，过完了再公开。")


class ProofMissing(BrokenRule):
    """Collective money without a word where it stands in the books."""

    sentence = _l("用了集体的钱，要写明凭证：哪本账、哪一号、谁批的。")


class CorrectionUnexplained(BrokenRule):
    """A sheet that was signed is only corrected with a reason."""

    sentence = _l("这个季度已经签字公开过。要更正，请写明哪里不对、为什么。")


class SheetSigner(BrokenRule):
    """Signed by a supervisor who sits on no committee, keeps no store, and didn't draft it."""

    sentence = _l("公开表要由村监会的人签字，不能是村委会的人、超市管理员，也不能是填表的人。")


class SheetChanged(BrokenRule):
    """The figures or the draft are no longer what the signer was shown."""

    sentence = _l("您看的时候和现在的数不一样了。还没有签字：请把下面的数再看一遍，对了再签。")
    status = 409


@dataclass(frozen=True)
class Money:
    """The collective's money that went into the store in the quarter, in fen, and where that stands; why a correction."""

    fen: int
    proof: str = ""
    reason: str = ""


def draft(village_id: int, quarter: int, money: Money, *, key: str, by: int) -> Outcome:
    """Draft a quarter's sheet, or write its draft anew; the result: sheet_id, version.

    Raises SheetTooEarly, ProofMissing, CorrectionUnexplained.
    """

    def work() -> dict[str, Any]:
        if quarter >= public_queries.quarter_of(clock.today()):
            raise SheetTooEarly
        if money.fen and not money.proof.strip():
            raise ProofMissing
        found = public_queries.versions(village_id, quarter)
        sheet = found[0] if found and found[0].signed_at is None else None
        if (sheet.version if sheet else len(found) + 1) > 1 and not money.reason.strip():
            raise CorrectionUnexplained
        proof, reason = (remarks.keep(words, village_id=village_id) for words in (money.proof, money.reason))
        if sheet is None:
            sheet = PublicSheet(village_id=village_id, quarter=quarter, version=len(found) + 1)
            db.session.add(sheet)
        sheet.collective_fen, sheet.drafted_by_id, sheet.drafted_at = money.fen, by, clock.now()
        (sheet.proof_id, sheet.proof_hash), (sheet.reason_id, sheet.reason_hash) = proof, reason
        db.session.flush()
        _note("store.draft_sheet", sheet, by)
        return {"sheet_id": sheet.id, "version": sheet.version}

    contents = [by, quarter, money.fen, money.proof, money.reason]
    return keys.run_once(
        key, "store.draft_sheet", contents, work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def sign(village_id: int, sheet_id: int, shown: str, *, key: str, by: int) -> Outcome:
    """A supervisor signs: the figures are reckoned under the lock and stay, with the ledger's last entry.

    ``shown``: the fingerprint of what they were shown. Raises NotFoundHere, SheetSigner, SheetChanged.
    """

    def work() -> dict[str, Any]:
        mine = select(PublicSheet).where(PublicSheet.id == sheet_id, PublicSheet.village_id == village_id)
        sheet = db.session.scalar(mine.execution_options(populate_existing=True))
        if sheet is None or sheet.signed_at is not None:
            raise NotFoundHere
        barred = {user.id for user in staff.active_staff(village_id, "committee", "village_admin", "keeper")}
        supervisors = {user.id for user in staff.active_staff(village_id, "supervisor")}
        if by not in supervisors - barred or by == sheet.drafted_by_id:
            raise SheetSigner
        figures = public_queries.figures(village_id, sheet.quarter)
        if shown != public_queries.fingerprint(sheet, figures):
            raise SheetChanged
        seal = ledger_queries.current_seal(village_id)
        sheet.figures = figures
        sheet.signed_by_id, sheet.signed_at = by, clock.now()
        sheet.seal_seq, sheet.seal = (seal.seq, seal.seal) if seal else (0, None)
        db.session.flush()
        _note("store.sign_sheet", sheet, by)
        return {"sheet_id": sheet.id, "version": sheet.version}

    return keys.run_once(
        key,
        "store.sign_sheet",
        [by, sheet_id, shown],
        work,
        village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )


def _note(action: str, sheet: PublicSheet, by: int) -> None:
    audit.record(
        action, village_id=sheet.village_id, by=by, subject="public_sheet", subject_id=sheet.id, quarter=sheet.quarter,
        version=sheet.version, collective_fen=sheet.collective_fen,
    )  # fmt: skip
