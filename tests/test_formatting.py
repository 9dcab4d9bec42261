"""Days and instants as people say them."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from flask_babel import force_locale

from virtue import clock, formatting
from virtue.awarding.errors import WayNotAllowed
from virtue.awarding.rule_refusals import named


@pytest.mark.parametrize(
    ("last", "chinese", "english"),
    [
        (date(2026, 11, 28), "2026年11月23日到11月28日", "23 Nov to 28 Nov 2026"),
        (date(2027, 1, 2), "2026年11月23日到2027年1月2日", "23 Nov 2026 to 2 Jan 2027"),
    ],
)
def test_a_span_says_the_year_once(app, last, chinese, english):
    for locale, words in (("zh_Hans", chinese), ("en", english)):
        with app.test_request_context(), force_locale(locale):
            assert formatting.day_span(date(2026, 11, 23), last) == words


def test_an_instant_of_another_year_says_so(app):
    with clock.set_to(datetime(2026, 11, 24, 8, tzinfo=UTC)), app.test_request_context():
        assert formatting.instant(datetime(2026, 11, 24, 1, 5, tzinfo=UTC)) == "11月24日 09:05"
        assert formatting.instant(datetime(2025, 11, 24, 1, 5, tzinfo=UTC)) == "2025年11月24日 09:05"


def test_a_short_month(app):
    for locale, words in (("zh_Hans", "11月"), ("en", "Nov")):
        with app.test_request_context(), force_locale(locale):
            assert formatting.month_short(202611) == words


def test_a_rule_is_named_in_the_readers_language(app):
    rule, deed = (
        SimpleNamespace(name="庭院", name_en="clean yard"),
        SimpleNamespace(rule_name="庭院", rule_name_en=None),
    )
    for locale, words in (("zh_Hans", ("庭院", "庭院")), ("en", ("clean yard", "庭院"))):
        with app.test_request_context(), force_locale(locale):
            assert (formatting.rule_name(rule), formatting.rule_name(deed)) == words


def test_a_refusal_names_the_rule_in_the_readers_language(app):
    refused = WayNotAllowed(**named(SimpleNamespace(name="庭院", name_en="clean yard")))
    old = WayNotAllowed.from_record("WayNotAllowed", {"rule": "庭院"})
    with app.test_request_context(), force_locale("en"):
        assert ("clean yard" in str(refused), "庭院" in str(old)) == (True, True)


def test_a_filter_of_a_constant_speaks_the_readers_language(app):
    template = app.jinja_env.from_string("{{ 'home'|unit_name }}")
    for locale, words in (("zh_Hans", "家美积分"), ("en", "home points")):
        with app.test_request_context(), force_locale(locale):
            assert template.render() == words
