"""Money for goods: entered once with source and day, never changed; above a sum it counts after a second person signed."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from virtue import clock
from virtue.core import audit, keys, remarks, settings
from virtue.core.keys import Outcome
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.ledger.errors import SecondPersonNeeded
from virtue.store.budget_models import FundMoney, FundSignature
from virtue.store.errors import ReasonMissing

SOURCES = {
    "granted": _l("上级拨款"), "collective": _l("村集体出资"), "donated": _l("捐款"), "spent": _l("买货花掉"), "corrected": _l("更正"),
}  # fmt: skip
OUT = frozenset({"spent"})
"""Sources whose money goes out."""
MOST_FEN = 99_999_999


class BadFundMoney(BrokenRule):
    """No amount, an unknown source, or a day that is still to come."""

    sentence = _l("请填金额、来源和日期；日期不能在今天以后。")


class MoneySigned(BrokenRule):
    """A sum is signed once as second."""

    sentence = _l("这一笔已经有第二个人签过字，不用再签。")


def enter_money(village_id: int, amount_fen: int, source: str, day: date, words: str, *, key: str, by: int) -> Outcome:
    """Write money down. ``amount_fen`` above zero; what is spent is kept below it; a correction says its own sign.

    Raises ``BadFundMoney``, ``ReasonMissing`` (money spent or corrected says what for).
    """

    def work() -> dict[str, Any]:
        if not 0 < abs(amount_fen) <= MOST_FEN or source not in SOURCES or day > clock.today():
            raise BadFundMoney
        if amount_fen < 0 and source != "corrected":
            raise BadFundMoney
        if source in {"spent", "corrected"} and not words.strip():
            raise ReasonMissing
        limit = settings.value("fund_second_from", village_id) * 100
        remark_id, remark_hash = remarks.keep(words, village_id=village_id)
        row = FundMoney(
            village_id=village_id, amount_fen=-amount_fen if source in OUT else amount_fen, source=source, day=day,
            needs_second=abs(amount_fen) >= limit, by_id=by, recorded_at=clock.now(), remark_id=remark_id,
            remark_hash=remark_hash,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        audit.record(
            "store.enter_money", village_id=village_id, by=by, subject="fund_money", subject_id=row.id,
            amount_fen=row.amount_fen,
        )  # fmt: skip
        return {"money_id": row.id, "needs_second": row.needs_second}

    return keys.run_once(
        key, "store.enter_money", [amount_fen, source, day, words, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def sign_money(village_id: int, money_id: int, *, key: str, by: int) -> Outcome:
    """The second person's signature; from then on the sum counts. Raises ``SecondPersonNeeded``, ``MoneySigned``."""

    def work() -> dict[str, Any]:
        row = db.session.scalar(
            select(FundMoney).where(FundMoney.id == money_id, FundMoney.village_id == village_id)
        )  # fmt: skip
        if row is None or not row.needs_second:
            raise NotFoundHere
        if row.by_id == by:
            raise SecondPersonNeeded
        if db.session.scalar(select(FundSignature.id).where(FundSignature.money_id == money_id)) is not None:
            raise MoneySigned
        db.session.add(FundSignature(money_id=money_id, by_id=by, at=clock.now()))
        db.session.flush()
        audit.record("store.sign_money", village_id=village_id, by=by, subject="fund_money", subject_id=money_id)
        return {"money_id": money_id}

    return keys.run_once(
        key, "store.sign_money", [money_id, by], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )
