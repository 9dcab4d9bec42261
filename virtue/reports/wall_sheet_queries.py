"""The month on one sheet for the village's wall: sums and counts, nothing of a household, nothing that was deducted."""

from dataclasses import dataclass

from virtue import clock
from virtue.extensions import db
from virtue.ledger import month_papers
from virtue.ledger import queries as ledger
from virtue.ledger.queries import DaySeal
from virtue.notices import queries as notices
from virtue.notices.models import Notice
from virtue.places.models import Village
from virtue.scores import queries as scores
from virtue.scores.queries import VillageMonth
from virtue.store import budget_queries, order_queries
from virtue.store.budget_queries import Budget


@dataclass(frozen=True)
class WallSheet:
    """What a month added up to."""

    month: int
    earned: VillageMonth
    redeemed: dict[str, int]
    notices: tuple[int, ...]
    """The numbers of those that were hung up in the month."""
    fetched: tuple[tuple[str, int], ...]
    budget: Budget
    seal: DaySeal | None
    """Of the month's last day; of the last day booked while the month runs."""


def wall_sheet(village: Village, month: int) -> WallSheet:
    """A month's sheet, in a fixed number of statements."""
    first, after = clock.first_day(month), clock.first_day(clock.next_month(month))
    hung = db.session.scalars(
        notices.notices(village.id)
        .where(Notice.published_on >= first, Notice.published_on < after)
        .order_by(None)
        .order_by(Notice.number)
    )
    return WallSheet(
        month, scores.village_month(village.id, month), month_papers.redeemed(village.id, month),
        tuple(one.number for one in hung),
        tuple(order_queries.most_fetched(village.id, month)), budget_queries.budget_of(village.id),
        ledger.seal_of_month(village.id, month) or ledger.day_seal(village.id),
    )  # fmt: skip
