"""What the desk asks of whom on a pot's way; mending a draft; who comes late; the closing sheet; roles."""

from datetime import date, timedelta

import pytest

from tests import factories
from tests.dividends.test_pages import form_of, staff  # noqa: F401  a fixture
from tests.dividends.test_pots import LATER, START, act, amounts, drafted, homes, led_to, opened, people, village  # noqa: F401
from tests.office.test_desk import titles
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.dividends import objections, paying, queries
from virtue.dividends.models import Pot, PotState
from virtue.dividends.states import POT_STEPS
from virtue.extensions import db
from virtue.notices.services import Sender
from virtue.people.models import Household
from virtue.staff.roles import PERMISSIONS

ASKED = {
    "draft": ("clerk", "分红草稿等公开试算表"), "objected": ("supervisor", "对分红试算表的异议等答复"),
    "over": ("clerk", "分红试算表期满，等表决"), "voted": ("township", "分红等镇里审核"),
    "checked": ("supervisor", "分红等您签字"), "signed": ("payer", "户的分红还没有发"), "paid": ("payer", "分红发完了，等办结"),
}  # fmt: skip


def test_the_desk_asks_who_acts_next(visitor, village, staff, homes):  # noqa: F811
    people, pot = staff, drafted(village, staff)  # noqa: F811

    def asked():
        found = {
            (who, title)
            for who in ("clerk", "supervisor", "township", "payer")
            for title in titles(visitor().sign_in(people[who]))
            if "分红" in title
        }
        # These two are village admins as well, and are asked as such: here only what they alone may do.
        return {
            (who, title) for who, title in found if who in {"clerk", "supervisor"} or (who, title) in ASKED.values()
        }

    def on(moment, action=None):
        with clock.set_to(moment):
            done = act(action, pot, people) if action else None
            return done, asked()

    assert on(START) == (None, {ASKED["draft"]})
    assert on(START, "open")[1] == set()
    taken, wanted = on(START, "object")
    assert wanted == {ASKED["objected"]}
    people["number"] = taken.result["number"]
    act("answer", pot, people)
    assert on(START + timedelta(days=9))[1] == {("clerk", "分红试算表快要到期")}
    assert on(LATER)[1] == {ASKED["over"]}
    assert on(LATER, "vote")[1] == {ASKED["voted"]}
    assert on(LATER, "check")[1] == {ASKED["checked"]}
    assert on(LATER, "sign")[1] == {ASKED["signed"]}
    with clock.set_to(LATER):
        for line in queries.unclaimed(pot):
            paying.pay(village.id, pot.id, line.id, how="bank", on=clock.today(), key=keys.new(), by=people["payer"].id)
    assert on(LATER)[1] == {ASKED["paid"]}
    assert on(LATER, "close")[1] == set()


def test_a_draft_is_mended_until_its_sheet_opens(app, visitor, village, staff, homes):  # noqa: F811
    pot = drafted(village, staff)
    other = visitor().sign_in(staff["payer"])
    at = f"/dividends/{pot.id}"
    form = other(f"{at}/edit").select_one("form.card")
    assert form.select_one("#amount")["value"] == "1000.00"
    with unchanged(app):
        assert other.submit(form, 422, amount="很多").select_one("#amount")["value"] == "很多"
    form = other(f"{at}/edit").select_one("form.card")
    changed = {"kind": "village", "amount": "2,000.00", "percent": "12.5", "base": "80"}
    assert other.submit(form, 303, **changed).location == at
    pot = db.session.get(Pot, pot.id)
    assert (pot.kind, pot.fen, pot.source, pot.base, pot.drafted_by_id) == (
        "village", 25_000, {"income_fen": 200_000, "percent": 1250}, 80, staff["payer"].id,
    )  # fmt: skip
    again = other(f"{at}/edit").select_one("form.card")
    assert (again.select_one("#amount")["value"], again.select_one("#percent")["value"]) == ("2000.00", "12.5")
    act("open", pot, staff)
    with unchanged(app):
        assert "不在这一步" in other.submit(again, 409, **changed).words("main")
    other(f"{at}/edit", 409)


