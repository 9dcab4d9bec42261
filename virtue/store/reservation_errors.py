"""What is refused around reservations."""

from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule
from virtue.formatting import day as day_words


class ReservationOver(BrokenRule):
    """The reservation is no longer in a state from which this can be done."""

    SENTENCES = {
        "open": _l("这份预约还在超市，没有交给人送。"),
        "out": _l("这份预约已经交给志愿者在送。没送成的，先拿回超市。"),
        "fetched": _l("这份预约已经取走了，不能再办。"),
        "released": _l("这份预约已经取消或过期，积分退回了这一户，商品放回了货架。"),
    }

    def __str__(self) -> str:
        return str(self.SENTENCES[self.params["state"]])


class UnknownFetchCode(BrokenRule):
    """No reservation of this village has such a code."""

    sentence = _l("没有这个取货码。请对照存折再输一遍，共8个数字。")


class ExpiresTooSoon(BrokenRule):
    """What lies there would be past its best-before day before the reservation ends."""

    def __str__(self) -> str:
        until = day_words(date.fromisoformat(self.params["fetch_by"]))
        return gettext("%(name)s快到保质期了，留不到%(day)s。请到超市直接兑换。", name=self.params["name"], day=until)


class BadHelper(BrokenRule):
    """A helper's name that is no name."""

    sentence = _l("代领人只写姓名，2到20个字，不写电话和证件号。")


class NoHelper(BrokenRule):
    """Nobody was named who may fetch for the household."""

    sentence = _l("这份预约没有写代领人，只能由本户自己来取。")


class HelperIsStaff(BrokenRule):
    """Who hands the goods over can't also be the one who fetches them."""

    sentence = _l("代领人不能是经手的人自己，请另一位管理员来核销。")


class HelperLimit(BrokenRule):
    """More points than a helper may fetch at once, or in a calendar month."""

    def __str__(self) -> str:
        if self.params["span"] == "once":
            return gettext("代领人一次最多代领%(most)s分，这份预约是%(points)s分，要由本户自己来取。", **self.params)
        return gettext(
            "这位代领人这个月已经代领%(used)s分，每月最多%(most)s分，这份%(points)s分要由本户自己来取。", **self.params
        )


class NoDelivery(BrokenRule):
    """Home delivery isn't offered here, or wasn't asked for."""

    sentence = _l("这份预约没有要送货上门。")


class NotVolunteer(BrokenRule):
    """Somebody who isn't of this village's staff, or is of the household's kin."""

    sentence = _l("送货的人要是本村工作人员，不能给自己家或亲属家送。")


class NotYours(BrokenRule):
    """A delivery in somebody else's hands."""

    sentence = _l("这一份是别人在送，由送的人或超市管理员来记。")


class TooManyWishes(BrokenRule):
    """Three wishes a household."""

    sentence = _l("心愿最多%(most)s个。先去掉一个，再加新的。")


class BadWish(BrokenRule):
    """A wish in own words that is too short or long, or carries a number that could be somebody's."""

    SENTENCES = {
        "length": _l("写清想要什么，2到20个字。"),
        "number": _l("心愿里不要写电话、证件号这样的号码，只写想要什么。"),
    }

    def __str__(self) -> str:
        return str(self.SENTENCES[self.params["kind"]])


class WishedAlready(BrokenRule):
    """The same wish twice."""

    sentence = _l("这个心愿已经在单子上了。")


class LiesElsewhere(BrokenRule):
    """Goods are fetched where they lie. Params: store (its name)."""

    sentence = _l("这份预约的商品放在%(store)s，要在那里取。您若在那里，先在页面上选那家店。")
