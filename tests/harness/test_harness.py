"""The tests' own tools do what the other tests rely on."""

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import Page, check, count_queries, unchanged
from virtue.extensions import db
from virtue.places.models import Village


def faults(html: str) -> str:
    soup = Page(html, "html.parser")
    try:
        check(soup, html, "GET /")
    except AssertionError as error:
        return str(error)
    return ""


def page_of(body: str, lang: str = "zh-Hans") -> str:
    return f'<!doctype html><html lang="{lang}"><head><title>村</title></head><body><h1>村</h1>{body}</body></html>'


def test_a_good_page_passes():
    assert faults(page_of("<p>今天，3.5 元。</p>")) == ""


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p>今天,好</p>", "ASCII punctuation beside Han"),
        ("<p title='户数:三'>a</p>", "ASCII punctuation beside Han"),
        ("<p style='color: red'>a</p>", "inline code"),
        ("<button onclick='x()'>a</button>", "inline code"),
        ("<script>1</script>", "inline <script>"),
        ("<form method='post' action='/a'></form>", "has no token"),
        ("<p id='a'></p><p id='a'></p>", "id a stands 2 times"),
        ("<h1>b</h1>", "2 h1"),
        ("<p><div></div></p>", "unexpected-end-tag"),
    ],
)
def test_a_bad_page_is_refused(body, fault):
    assert fault in faults(page_of(body))


def test_a_fragment_needs_an_id():
    assert faults('<section id="till"><p>好</p></section>') == ""
    assert "no id" in faults("<section><p>好</p></section>")


def test_english_pages_may_have_ascii_punctuation_beside_names():
    assert faults(page_of("<p>王永智, 3 points</p>", "en")) == ""


def test_each_test_has_an_empty_database(app):
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Village)) == 0
    factories.HouseholdFactory(members=3)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Village)) == 1


def test_unchanged_names_the_table_that_changed(app):
    with unchanged(app):
        pass
    with pytest.raises(AssertionError, match="county: 0 rows"), unchanged(app):
        factories.CountyFactory()


def test_queries_are_counted(app):
    with count_queries(app) as queries:
        db.session.scalar(sa.select(sa.func.count()).select_from(Village))
    assert len(queries) == 1


def test_the_triggers_are_in_place(app):
    """What the template was made with came along in the copy."""
    kind = db.engine.dialect.name
    listed = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger",
    }
    names = db.session.scalars(sa.text(listed[kind])).all()
    assert {"entry_no_update", "transfer_no_delete"} <= set(names)


def test_the_cast_has_cards_points_and_goods(app):
    household = factories.HouseholdFactory()
    keeper = factories.keeper(household.village)
    card = factories.card_of(household)
    assert len(factories.digits_of(card)) == 20
    assert len(factories.pin_of(household)) == 6
    factories.give(household, home=30, civility=5)
    balances = db.session.execute(sa.text("SELECT unit, balance FROM account WHERE kind = 'purse' ORDER BY unit")).all()
    assert [tuple(row) for row in balances] == [("civility", 5), ("home", 30)]
    item = factories.stocked(household.village, 12, by=keeper)
    assert db.session.scalar(sa.text("SELECT quantity FROM batch WHERE item_id = :id"), {"id": item.id}) == 12
    rule = factories.RuleFactory(rulebook__village_id=household.village_id)
    assert rule.rulebook.village_id == household.village_id
