"""What is refused around stock: deliveries, goods given to another store, barcodes, stores."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class StoreNameTaken(BrokenRule):
    """Two stores of a village don't share a name."""

    sentence = _l("村里已经有一家%(name)s，请换一个名字。")


class EmptyDelivery(BrokenRule):
    """A delivery without goods."""

    sentence = _l("还没有填商品和数量。")


class TooManyLines(BrokenRule):
    """More kinds of goods than one paper takes."""

    sentence = _l("一张入库单最多%(most)s行，多的再开一张。")


class DonorMissing(BrokenRule):
    """Gifts come from somebody."""

    sentence = _l("捐赠的要选是谁捐的，或者填捐赠人；不愿留名的选匿名，名字可以不填。")


class DonorNameMissing(BrokenRule):
    """Who wants to be thanked by name has one."""

    sentence = _l("要具名致谢，请填捐赠人的姓名或单位。")


class StepOver(BrokenRule):
    """A delivery, or goods on the way, that somebody has already decided about."""

    sentence = _l("这一单已经有人办完了。请刷新页面看结果。")
    status = 409


class SecondPersonReceives(BrokenRule):
    """Above the village's sum another person than the one who entered it confirms."""

    sentence = _l("这一单是您登记的，要由另一个人当面点过再收。")


class SecondPersonTakesOver(BrokenRule):
    """What goes to another store is taken over by somebody else than who gave it."""

    sentence = _l("这些货是您送出的，要由另一个人在那边收下。")


class SameStore(BrokenRule):
    """Goods move to another store."""

    sentence = _l("请选另一家店。")


class BatchExpired(BrokenRule):
    """What is over its day isn't carried on."""

    sentence = _l("这一批已经过期，不能调给别的店，请报损。")


class OnlyBarcode(BrokenRule):
    """A good keeps at least the barcode it began with."""

    sentence = _l("这是第一个条码，不能去掉。")
