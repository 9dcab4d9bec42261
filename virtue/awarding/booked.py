"""What was booked at once in events stands on a notice afterwards: open for objections, nothing to settle."""

from typing import Any

from sqlalchemy import bindparam, update

from virtue.awarding.errors import NothingToPublish
from virtue.awarding.models import Deed
from virtue.awarding.objection_queries import booked_unseen
from virtue.core import audit, keys, settings
from virtue.core.keys import Outcome
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.notices import services as notices
from virtue.places import services as places

_DEED = Deed.__table__
_ON_NOTICE = (
    update(_DEED)
    .where(_DEED.c.id == bindparam("of_deed"))
    .values(notice_id=bindparam("of_notice"), notice_line=bindparam("line"))
)


def publish_booked(village_id: int, *, key: str, by: int) -> Outcome:
    """The month's notice of what was booked at once in events: open for objections, nothing to settle.

    Raises ``NothingToPublish``.
    """

    def work() -> dict[str, Any]:
        deeds = booked_unseen(village_id)
        if not deeds:
            raise NothingToPublish
        notice = notices.publish(
            village_id, [deed.publish for deed in deeds], days=settings.value("notice_days", village_id), by=by,
            kind="booked",
        )  # fmt: skip
        rows = [{"of_deed": deed.id, "of_notice": notice.id, "line": number} for number, deed in enumerate(deeds, 1)]
        db.session.execute(_ON_NOTICE, rows)
        places.raise_board_version(village_id)
        audit.record(
            "awarding.publish_booked", village_id=village_id, by=by, subject="notice", subject_id=notice.id,
            lines=len(deeds),
        )  # fmt: skip
        return {"number": notice.number, "lines": len(deeds), "ends_on": notice.ends_on.isoformat()}

    return keys.run_once(
        key, "awarding.publish_booked", [village_id, by], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip
