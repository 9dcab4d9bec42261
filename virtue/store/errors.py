"""What the store refuses."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class EmptyBasket(BrokenRule):
    """Nothing was chosen."""

    sentence = _l("还没有选商品。")


class BadQuantity(BrokenRule):
    """Not a whole number of pieces in the allowed range."""

    sentence = _l("数量要填1到%(most)s的整数；不要的商品留空。")


class BadCash(BrokenRule):
    """Cash beside the points that is below zero or far too much."""

    sentence = _l("补的现金要填0到%(most)s元，最多两位小数；不补留空。")


class UnknownGood(BrokenRule):
    """A good that isn't one of this village's, or is no longer given out."""

    sentence = _l("有一样商品已经下架，请重新选。")


class NotPayable(BrokenRule):
    """A good without a price in the chosen unit."""

    def __str__(self) -> str:
        if self.params.get("unit") == "home":
            return gettext("%(name)s不能用家美积分换。", **self.params)
        return gettext("%(name)s不能用文明积分换。", **self.params)


class OutOfStock(BrokenRule):
    """Fewer pieces lie on the shelf than were asked for; expired ones don't count."""

    def __str__(self) -> str:
        if not self.params.get("left"):
            return gettext("%(name)s已经换完了。", **self.params)
        return gettext("%(name)s只剩%(left)s%(measure)s，要的是%(quantity)s%(measure)s。", **self.params)


class LimitReached(BrokenRule):
    """A household's limit for a good in a calendar month, quarter or year; says when the next is possible."""

    PERIODS = {"month": _l("每月"), "quarter": _l("每季度"), "year": _l("每年")}

    def __str__(self) -> str:
        following = date.fromisoformat(self.params["next_on"])
        params = {
            **self.params, "period": self.PERIODS[self.params["period"]], "month": following.month, "day": following.day
        }  # fmt: skip
        if self.params["left"]:
            return gettext(
                "%(name)s%(period)s每户限%(limit)s%(measure)s，这一户现在还能换%(left)s%(measure)s，"
                "%(month)s月%(day)s日起可以再换。",
                **params,
            )
        return gettext(
            "%(name)s%(period)s每户限%(limit)s%(measure)s，这一户已经换满，%(month)s月%(day)s日起可以再换。",
            **params,
        )


class PriceChanged(BrokenRule):
    """A price on the form is no longer in force. Totals before and now, by unit."""

    status = 409

    def __str__(self) -> str:
        return gettext("价格变了：原来共%(old)s，现在共%(new)s。看过新的总数再确认。", **self._totals())

    def _totals(self) -> dict[str, str]:
        return {when: in_words(self.params[when]) for when in ("old", "new")}


def in_words(totals: dict[str, int]) -> str:
    """46 家美积分、10 文明积分; units are never added up."""
    parts = []
    if totals.get("home"):
        parts.append(gettext("%(points)s 家美积分", points=totals["home"]))
    if totals.get("civility"):
        parts.append(gettext("%(points)s 文明积分", points=totals["civility"]))
    return gettext("、").join(parts) or gettext("0 分")


class TrialRun(BrokenRule):
    """The rulebook in force is on trial: points are scored, nothing can be redeemed."""

    sentence = _l("积分细则还在试运行，只记分，暂时不能兑换。")


class CardNotInForce(BrokenRule):
    """The card was reported lost, replaced or ended while the basket was open."""

    sentence = _l("这张卡刚刚停用了。请重新扫卡。")


class AlreadyReturned(BrokenRule):
    """A line is taken back once."""

    sentence = _l("这一单已经撤销过，不能再撤。")


class LineReturned(BrokenRule):
    """One of the chosen lines was taken back before; the others may still be."""

    sentence = _l("%(name)s已经退过，不能再退。请重新打开这一页，再选要退的。")


class NoLineChosen(BrokenRule):
    """Nothing was ticked that should come back."""

    sentence = _l("请先勾要退的商品。")


class UndoNeedsAnother(BrokenRule):
    """The keeper's own time for an undo is over."""

    sentence = _l("自己经手的兑换单只能在%(minutes)s分钟内撤销，过后要由另一个人来撤。")


class ReasonMissing(BrokenRule):
    """Something that needs a reason came without."""

    sentence = _l("请写明原因。")


class PriceAboveMarket(BrokenRule):
    """Never more points than the market price in yuan."""

    sentence = _l("价格不能高于市场价：市场价是%(market)s元，最多%(most)s分。")


class PriceNeedsReason(BrokenRule):
    """More points than the cost in yuan, rounded up, needs a recorded decision."""

    sentence = _l("按进价是%(norm)s分；定得更高要写明是谁、什么时候决定的。")


class PriceInThePast(BrokenRule):
    """Prices begin today or later: an order's price never changes afterwards."""

    sentence = _l("新价格从今天或以后开始，不能改以前的。")


class BadBarcode(BrokenRule):
    """Not 13 digits, or the check digit is off."""

    sentence = _l("条码不对：要13个数字，最后一位是校验码。请再扫一次。")


class BarcodeTaken(BrokenRule):
    """Another good of the village has this barcode."""

    sentence = _l("这个条码已经是%(name)s的。")


class BadLimit(BrokenRule):
    """A limit needs both its number and its period."""

    sentence = _l("限购要数量和周期都填，或者都不填。")


class BestBeforePast(BrokenRule):
    """Expired goods aren't received."""

    sentence = _l("保质期已过的商品不能入库。")


class BestBeforeMissing(BrokenRule):
    """A good that spoils came without its best-before day."""

    sentence = _l("%(name)s要填保质期到哪天，包装上有。")


class NotInBatch(BrokenRule):
    """More was to be taken out than lies in the batch."""

    sentence = _l("这一批只有%(left)s件，不够%(quantity)s件。")


class BadReason(BrokenRule):
    """No reason that a form of ours offers."""

    sentence = _l("请选一个原因。")


class OwnUse(BrokenRule):
    """Nobody takes goods for the office or for himself: they are the households'."""

    sentence = _l("自用不能报损。超市的东西只换给农户；村里要用，另外买。")


class NotExpired(BrokenRule):
    """Only what is over its day was expired."""

    sentence = _l("这一批还没有过期，请选别的原因。")


def params_of(item: Any, **more: Any) -> dict[str, Any]:
    """What sentences about a good need: its name and measure, and more."""
    return {"name": item.name, "measure": item.measure, **more}
