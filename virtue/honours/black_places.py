"""The list of public places: adding one, and taking one from it, which takes down what stands at it."""

from typing import Any

from sqlalchemy import select

from virtue import clock
from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.honours import black_queries as queries
from virtue.honours.black_errors import BadPlaceName, PlaceNotShared, PlaceTaken, UnknownPlace
from virtue.honours.black_models import PublicPlace
from virtue.honours.black_texts import names_somebody
from virtue.ledger import services as ledger
from virtue.people import public_queries
from virtue.people import queries as people
from virtue.places import services as places

MOST = 20


def add_place(village_id: int, grid_id: int, name: str, *, is_shared: bool, key: str, by: int) -> Outcome:
    """Add a place that everybody uses. Gives ``place_id``. Raises BadPlaceName, PlaceNotShared, PlaceTaken, UnknownPlace."""

    def work() -> dict[str, Any]:
        words = " ".join(name.split())
        names = {found for found, _household in public_queries.names_within(village_id, words)}
        if not 2 <= len(words) <= MOST or names_somebody(words, names):
            raise BadPlaceName
        if not is_shared:
            raise PlaceNotShared
        if people.find_grid(village_id, grid_id) is None:
            raise UnknownPlace
        if words in {place.name for place in queries.places(village_id)}:
            raise PlaceTaken(name=words)
        place = PublicPlace(village_id=village_id, grid_id=grid_id, name=words, added_by_id=by, added_at=clock.now())
        db.session.add(place)
        db.session.flush()
        _note("add", place, by=by)
        return {"place_id": place.id}

    return keys.run_once(
        key, "honours.add_place", [grid_id, name, is_shared, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def end_place(village_id: int, place_id: int, *, key: str, by: int) -> Outcome:
    """Take a place from the list: nothing at it is shown any more."""

    def work() -> dict[str, Any]:
        place = db.session.scalar(
            select(PublicPlace).where(
                PublicPlace.id == place_id, PublicPlace.village_id == village_id, PublicPlace.ended_on.is_(None)
            )
        )
        if place is None:
            raise NotFoundHere
        place.ended_on, place.ended_by_id = clock.today(), by
        db.session.flush()
        _note("end", place, by=by)
        places.raise_board_version(village_id)
        return {"place_id": place_id}

    return keys.run_once(
        key, "honours.end_place", [place_id, by], work, village_id=village_id, lock=lambda: ledger.lock(village_id)
    )


def _note(action: str, place: PublicPlace, *, by: int) -> None:
    audit.record(
        f"honours.{action}_place", village_id=place.village_id, by=by, subject="public_place", subject_id=place.id,
        grid=place.grid_id,
    )  # fmt: skip
