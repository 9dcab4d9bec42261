"""The titles' pages: the county's list, entering, a second person, consent, the certificate; by people with browsers."""

import pytest

from tests import factories
from tests.awarding.test_pipeline import village  # noqa: F401  a fixture
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.honours import title_queries
from virtue.honours.title_models import Honour


@pytest.fixture
def household(village):  # noqa: F811
    return factories.HouseholdFactory(grid__village=village, members=2, head_name="王永智")


@pytest.fixture
def seats(village, visitor):  # noqa: F811
    """A clerk and a reviewer, signed in."""
    return visitor().sign_in(factories.village_admin(village)), visitor().sign_in(factories.reviewer(village))


def take_over(clerk):
    shown = clerk("/titles/kinds")
    return clerk.submit(shown.select_one("main .inline-form"))


def enter(clerk, of, status=303, **fields):
    form = clerk("/titles/new").select_one("#new-honour")
    chosen = next(one["value"] for one in form.select("option") if one.text.startswith("最美家庭（村）"))
    data = {"title": chosen, "household": of.code, "document": "村发〔2026〕7号", **fields}
    return clerk.submit(form, status, **data)


def test_from_the_county_s_list_to_the_certificate(village, household, seats):  # noqa: F811
    clerk, reviewer = seats
    assert "先采用县里的荣誉称号" in clerk("/titles").words("main")
    take_over(clerk)
    assert len(clerk("/titles/kinds").rows("#kinds")) == 10
    url = enter(clerk, household, person=household.head_name).location
    assert "要由另一个人核对" in clerk(url).words("#facts")
    clerk(f"{url}/certificate", 404)
    reviewer.submit(reviewer(url).select_one("#facts form"))
    shown = clerk(url)
    assert ("已核对" in shown.words("main"), "已送评议小组" in shown.words("#facts")) == (True, True)
    paper = clerk(f"{url}/certificate").words("#certificate")
    assert [one in paper for one in ("王永智", "最美家庭（村）", "村发〔2026〕7号", "盖章处")] == [True] * 4
    clerk.submit(shown.select_one("#consents form"), how="signed")
    honour = db.session.query(Honour).one()
    assert title_queries.consents_of([honour.id]) == {honour.id: {"name"}}
    clerk.submit(clerk(url).select_one("#consents form"))
    assert title_queries.consents_of([honour.id]) == {}
    assert "收回" in clerk(url).words("#consents")
    reviewer.submit(reviewer(url).select("#facts form")[-1], why="文件发错了")
    assert ("已取消" in clerk(url).words("main"), "文件发错了" in clerk(url).words("#facts")) == (True, True)


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"household": "999"}, "household", "没有"), ({"document": " "}, "document", "文件编号"),
        ({"person": "外来人"}, "person", "不在这一户里"), ({"given_on": "2099-01-01"}, "given_on", "年度不对"),
    ],
    ids=["household", "document", "person", "day"],
)  # fmt: skip
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(app, household, seats, fields, field, said):
    clerk, _reviewer = seats
    take_over(clerk)
    with unchanged(app):
        refused = enter(clerk, household, 422, **fields)
    assert said in refused.words(f"#{field}-error")
    assert refused.select_one("#household")["value"] == fields.get("household", household.code)


def test_the_list_is_searched_and_filtered(village, household, seats):  # noqa: F811
    clerk, _reviewer = seats
    take_over(clerk)
    enter(clerk, household)
    enter(clerk, factories.HouseholdFactory(grid=household.grid, head_name="赵春花"))
    assert len(clerk("/titles").rows("#honours")) == 2
    year = clock.today().year
    found = {url: len(clerk(f"/titles?{url}").rows("#honours")) for url in (
        f"year={year}", f"year={year - 1}", "level=village", "level=county", "state=entered", "state=confirmed", "q=王永智",
    )}  # fmt: skip
    assert list(found.values()) == [2, 0, 2, 0, 2, 0, 1]
    assert "没有找到" in clerk("/titles?level=county").words("main")


def test_who_may_not_enter_or_confirm_gets_403(app, village, household, seats, visitor):  # noqa: F811
    clerk, reviewer = seats
    take_over(clerk)
    url = enter(clerk, household).location
    others = [
        visitor().sign_in(make(village)) for make in (factories.committee, factories.supervisor, factories.keeper)
    ]
    with unchanged(app):
        reviewer.post("/titles", {"key": keys.new()}, 403)
        for seat in others:
            for action in ("confirm", "drop", "revoke", "consent", "withdraw-consent"):
                seat.post(f"{url}/{action}", {"key": keys.new()}, 403)
