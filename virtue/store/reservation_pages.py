"""What the pages of reservations show, in the passbook and at the desk."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from virtue import clock
from virtue.core import settings
from virtue.ledger import queries as ledger
from virtue.people import codes
from virtue.staff import queries as staff
from virtue.store import queries, reservation_queries, stock_queries
from virtue.store.reservation_models import Reservation


@dataclass(frozen=True)
class Shown:
    """A reservation with its words, its code and where it stands."""

    row: Reservation
    words: str
    code: str
    """3141 5926."""
    helper: str
    is_due: bool
    """Its time is over; points and goods go back with the next booking."""
    store: str
    """Where it lies; empty while the village has one store."""


def shown(rows: list[Reservation]) -> list[Shown]:
    """These reservations as pages show them."""
    helpers, today = reservation_queries.helpers_of(rows), clock.today()
    stores = _store_names(rows[0].village_id) if rows else {}
    return [
        Shown(
            one, reservation_queries.words_of(one), codes.spoken_fetch(codes.derive_fetch(one)),
            helpers.get(one.helper_id or 0, ""), one.state == "open" and one.fetch_by < today,
            stores.get(one.store_id, ""),
        )
        for one in rows
    ]  # fmt: skip


def _store_names(village_id: int) -> dict[int, str]:
    """The stores by id where there are several to tell apart."""
    stores = stock_queries.stores_of(village_id)
    return {store.id: store.name for store in stores} if len(stores) > 1 else {}


def form_parts(village_id: int, household_id: int, store_id: int | None = None) -> dict[str, Any]:
    """The goods that may be reserved at a store, the village's stores, the household's balance and the rules."""
    shop = queries.find_store(village_id, store_id) or queries.find_store(village_id)
    goods = queries.goods_for_till(shop, clock.today()) if shop is not None else []
    return {
        "shop": shop, "store_names": _store_names(village_id),
        "goods": [good for good in goods if good.left and (good.home or good.civility)],
        "balance": ledger.balance(household_id),
        "rules": settings.values(
            village_id, "is_trial_run", "reserve_days", "home_delivery", "helper_points_per_fetch",
            "helper_points_per_month",
        ),
    }  # fmt: skip


def taken_by(kept: Reservation) -> str:
    """Who took a fetched reservation, as its slip says."""
    if kept.volunteer_id is not None:
        name = staff.names_of({kept.volunteer_id}).get(kept.volunteer_id, "")
        return gettext("预约，%(name)s送到家", name=name)
    if not kept.is_by_helper:
        return gettext("预约，本户来取")
    name = reservation_queries.helpers_of([kept]).get(kept.helper_id or 0, "")
    return gettext("预约，%(name)s代领", name=name) if name else gettext("预约，代领人来取")
