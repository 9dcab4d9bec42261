"""What each write of a campaign goes through: the village's lock, a key, the campaign loaded anew, a line in the trail."""

from collections.abc import Callable, Sequence
from typing import Any

from virtue.core import audit, keys
from virtue.core.keys import Outcome
from virtue.honours import campaign_queries
from virtue.honours.campaign_models import Campaign
from virtue.ledger import services as ledger


def step(
    action: str, village_id: int, campaign_id: int, contents: Sequence[Any], work: Callable[[Campaign], dict[str, Any]],
    *, key: str, by: int | None,
) -> Outcome:  # fmt: skip
    """One keyed step of a campaign, which is locked and loaded anew for it."""
    return once(
        action, village_id, [campaign_id, *contents, by],
        lambda: work(campaign_queries.locked_campaign(village_id, campaign_id)), key=key,
    )  # fmt: skip


def once(action: str, village_id: int, contents: list[Any], work: Callable[[], Any], *, key: str) -> Outcome:
    """One keyed write under the village's lock."""
    return keys.run_once(
        key, f"honours.campaign_{action}", [village_id, *contents], work, village_id=village_id,
        lock=lambda: ledger.lock(village_id),
    )  # fmt: skip


def note(action: str, campaign: Campaign, *, by: int | None, household_id: int | None = None, **details: Any) -> None:
    """What was done to a campaign, by whom; never a choice."""
    audit.record(
        f"honours.campaign_{action}", village_id=campaign.village_id, by=by, household_id=household_id, subject="campaign",
        subject_id=campaign.id, **details,
    )  # fmt: skip
