"""What states, sources and formulas are called on the dividend's pages and papers."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.dividends.models import Pot
from virtue.formatting import fen

STATES = {
    "draft": _l("草稿"), "open": _l("试算表公开中"), "voted": _l("已表决，等镇里审核"), "checked": _l("已审核，等村监会签字"),
    "signed": _l("已签字，正在发放"), "closed": _l("已办结"), "withdrawn": _l("已撤销"),
}  # fmt: skip
KINDS = {"county": _l("县文明股分红"), "village": _l("村集体分红"), "other": _l("其他资金")}
MEASURES = {"equal": _l("各村一样"), "households": _l("按参加的户数"), "shares": _l("按当年的文明股")}
"""By what the county's pot is divided among villages."""
HOWS = {"bank": _l("银行转账"), "signature": _l("签字领取"), "thumb": _l("按手印领取")}


def percent(hundredths: int) -> str:
    """12.5 for 1250 hundredths of a percent."""
    return f"{hundredths / 100:g}"


def source(pot: Pot) -> str:
    """Where the amount comes from, in words."""
    facts = pot.source
    if "key" in facts:
        return gettext(
            "本金%(capital)s × %(rate)s%% = %(whole)s，%(key)s分到各村：全县%(total)s份里本村占%(part)s份，得%(fen)s。",
            capital=fen(facts["capital_fen"]), rate=percent(facts["rate"]), whole=fen(facts["whole_fen"]),
            key=MEASURES[facts["key"]], total=facts["key_total"], part=facts["key_part"], fen=fen(pot.fen),
        ) + (gettext("零头排在前面，补了1分。") if facts["extra"] else "")  # fmt: skip
    if pot.kind == "county" and facts:
        return gettext(
            "本金%(capital)s × %(rate)s%% = %(whole)s，按%(total)s份里本村占%(part)s份，得%(fen)s。",
            capital=fen(facts["capital_fen"]), rate=percent(facts["rate"]), whole=fen(facts["whole_fen"]),
            total=facts["key_total"], part=facts["key_part"], fen=fen(pot.fen),
        )  # fmt: skip
    if pot.kind == "village" and facts:
        return gettext(
            "村集体收入%(income)s × %(percent)s%% = %(fen)s。", income=fen(facts["income_fen"]),
            percent=percent(facts["percent"]), fen=fen(pot.fen),
        )  # fmt: skip
    return gettext("资金%(fen)s。", fen=fen(pot.fen))


def formula(pot: Pot) -> list[str]:
    """How the pot is divided, sentence by sentence."""
    words = [source(pot)]
    if pot.basis in {"score", "both"}:
        words.append(
            gettext(
                "每户的得分 = 基础分%(base)s × 在村月数 ÷ 12 + 当年文明积分得分 − 当年扣分，不低于 0；兑换花掉的不减。",
                base=pot.base,
            )
        )
    if pot.basis in {"shares", "both"}:
        words.append(gettext("每户的文明股 = 当年荣誉称号带的股数，同一类称号只算最高的一个。"))
    if pot.basis == "both":
        words.append(
            gettext(
                "资金先按文明股 %(shares)s、得分 %(score)s 的比重分成两份，各按各的分。", shares=pot.shares_weight,
                score=pot.score_weight,
            )
        )  # fmt: skip
    words.append(
        gettext(
            "每户先舍去不到一分钱的零头；剩下的几分钱，按零头从大到小一户一分，零头一样的按户号先后。合计等于资金，一分不差。"
        )
    )
    words.append(
        gettext("年内迁入、分户、并户、销户的，基础分按在村的月数算；暂不参加的整月不算基础分，得过的分照算。")
    )
    return words
