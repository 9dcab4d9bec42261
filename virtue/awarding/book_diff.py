"""Two versions side by side: what is new, what is gone, what is changed, column by column."""

from collections.abc import Sequence
from dataclasses import dataclass

from virtue.awarding.models import Rule
from virtue.awarding.rule_words import COLUMNS, raw, shown


@dataclass(frozen=True)
class Change:
    """One column of a rule: before and after, as people read it."""

    column: str
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Changed:
    """A rule that stands in both versions, differently."""

    rule: Rule
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Differences:
    """What lies between two versions."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    changed: tuple[Changed, ...]
    unchanged: int

    @property
    def count(self) -> int:
        """How many rules differ."""
        return len(self.added) + len(self.removed) + len(self.changed)


def differences(old: Sequence[Rule], new: Sequence[Rule]) -> Differences:
    """What changes from ``old`` to ``new``, by code; the order alone is no change."""
    before = {rule.code: rule for rule in old}
    after = {rule.code for rule in new}
    both = [(before[rule.code], rule) for rule in new if rule.code in before]
    changed = [Changed(now, changes) for was, now in both if (changes := _changes(was, now))]
    return Differences(
        added=tuple(rule for rule in new if rule.code not in before),
        removed=tuple(rule for rule in old if rule.code not in after),
        changed=tuple(changed),
        unchanged=len(both) - len(changed),
    )


def _changes(old: Rule, new: Rule) -> tuple[Change, ...]:
    was, now = raw(old), raw(new)
    return tuple(
        Change(column, str(label), shown(column, was[column]), shown(column, now[column]))
        for column, label in COLUMNS.items()
        if was[column] != now[column]
    )
