"""The dividend's pages with a browser without scripts: from the draft to the last payment; on both databases."""

import io

import openpyxl
import pytest

from tests import factories
from tests.dividends.test_pots import LATER, START, homes, score, village  # noqa: F401  fixtures
from virtue import clock
from virtue.dividends.models import Pot
from virtue.extensions import db


@pytest.fixture
def staff(village):  # noqa: F811
    township = factories.UserFactory()
    factories.RoleGrantFactory(user=township, role="township_admin", township_id=village.township_id)
    factories.RoleGrantFactory(user=township, role="village_admin", village_id=village.id)
    return {
        "clerk": factories.village_admin(village), "payer": factories.village_admin(village),
        "supervisor": factories.supervisor(village), "township": township,
    }  # fmt: skip


def form_of(page, end):
    return page.select_one(f'form[action$="{end}"]')


def draft(visitor, clerk, status=303, **fields):
    clerk = visitor().sign_in(clerk)
    form = clerk("/dividends/new").select_one("form.card")
    return clerk, clerk.submit(form, status, **{"name": "村集体分红", "kind": "other", "amount": "1,000.00", **fields})


def test_the_whole_way_through_the_pages(visitor, staff, homes):  # noqa: F811
    clerk, answer = draft(visitor, staff["clerk"])
    assert answer.status == 303
    at = answer.location
    assert clerk.submit(form_of(clerk(at), "/open")).status == 303
    rows = clerk(at).rows("#sheet")
    assert [row[3] for row in rows] == ["¥421.69", "¥277.11", "¥301.20"]
    taken = clerk.submit(form_of(clerk(at), "/objections"), line="2", words="扣分记错了", code="")
    assert taken.status == 303
    supervisor = visitor().sign_in(staff["supervisor"])
    assert supervisor.submit(form_of(supervisor(at), "/answer"), reason="核对过，没有错").status == 303
    with clock.set_to(LATER):
        vote = {"on": "2026-03-21", "entitled": "30", "present": "20", "in_favour": "11", "minutes": "会议记录"}
        clerk, township = visitor().sign_in(staff["clerk"]), visitor().sign_in(staff["township"])
        assert clerk.submit(form_of(clerk(at), "/vote"), 422, **{**vote, "in_favour": "9"}).status == 422
        assert clerk.submit(form_of(clerk(at), "/vote"), **vote).status == 303
        assert township.submit(form_of(township(at), "/check")).status == 303
        supervisor = visitor().sign_in(staff["supervisor"])
        assert supervisor.submit(form_of(supervisor(at), "/sign")).status == 303
        payer = visitor().sign_in(staff["payer"])
        assert payer.submit(payer(at).select_one("#sheet form")).status == 303
        assert payer.submit(form_of(payer(at), "/close")).status == 303
        assert len(payer(f"{at}?left=1").rows("#sheet")) == 2
        assert "签字或手印" in payer(f"{at}/print").words()
    assert db.session.query(Pot).one().state == "closed"


def test_the_workbook_holds_every_input_and_the_sum(visitor, staff, homes):  # noqa: F811
    clerk, answer = draft(visitor, staff["clerk"])
    at = answer.location
    clerk.submit(form_of(clerk(at), "/open"))
    form = form_of(clerk(at), "/pay-list")
    data = {field["name"]: field["value"] for field in form.select("input")}
    book = openpyxl.load_workbook(io.BytesIO(clerk.raw("POST", f"{at}/pay-list", data=data).data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[3:7] for row in rows[1:4]] == [(12, 40, 0, 1680), (12, 2, 10, 1104), (12, 0, 0, 1200)]
    assert [row[11] + row[13] for row in rows[1:4]] == [42_169, 27_711, 30_120]
    assert rows[4][-1] == "=SUM(O2:O4)"


def test_what_was_typed_is_kept_beside_what_is_wrong(visitor, staff, homes):  # noqa: F811
    _clerk, answer = draft(visitor, staff["clerk"], 422, kind="county", amount="很多", percent="")
    assert answer.status == 422
    assert answer.select_one("#amount")["value"] == "很多"
    assert len(answer.select(".field-error")) == 2


def test_the_county_s_pot_is_worked_out(visitor, staff, homes):  # noqa: F811
    draft(visitor, staff["clerk"], kind="county", amount="1240000", percent="10", key_part="1", key_total="124")
    assert db.session.query(Pot).one().fen == 1_000_00


def test_a_household_is_found_on_the_sheet(visitor, staff, homes):  # noqa: F811
    clerk, answer = draft(visitor, staff["clerk"])
    clerk.submit(form_of(clerk(answer.location), "/open"))
    assert len(clerk(f"{answer.location}?q={homes[1].code}").rows("#sheet")) == 1
    assert clerk(f"{answer.location}?q=没有这个人").rows("#sheet") == []
