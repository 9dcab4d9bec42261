"""Why a household gets what it gets, in words it can check with a pencil: its score or shares, all of them, the pot."""

from flask_babel import gettext

from virtue.dividends import queries, sheets
from virtue.dividends.division import MONTHS
from virtue.dividends.models import DividendLine, Pot
from virtue.formatting import fen
from virtue.honours import title_queries as honours
from virtue.honours.title_words import title_name


def points_of(twelfths: int) -> str:
    """A score that is counted in twelfths of a point: 140, or 58又4/12."""
    whole, rest = divmod(twelfths, MONTHS)
    return gettext("%(whole)s又%(rest)s/12", whole=whole, rest=rest) if rest else str(whole)


def why(pot: Pot, line: DividendLine) -> list[str]:
    """The sentences of one line, for its household alone: they tell what was deducted."""
    _lines, _fen, all_twelfths, all_shares = sheets.total_of(pot)
    by_shares, by_score = sheets.parts_of(pot)
    words = []
    if pot.basis != "shares":
        words += [_score(pot, line), _part(by_score, points_of(line.twelfths), points_of(all_twelfths),
                                           line.score_fen, line.score_extra)]  # fmt: skip
    if pot.basis != "score":
        words += [_shares(pot, line), _part(by_shares, str(line.shares), str(all_shares), line.shares_fen,
                                            line.shares_extra)]  # fmt: skip
    if pot.basis == "both":
        words.append(gettext("两份合起来%(fen)s。", fen=fen(line.fen)))
    return words


def stated(pot: Pot, household_id: int) -> int | None:
    """The remark that says why a household counts for the months it does; None: as the register says."""
    return queries.stated_why(pot.id).get(household_id)


def _score(pot: Pot, line: DividendLine) -> str:
    words = gettext(
        "您家的得分：基础分%(base)s × 在村%(months)s个月 ÷ 12 + 得分%(earned)s − 扣分%(deducted)s = %(score)s。",
        base=pot.base, months=line.months, earned=line.earned, deducted=line.deducted, score=points_of(line.twelfths),
    )  # fmt: skip
    is_floored = pot.base * line.months + (line.earned - line.deducted) * MONTHS < 0
    return words + gettext("算出来低于0，按0分。") if is_floored else words


def _shares(pot: Pot, line: DividendLine) -> str:
    held = honours.share_titles(line.household_id, pot.year)
    words = gettext("您家的文明股：%(shares)s股。", shares=line.shares)
    # A title that came or went after the sheet was drawn: the sheet counts, and names none.
    if not held or sum(honour.shares for honour in held) != line.shares:
        return words
    names = "、".join(
        gettext("%(title)s%(shares)s股", title=title_name(honour.title), shares=honour.shares) for honour in held
    )
    return words + gettext("来自：%(names)s。", names=names)


def _part(money: int, own: str, total: str, floor: int, extra: int) -> str:
    words = gettext(
        "%(money)s × %(own)s ÷ 全村%(total)s，舍去不到一分的零头，是%(floor)s。", money=fen(money), own=own, total=total,
        floor=fen(floor),
    )  # fmt: skip
    return words + gettext("零头排在前面，再补1分。") if extra else words
