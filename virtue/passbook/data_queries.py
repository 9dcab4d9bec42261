"""All that the village keeps of a household, in the order of a workbook: for the household itself, after its PIN."""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select

from virtue.awarding.models import Deed
from virtue.extensions import db
from virtue.formatting import instant, rule_name
from virtue.ledger import queries as ledger
from virtue.passbook import words
from virtue.passbook.files import Rows
from virtue.people import household_queries, looks, phone_queries
from virtue.people.models import Household, Member
from virtue.people.states import CARD_STATES, CONSENT_PURPOSES, CONSENT_WAYS, LOOKS
from virtue.why import histories
from virtue.why.histories import Line


def everything(household: Household) -> dict[str, Rows]:
    """Title -> rows with their heading."""
    return {
        _("登记"): _register(household),
        _("家庭成员"): _members(household),
        _("积分卡"): _cards(household),
        _("同意"): _consents(household),
        _("暂不参加"): _spells(household),
        _("记住的手机"): _phones(household),
        _("积分明细"): line_rows(histories.lines(household.id, ledger.all_months())),
        _("积分事项"): _deeds(household),
        _("谁看过"): _looks(household),
        _("登记的更正"): _changes(household),
    }


def line_rows(lines: Sequence[Line]) -> Rows:
    """The lines of the ledger with what was left."""
    heading = (_("日期"), _("什么事"), _("积分"), _("变动"), _("剩下"))
    return [
        heading,
        *(
            (_text(line.day), line.title, unit_name(line.unit), line.change, "" if line.left is None else line.left)
            for line in lines
        ),
    ]


def unit_name(unit: str | None) -> str:
    """家美积分, 文明积分; nothing where no points moved."""
    return {"home": _("家美积分"), "civility": _("文明积分")}.get(unit or "", "")


def members_of(household: Household) -> list[Member]:
    """Its members, those that are gone last."""
    return household_queries.members_of(household.id)


def _register(household: Household) -> Rows:
    return [
        (_("项目"), _("登记的")),
        (_("户号"), household.code),
        (_("网格"), household.grid.name),
        (_("户主"), household.head_name),
        (_("人口"), household.members_count),
        (_("登记的日期"), _text(household.created_at)),
        (_("暂不参加从"), _text(household.left_on)),
        (_("不上榜"), _("是") if household.board_opt_out else _("否")),
    ]


def _members(household: Household) -> Rows:
    heading = (_("姓名"), _("与户主关系"), _("性别"), _("出生年"), _("出生月"), _("手机号"), _("移出"))
    return [
        heading,
        *(
            (
                one.name, one.relation, one.sex, one.birth_year or "", one.birth_month or "", one.phone or "",
                _text(one.gone_on),
            )
            for one in members_of(household)
        ),
    ]  # fmt: skip


def _cards(household: Household) -> Rows:
    cards = household_queries.cards_of(household.id)
    return [
        (_("发的日期"), _("状态"), _("签收")),
        *((_text(card.issued_at), str(CARD_STATES[card.state]), _text(card.handed_over_on)) for card in cards),
    ]


def _consents(household: Household) -> Rows:
    return [
        (_("同意什么"), _("怎么说的"), _("同意的日期"), _("收回的日期")),
        *(
            (
                str(CONSENT_PURPOSES[one.purpose]), str(CONSENT_WAYS[one.how]), _text(one.given_at),
                _text(one.withdrawn_at),
            )
            for one in household_queries.consents_of(household.id)
        ),
    ]  # fmt: skip


def _spells(household: Household) -> Rows:
    spells = household_queries.spells_of(household.id)
    return [(_("从哪天"), _("到哪天")), *((_text(one.left_on), _text(one.back_on)) for one in spells)]


def _phones(household: Household) -> Rows:
    phones = phone_queries.phones_of(household.id)
    return [
        (_("名字"), _("从哪天"), _("到哪天")),
        *((phone.label, _text(phone.remembered_at), _text(phone.until)) for phone in phones),
    ]


def _deeds(household: Household) -> Rows:
    query = select(Deed).where(Deed.household_id == household.id).order_by(Deed.id)
    return [
        (_("日期"), _("什么事"), _("积分"), _("分"), _("状态")),
        *(
            (_text(deed.happened_on), rule_name(deed), unit_name(deed.unit), deed.points, str(words.STATES[deed.state]))
            for deed in db.session.scalars(query)
            # What is being looked into is told when the household is told.
            if deed.state not in {"lead", "verified"}
        ),
    ]


def _looks(household: Household) -> Rows:
    rows = db.session.execute(looks.looks_at(household.id))
    return [
        (_("谁"), _("什么时候"), _("看了什么")),
        *((name, instant(look.looked_at), str(LOOKS.get(look.what, look.what))) for look, name in rows),
    ]


def _changes(household: Household) -> Rows:
    rows = db.session.scalars(household_queries.changes_of(household.id))
    return [(_("什么时候"), _("哪一项")), *((instant(row.changed_at), row.field) for row in rows)]


def _text(day: date | datetime | None) -> str:
    if day is None:
        return ""
    return instant(day) if isinstance(day, datetime) else day.isoformat()
