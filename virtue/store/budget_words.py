"""The budget in one sentence, for the desk and for pages that are about to hand out points."""

from flask_babel import gettext

from virtue.formatting import fen
from virtue.store.budget_queries import Budget, budget_of


def warning(budget: Budget, more: int = 0) -> str:
    """What is wrong, with the figure; empty while all is well. ``more``: points about to be awarded at once."""
    level = budget.level(more)
    if level == "good":
        return ""
    if level == "bad":
        gap = fen(more * budget.value_fen - budget.gap_fen)
        return gettext("货和钱不够了：大家一起来换，还差 %(gap)s。先进货、筹钱，再发分。", gap=gap)
    return gettext(
        "照现在这样发分，货和钱还能撑 %(months)s 个月。想好从哪里进货，再往下走。", months=budget.months_left(more)
    )  # fmt: skip


def before_awarding(village_id: int, more: int = 0) -> str:
    """The warning before a round, an event or a rule of this village; empty while all is well."""
    return warning(budget_of(village_id), more)
