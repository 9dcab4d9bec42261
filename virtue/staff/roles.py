"""Roles and what each may do: product.md, section 3, as data."""

from flask_babel import lazy_gettext as _l

ROLE_NAMES = {
    "committee": _l("妇联执委、网格员"),
    "reviewer": _l("评议小组"),
    "keeper": _l("积分超市管理员"),
    "supervisor": _l("村监会"),
    "representative": _l("村民代表（抽签评议）"),
    "village_admin": _l("文书"),
    "township_admin": _l("镇管理员"),
    "county_admin": _l("县管理员"),
}

PERMISSIONS: dict[str, set[str]] = {
    "committee": {
        "desk.view", "store.takes", "store.count", "awarding.on_behalf", "awarding.propose", "awarding.judge", "awarding.sheet", "awarding.view", "awarding.lead",
        "awarding.tell", "rules.view", "notices.view", "notices.take", "reports.store", "reports.ledgers",
        "stars.view", "stars.tell", "store.deliver", "boards.view", "boards.report",
        "titles.view", "campaigns.view", "campaigns.nominate", "campaigns.desk",
    },
    "reviewer": {
        "desk.view", "awarding.review", "awarding.judge", "awarding.view", "awarding.lead", "awarding.tell",
        "rules.view", "notices.view", "notices.take", "stars.view", "stars.review", "stars.propose", "stars.tell",
        "titles.view", "titles.confirm", "campaigns.view", "campaigns.check", "campaigns.judge",
        "boards.view", "boards.report", "boards.decide", "boards.withdraw",
    },
    "keeper": {"desk.view", "store.sell", "store.takes", "store.count", "store.stock", "store.sign", "store.view", "rules.view",
        "reports.store", "store.reserve", "store.deliver",
    },
    "supervisor": {
        "desk.view", "people.view", "people.history", "awarding.view", "awarding.reverse", "store.view", "rules.view",
        "rules.drafts", "audit.view", "staff.view", "ledger.view", "ledger.close", "looks.view", "reports.fairness",
        "notices.view", "notices.take", "notices.name", "notices.settle", "awarding.spot_check", "store.sign",
        "store.takes", "store.sign_count",
        "store.sign_sheet", "reports.store", "reports.ledgers",
        "stars.view", "boards.view",
        "titles.view", "campaigns.view", "campaigns.count", "campaigns.answer",
        "dividends.view", "dividends.sign", "dividends.answer",
    },
    "representative": {"desk.view", "rules.view", "awarding.stand_in", "store.deliver"},
    "village_admin": {
        "desk.view", "awarding.on_behalf", "people.view", "people.history", "people.edit", "people.import", "people.cards",
        "people.consents", "awarding.view", "awarding.notice", "awarding.lead", "awarding.tell", "awarding.reverse",
        "awarding.open_balance", "awarding.judge", "awarding.sheet", "store.view", "store.stock", "store.goods", "store.sign",
        "store.takes", "store.count",
        "store.draft_sheet", "reports.store", "reports.ledgers", "store.reserve", "store.deliver",
        "rules.view", "rules.edit", "rules.drafts", "audit.view", "staff.view", "staff.edit", "settings.edit",
        "office.start", "ledger.view", "ledger.close", "notices.view", "notices.take", "notices.name",
        "stars.view", "stars.propose", "stars.notice", "stars.tell", "stars.scheme",
        "boards.view", "boards.pick", "boards.report", "boards.withdraw", "boards.places", "screens.manage",
        "titles.view", "titles.enter", "titles.confirm", "campaigns.view", "campaigns.nominate", "campaigns.check",
        "campaigns.run", "campaigns.desk", "campaigns.count",
        "dividends.view", "dividends.draft", "dividends.answer", "dividends.pay", "dividends.export",
    },
    "township_admin": {
        "desk.view", "rules.view", "rules.drafts", "rules.check", "store.view", "places.view", "awarding.stand_in",
        "dividends.view", "dividends.check", "titles.view", "titles.enter", "titles.confirm",
        "campaigns.view",
    },
    "county_admin": {
        "desk.view", "rules.view", "rules.drafts", "rules.check", "store.view", "places.view", "places.edit",
        "office.start", "titles.view", "titles.enter", "titles.confirm", "dividends.county",
    },
}  # fmt: skip

VILLAGE_ROLES = ("committee", "reviewer", "keeper", "supervisor", "village_admin", "representative")
"""Roles that hold in one village (a committee member's may be one grid)."""


def permissions_of(roles: set[str]) -> set[str]:
    """All that these roles together may do."""
    return set().union(*(PERMISSIONS[role] for role in roles)) if roles else set()
