"""Villages by their addresses."""

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from virtue.extensions import db
from virtue.places.models import OldSlug, Township, Village


def find_by_slug(slug: str) -> Village | None:
    """The village of a public address."""
    return db.session.scalar(select(Village).where(Village.slug == slug).options(lazyload(Village.township)))


def find_by_old_slug(slug: str) -> Village | None:
    """The village that once had this address; the page redirects to the new one."""
    return db.session.scalar(
        select(Village).join(OldSlug, OldSlug.village_id == Village.id).where(OldSlug.slug == slug)
    )


def villages() -> list[Village]:
    """All villages of the installation, those of one town together."""
    query = select(Village).outerjoin(Village.township).order_by(Township.name, Village.name)
    return list(db.session.scalars(query))


def find_township(name: str) -> Township | None:
    """A town by its whole name; blanks don't count."""
    return db.session.scalar(select(Township).where(Township.name == "".join(name.split())))


def find_village_by_name(name: str) -> Village | None:
    """A village by its whole name; blanks don't count."""
    return db.session.scalar(select(Village).where(Village.name == "".join(name.split())))