def test_who_comes_late_gets_a_line_and_days_to_object(village, people, homes):  # noqa: F811
    pot = opened(village, people)
    with clock.set_to(START + timedelta(days=9)):
        late = factories.HouseholdFactory(grid=db.session.get(Household, homes[0].id).grid)
        number = act("object", pot, people).result["number"]
        verdict = objections.Verdict("upheld_amended", "漏了一户，十二月迁入")
        objections.answer(village.id, pot.id, number, verdict, key=keys.new(), by=people["supervisor"].id)
        line = queries.own_line(pot, late.id)
        assert (line.place, line.sheet, len(amounts(pot)), sum(amounts(pot))) == (4, 2, 4, pot.fen)
        assert pot.open_until == date(2026, 3, 24)
    with clock.set_to(START + timedelta(days=14)):
        sent = objections.object_to(
            village.id, pot.id, 4, "我家少算了", Sender(late.id), came_by="passbook", key=keys.new(), by=None
        )
        assert sent.result["number"] == number + 1


def test_the_closing_sheet_and_the_register_on_paper(visitor, village, staff, homes):  # noqa: F811
    pot = led_to("signed", village, staff)
    with clock.set_to(LATER):
        act("pay", pot, staff)
        act("close", pot, staff)
        payer = visitor().sign_in(staff["payer"])
        closing = payer(f"/dividends/{pot.id}/closing")
        assert closing.rows("#sums") == [
            ["分红资金", "3", "¥1,000.00"], ["银行转账", "1", "¥421.69"], ["签字领取", "0", "¥0.00"],
            ["按手印领取", "0", "¥0.00"], ["没领的", "2", "¥578.31"],
        ]  # fmt: skip
        assert [row[3] for row in closing.rows("#left")] == ["¥277.11", "¥301.20"]
        assert "合计¥999.98，剩下的2分" in closing.words("#rounding")
        register = payer(f"/dividends/{pot.id}/print").words()
        assert "共3户，合计¥1,000.00。" in register
        for home in homes:
            assert home.head_name not in register + closing.words()


DATA = {
    "set_months": {"code": "x", "months": "6", "why": "六月迁入"}, "object": {"line": "1", "words": "不对"},
    "answer": {"state": "dismissed", "reason": "核对过"}, "why": {"why": "重算"},
    "vote": {
        "on": "2026-03-21", "entitled": "30", "present": "20", "in_favour": "11", "minutes": "记录",
        "assembly": "representatives",
    },
    "pay": {"how": "bank", "on": "2026-03-21"},
}  # fmt: skip
ADDRESS = {
    "change": "edit", "set_months": "months", "open": "open", "object": "objections", "answer": "objections/999/answer",
    "revise": "revise", "vote": "vote", "check": "check", "send_back": "send-back", "sign": "sign", "pay": "pay/999999",
    "close": "close", "withdraw": "withdraw",
}  # fmt: skip
NEW = {"year": "2025", "name": "改了", "kind": "other", "amount": "10", "basis": "score", "base": "100"}


@pytest.mark.slow
def test_each_role_is_refused_what_isn_t_its_own_in_every_state(app, visitor, village, people, homes):  # noqa: F811
    pots = {state: _named(state, village, people) for state in PotState}
    roles = [role for role in PERMISSIONS if role not in {"county_admin", "township_admin"}]
    with clock.set_to(LATER):
        for role in roles:
            one = visitor().sign_in(factories.staff_of(village, role))
            for state, pot_id in pots.items():
                for action, step in POT_STEPS.items():
                    may = step.permission in PERMISSIONS[role]
                    if may and state in step.sources:
                        continue  # done by that role in the other tests
                    data = DATA.get(action, NEW if action == "change" else DATA["why"])
                    if action == "set_months":
                        data = {**data, "code": homes[0].code}
                    with unchanged(app):
                        status = one.raw("POST", f"/dividends/{pot_id}/{ADDRESS[action]}", data={
                            **data, "key": keys.new(), "csrf_token": one.state["token"],
                        }).status_code  # fmt: skip
                    assert status in ({409, 422} if may else {403, 404}), (role, state, action)


def _named(state, village, people):  # noqa: F811
    pot = led_to(state, village, people)
    pot.name = f"分红{state}"
    db.session.commit()
    return pot.id
