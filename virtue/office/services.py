"""Writes of the office: a village's settings, the closing of a month."""

from typing import Any

from flask_babel import lazy_gettext as _l

from virtue.awarding import queries as awarding
from virtue.core import audit, settings
from virtue.errors import BrokenRule, NotFoundHere
from virtue.extensions import db
from virtue.honours import black_ending
from virtue.ledger import months
from virtue.ledger import services as ledger
from virtue.places import services as places
from virtue.places.models import Village
from virtue.store.models import Store
from virtue.transactions import atomic


class OpenDeeds(BrokenRule):
    """A month with deeds that aren't settled yet."""

    sentence = _l("这个月还有%(count)s项没有办完，不能月结。请先评议、公示、入账，或撤下。")


def change_settings(
    village_id: int, values: dict[str, Any], *, phone: str | None, store_name: str | None, by: int
) -> list[str]:
    """Write what differs of a village's settings, its telephone and its store's name; gives the changed names."""
    with atomic():
        if values.get("black_board", False) != settings.value("black_board", village_id):
            # What stands there comes down: the chain's row first, as every other write takes it.
            ledger.lock(village_id)
        village = db.session.get(Village, village_id, with_for_update={"of": Village}, populate_existing=True)
        if village is None:
            raise NotFoundHere
        before = settings.values(village_id, *values)
        changed = [name for name, value in values.items() if before[name] != value]
        for name in changed:
            settings.change(name, values[name], village_id)
        if "black_board" in changed:
            black_ending.close_board(village_id, by=by)
        if village.phone != phone:
            village.phone = phone
            changed.append("phone")
        if store_name and _rename_store(village_id, store_name):
            changed.append("store")
        if changed:
            db.session.flush()
            places.raise_board_version(village_id)
            numbers = {name: values[name] for name in changed if name in values}
            audit.record(
                "office.change_settings", village_id=village_id, by=by, subject="village", subject_id=village_id,
                changed=changed, **numbers,
            )  # fmt: skip
    return changed


def _rename_store(village_id: int, name: str) -> bool:
    store = db.session.query(Store).filter_by(village_id=village_id).order_by(Store.id).first()
    if store is None or store.name == name:
        return False
    store.name = name
    return True


def sign_month(village_id: int, month: int, *, by: int) -> bool:
    """Sign a month's closing; True when it is closed with this. Refused while a deed of the month is open.

    Raises ``OpenDeeds``, and what ``ledger.months.sign_month`` raises.
    """
    with atomic():
        ledger.lock(village_id)
        count = awarding.open_deeds_of_month(village_id, month)
        if count:
            raise OpenDeeds(count=count)
        return months.sign_month(village_id, month, by=by).second_at is not None
