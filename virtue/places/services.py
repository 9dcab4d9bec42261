"""Use cases of places: a new village with its address, new grids."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, insert, select, update

from virtue import clock
from virtue.core import audit
from virtue.errors import BrokenRule
from virtue.extensions import db
from virtue.pinyin import slug as slug_of
from virtue.places.models import County, Grid, OldSlug, Township, Village
from virtue.places.queries import find_township
from virtue.prepared import Prepared
from virtue.transactions import atomic

_RAISE_VERSION = Prepared(
    update(Village.__table__)
    .where(Village.__table__.c.id == bindparam("of_village"))
    .values(board_version=Village.__table__.c.board_version + 1)
)


class VillageNameTaken(BrokenRule):
    """Another village has this name."""

    sentence = _l("已经有叫%(name)s的村了。")


class BadTownshipName(BrokenRule):
    """A town's or a county's name is empty, or longer than a name is."""

    sentence = _l("镇名、县名要写1到40个字。")


class TownshipTaken(BrokenRule):
    """A town of that name lies in another county, or the village belongs to another town."""

    sentence = _l("%(name)s已经归%(above)s了。")


class BadVillageName(BrokenRule):
    """Empty, or longer than a name is."""

    sentence = _l("村名要写1到40个字。")


def add_village(name: str, *, township_id: int | None = None, by: int | None) -> Village:
    """Add a village; its address is its name in pinyin, with a number where that is taken.

    Raises VillageNameTaken or BadVillageName.
    """
    name = "".join(name.split())
    if not 1 <= len(name) <= 40:
        raise BadVillageName
    with atomic():
        if db.session.scalar(select(Village.id).where(Village.name == name)) is not None:
            raise VillageNameTaken(name=name)
        village = Village(
            name=name,
            slug=free_slug(name),
            township_id=township_id,
            board_version=1,
            created_at=clock.now(),
        )
        db.session.add(village)
        db.session.flush()
        audit.record("places.add_village", village_id=village.id, by=by, subject="village", subject_id=village.id)
        return village


def join_township(name: str, county: str, village_ids: Sequence[int], *, by: int | None) -> int:
    """Put villages under a town, which is made when it isn't there; gives its id. Saying it again changes nothing.

    Raises ``BadTownshipName``, ``TownshipTaken``.
    """
    name, county = "".join(name.split()), "".join(county.split())
    if not (1 <= len(name) <= 40 and 1 <= len(county) <= 40):
        raise BadTownshipName
    with atomic():
        found = find_township(name)
        if found is not None and found.county.name != county:
            raise TownshipTaken(name=name, above=found.county.name)
        if found is None:
            above = db.session.scalar(select(County).where(County.name == county)) or County(name=county)
            found = Township(name=name, county=above)
            db.session.add(found)
            db.session.flush()
        for village in db.session.scalars(select(Village).where(Village.id.in_(village_ids)).order_by(Village.id)):
            if village.township_id == found.id:
                continue
            if village.township is not None:
                raise TownshipTaken(name=village.name, above=village.township.name)
            village.township_id = found.id
            audit.record("places.join_township", village_id=village.id, by=by, subject="township", subject_id=found.id)
        db.session.flush()
        return found.id


def free_slug(name: str) -> str:
    """The name in pinyin; 立民新村 and 利民新村 sound alike, so the second gets a number."""
    wanted = slug_of(name)
    taken = set(db.session.scalars(select(Village.slug).where(Village.slug.startswith(wanted))))
    taken |= set(db.session.scalars(select(OldSlug.slug).where(OldSlug.slug.startswith(wanted))))
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}{number}"
    return slug


def add_grids(village_id: int, grids: Sequence[tuple[str, int | None]], *, by: int | None) -> dict[str, int]:
    """Add grids by name and wished number (None: the next free one); gives the ids by name."""
    if not grids:
        return {}
    with atomic():
        taken = set(db.session.scalars(select(Grid.number).where(Grid.village_id == village_id)))
        rows = []
        # Those with a number of their own go first, so that none without takes it away.
        for name, wished in sorted(grids, key=lambda grid: (grid[1] is None, grid[1] or 0)):
            number = wished if wished is not None and wished not in taken else max(taken, default=0) + 1
            taken.add(number)
            rows.append({"village_id": village_id, "name": name, "number": number})
        db.session.execute(insert(Grid.__table__), rows)
        ids = {
            row.name: row.id
            for row in db.session.execute(select(Grid.name, Grid.id).where(Grid.village_id == village_id))
        }
        for row in rows:
            audit.record(
                "places.add_grid", village_id=village_id, by=by, subject="grid", subject_id=ids[str(row["name"])],
                number=row["number"],
            )  # fmt: skip
        return ids


def raise_board_version(village_id: int) -> None:
    """Something that screens show has changed: kept renderings and ETags of the village are old now. Inside a write."""
    _RAISE_VERSION.run({"of_village": village_id})
