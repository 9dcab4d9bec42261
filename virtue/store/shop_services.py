"""The village's stores: opening one, its name and place, and at which of them somebody works."""

from sqlalchemy import select

from virtue.core import audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.store.models import Store
from virtue.store.stock_errors import StoreNameTaken
from virtue.store.stock_models import StoreSeat
from virtue.transactions import atomic


def open_store(village_id: int, name: str, *, by: int | None, place: str = "") -> Store:
    """The village's store of this name, made when it isn't there yet."""
    with atomic():
        store = _named(village_id, name)
        if store is None:
            store = Store(village_id=village_id, name=name, place=place.strip() or None)
            db.session.add(store)
            db.session.flush()
            audit.record("store.open", village_id=village_id, by=by, subject="store", subject_id=store.id)
    return store


def add_store(village_id: int, name: str, *, by: int, place: str = "") -> int:
    """One more store; gives its id. Raises StoreNameTaken."""
    with atomic():
        ledger.lock(village_id)
        if _named(village_id, name) is not None:
            raise StoreNameTaken(name=name)
        return open_store(village_id, name, by=by, place=place).id


def edit_store(village_id: int, store_id: int, name: str, *, by: int, place: str = "") -> None:
    """Another name or place; old orders are of the same store. Raises NotFoundHere, StoreNameTaken."""
    with atomic():
        ledger.lock(village_id)
        store = _load(village_id, store_id)
        other = _named(village_id, name)
        if other is not None and other.id != store_id:
            raise StoreNameTaken(name=name)
        store.name, store.place = name, place.strip() or None
        db.session.flush()
        audit.record("store.edit_store", village_id=village_id, by=by, subject="store", subject_id=store_id)


def take_seat(village_id: int, store_id: int, *, by: int) -> None:
    """From now on this person works at this store, on whatever device. Raises NotFoundHere."""
    with atomic():
        ledger.lock(village_id)
        _load(village_id, store_id)
        seat = db.session.scalar(select(StoreSeat).where(StoreSeat.user_id == by, StoreSeat.village_id == village_id))
        if seat is None:
            db.session.add(StoreSeat(user_id=by, village_id=village_id, store_id=store_id))
        else:
            seat.store_id = store_id
        db.session.flush()
        audit.record("store.take_seat", village_id=village_id, by=by, subject="store", subject_id=store_id)


def _named(village_id: int, name: str) -> Store | None:
    return db.session.scalar(select(Store).where(Store.village_id == village_id, Store.name == name))


def _load(village_id: int, store_id: int) -> Store:
    store = db.session.scalar(select(Store).where(Store.id == store_id, Store.village_id == village_id))
    if store is None:
        raise NotFoundHere
    return store
