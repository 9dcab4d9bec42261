"""The seven ledgers by name, in the order in which a village keeps them."""

from flask_babel import lazy_gettext as _l

from virtue.reports.ledgers import COMMITTEE, KEEPER, SUPERVISOR, Ledger
from virtue.reports.point_ledgers import points, scores
from virtue.reports.record_ledgers import minutes, posting
from virtue.reports.store_ledgers import prices, redemptions, stock

STORE = {
    one.name: one
    for one in (
        Ledger("stock", _l("库存台账"), _l("每样商品月初多少，进出多少，月末多少。"), stock, (KEEPER, COMMITTEE, SUPERVISOR), is_wide=True),
        Ledger("prices", _l("价格表"), _l("月末那天的价格，这个月改过的写在后面。"), prices, (KEEPER, COMMITTEE, SUPERVISOR)),
        Ledger("redemptions", _l("兑换台账"), _l("每张兑换单：哪天、哪户、换了什么、用了多少积分。"), redemptions, (KEEPER, COMMITTEE, SUPERVISOR), is_wide=True),
    )
}  # fmt: skip
"""The three that the keeper keeps."""

OTHERS = {
    one.name: one
    for one in (
        Ledger("points", _l("积分台账"), _l("每户两种积分各是怎么增减的，月末可兑换多少。"), points, (COMMITTEE, SUPERVISOR), is_wide=True),
        Ledger("scores", _l("得分表"), _l("每户按评星项目得了多少、扣了多少。"), scores, (COMMITTEE, SUPERVISOR), is_wide=True),
        Ledger("minutes", _l("议事记录"), _l("哪天定了什么，谁定的，谁在场。"), minutes, (COMMITTEE, SUPERVISOR)),
        Ledger("posting", _l("公示记录"), _l("贴过什么，从哪天到哪天。"), posting, (COMMITTEE, SUPERVISOR)),
    )
}  # fmt: skip

SEVEN = STORE | OTHERS
