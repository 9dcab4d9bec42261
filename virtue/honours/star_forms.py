"""What the star pages read from their forms."""

from collections.abc import Mapping

from virtue.honours.star_schemes import MOST_STARS, SchemeDraft, StarDraft
from virtue.quantities import parse_whole

FIELDS = ("name", "name_en", "dimension", "icon", "mode", "home", "civility", "deducted", "able")


def scheme_draft(form: Mapping[str, str]) -> SchemeDraft:
    """The typed version: rows without a name are left out, numbers that are none count as too many."""
    stars = tuple(
        _star({name: form.get(f"{name}-{number}", "") for name in FIELDS})
        for number in range(1, MOST_STARS + 1)
        if form.get(f"name-{number}", "").strip()
    )
    return SchemeDraft(
        form.get("title", "")[:20], _number(form.get("listed_from", "")), _number(form.get("from_quarter", "")), stars,
        form.get("why", "")[:300],
    )  # fmt: skip


def _star(row: Mapping[str, str]) -> StarDraft:
    return StarDraft(
        row["dimension"], row["name"].strip()[:20], row["name_en"].strip()[:40], row["icon"] or "star", row["mode"],
        _number(row["home"]), _number(row["civility"]), _number(row["deducted"]), row["able"] == "1",
    )  # fmt: skip


def _number(text: str) -> int:
    return parse_whole(text or "0", most=999_999) or 0
