"""Who stood behind big orders."""

from collections.abc import Collection

from sqlalchemy import select

from virtue.extensions import db
from virtue.staff.models import User
from virtue.store.proof_models import OrderProof


def proofs_of(order_ids: Collection[int]) -> dict[int, str | None]:
    """By order: the second person's name, or None where the household typed its PIN. Orders without proof are left out."""
    if not order_ids:
        return {}
    rows = db.session.execute(
        select(OrderProof.order_id, User.name)
        .outerjoin(User, User.id == OrderProof.second_id)
        .where(OrderProof.order_id.in_(order_ids))
    )
    return {row.order_id: row.name for row in rows}
