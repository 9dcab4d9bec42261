"""Refusals that name a rule: both its names are kept, so that they read right in either language, today and when repeated."""

from typing import Protocol

from virtue.errors import BrokenRule
from virtue.formatting import own_language


class Named(Protocol):
    """A rule, as far as its names go."""

    name: str
    name_en: str


class RuleRefused(BrokenRule):
    """A rule that can't be used so. Params: rule and, where it has an English name, rule_en (see ``named``)."""

    def __str__(self) -> str:
        return str(self.sentence) % self.words()

    def words(self) -> dict[str, object]:
        """The parameters, with the rule's name in the reader's language."""
        return {**self.params, "rule": own_language(self.params["rule"], self.params.get("rule_en"))}


def named(rule: Named) -> dict[str, str]:
    """A rule's names as parameters of a refusal."""
    return {"rule": rule.name, "rule_en": rule.name_en} if rule.name_en else {"rule": rule.name}
