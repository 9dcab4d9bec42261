"""Donors: who gives goods, and how they want to be thanked."""

from dataclasses import dataclass

from sqlalchemy import select

from virtue import clock
from virtue.core import audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.places import services as places
from virtue.store.stock_errors import DonorNameMissing
from virtue.store.stock_models import Donor
from virtue.transactions import atomic

NAMED, ANONYMOUS = "named", "anonymous"


@dataclass(frozen=True)
class NewDonor:
    """A name (a person, a firm, an office), and whether it may be said in public."""

    name: str
    thanks: str = ANONYMOUS


def add(village_id: int, fields: NewDonor, *, by: int) -> int:
    """A new donor; gives its id. Inside a write. Raises DonorNameMissing."""
    donor = Donor(village_id=village_id, by_id=by, asked_at=clock.now(), **_checked(fields))
    db.session.add(donor)
    db.session.flush()
    audit.record(
        "store.add_donor", village_id=village_id, by=by, subject="donor", subject_id=donor.id, thanks=donor.thanks
    )
    return donor.id


def change(village_id: int, donor_id: int, fields: NewDonor, *, by: int) -> None:
    """Another name, or another wish; from then on the wall says it so. Raises NotFoundHere, DonorNameMissing."""
    with atomic():
        donor = load(village_id, donor_id)
        for name, value in _checked(fields).items():
            setattr(donor, name, value)
        donor.asked_at, donor.by_id = clock.now(), by
        db.session.flush()
        audit.record(
            "store.change_donor",
            village_id=village_id,
            by=by,
            subject="donor",
            subject_id=donor_id,
            thanks=donor.thanks,
        )
        # The thank-you wall says it so at its next refresh.
        places.raise_board_version(village_id)


def load(village_id: int, donor_id: int) -> Donor:
    """A donor of this village. Raises NotFoundHere."""
    donor = db.session.scalar(select(Donor).where(Donor.id == donor_id, Donor.village_id == village_id))
    if donor is None:
        raise NotFoundHere
    return donor


def _checked(fields: NewDonor) -> dict[str, str | None]:
    name = " ".join(fields.name.split())[:60]
    thanks = NAMED if fields.thanks == NAMED else ANONYMOUS
    if thanks == NAMED and not name:
        raise DonorNameMissing
    return {"name": name or None, "thanks": thanks}
