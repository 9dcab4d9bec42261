"""The pages of rounds and of an event's scanning, as people without scripts use them; and what a phone's queue sends."""

import pytest

from tests import factories
from tests.awarding.test_pipeline import village  # noqa: F401  a fixture
from tests.awarding.test_rounds import close, hand_in, opened, tap
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import event_cost, round_queries
from virtue.awarding.models import Deed
from virtue.awarding.round_models import Round, RoundMark
from virtue.core import keys
from virtue.extensions import db
from virtue.people import card_services, codes, door_services
from virtue.people.models import DoorCode
from virtue.staff.models import StaffSession


@pytest.fixture
def grid(village):  # noqa: F811
    return factories.GridFactory(village=village, number=3)


@pytest.fixture
def homes(grid):
    return [factories.HouseholdFactory(grid=grid, head_name="马永智") for _ in range(3)]


@pytest.fixture
def judges(village):  # noqa: F811
    return [factories.committee(village, name=name) for name in ("甲大姐", "乙大姐", "丙大姐")]


@pytest.fixture
def member(page, judges):
    return page.sign_in(judges[0])


def marks(one, judge):
    return {
        household: round_queries.value_of(row) for household, row in round_queries.marks_of(one.id, judge.id).items()
    }


# ---- a round, without scripts --------------------------------------------------------------------------------------


def test_open_tap_sign_close_decide(member, grid, homes, judges):
    form = member("/award/rounds/new").select_one("main form")
    page = member(member.submit(form, 303, grid=str(grid.id), rule_code="J01").location)
    assert page.words("[data-round-progress]") == "已评 0/3"
    for household, level in zip(homes, ("2", "1", "declined"), strict=True):
        button = f"value={level}"
        page = member(member.submit(page.select_one(f"#h-{household.id} form"), 303, button=button).location)
    assert page.words("[data-round-progress]") == "已评 3/3"
    pressed = [button["value"] for button in page.select("[aria-pressed=true]")]
    assert pressed == ["2", "1", "declined"]
    for judge in judges[1:]:
        sign = page.select_one("#cosign")
        page = member(member.submit(sign, 303, signer=str(judge.id), password=factories.PASSWORD).location)
    one = db.session.query(Round).one()
    page = member(member.submit(page.select_one(f"form[action$='/rounds/{one.id}/close']"), 303).location)
    assert [row[-2] for row in page.rows("#results")] == ["最清洁", "较清洁", "不记分"]
    assert page.words("#total") == "照这个结果，一共要发 3 分。"
    assert "发了这些以后：货和钱不够了：大家一起来换，还差 ¥3.00。" in page.text
    page = member(member.submit(page.select_one("form[action$='/decide']"), 303).location)
    assert [row[-1] for row in page.rows("#results")] == ["+2 · 待评议", "+1 · 待评议", "—"]
    paper = member(f"/award/rounds/{one.id}/print")
    assert [span.get_text() for span in paper.select(".signatures span")] == ["甲大姐", "乙大姐", "丙大姐"]


def test_only_those_not_marked(member, grid, homes, judges):
    one = opened(grid, judges)
    tap(one, judges[0], homes[0], 2)
    page = member(f"/award/rounds/{one.id}?left=1")
    assert [row["id"] for row in page.select(".mark")] == [f"h-{home.id}" for home in homes[1:]]
    answer = member.submit(page.select_one(".mark form"), 303, button="value=1")
    assert "left=1" in answer.location
    assert answer.location.endswith(f"#h-{homes[1].id}")


def test_others_levels_are_hidden_until_it_is_closed(page, visitor, grid, homes, judges):
    one = opened(grid, judges)
    for judge in judges:
        tap(one, judge, homes[0], 2)
    hand_in(one, *judges)
    watcher = visitor().sign_in(factories.supervisor(grid.village))
    for person in (page.sign_in(judges[0]), watcher):
        shown = person(f"/award/rounds/{one.id}")
        assert shown.select("#results, [aria-pressed=true]") == []
        person(f"/award/rounds/{one.id}/print", 404)
    close(one, judges[0])
    assert watcher(f"/award/rounds/{one.id}").rows("#results")[0][1:4] == ["最清洁"] * 3


def test_a_judge_hands_in(member, grid, homes, judges):
    one = opened(grid, judges)
    tap(one, judges[0], homes[0], 2)
    page = member(f"/award/rounds/{one.id}")
    done = member(member.submit(page.select_one("form[action$='/hand-in']"), 303).location)
    assert done.select(".mark") == []
    assert "您已经交了" in done.words("#round")


def test_a_refused_tap_is_told_and_changes_nothing(app, member, grid, homes, judges):
    one = opened(grid, judges)
    page = member(f"/award/rounds/{one.id}")
    homes[0].left_on = clock.today()
    db.session.commit()
    with unchanged(app):
        back = member.submit(page.select_one(f"#h-{homes[0].id} form"), 422, button="value=2")
    assert "暂不参加" in back.words(".form-error")


@pytest.mark.parametrize("value", ["", "2.5", "-1", "1e3", "最清洁", "99999"])
def test_a_tap_that_no_page_sends_is_a_bad_request(app, member, grid, homes, judges, value):
    one = opened(grid, judges)
    with unchanged(app):
        member.post(f"/award/rounds/{one.id}/marks", {"household": homes[0].id, "key": keys.new(), "value": value}, 400)


def test_two_judges_are_asked_for_in_the_form(app, member, grid, judges):
    form = member("/award/rounds/new").select_one("main form")
    with unchanged(app):
        back = member.submit(form, 422, grid=str(grid.id), rule_code="J01", mode="judges", judges=[str(judges[0].id)])
    assert "至少要选两位" in back.words(".form-error")


def test_a_wrong_signature_is_told(app, member, grid, homes, judges):
    one = opened(grid, judges, mode="recorder")
    tap(one, judges[0], homes[0], 2)
    sign = member(f"/award/rounds/{one.id}").select_one("#cosign")
    with unchanged(app):
        back = member.submit(sign, 422, signer=str(judges[1].id), password="not-it-at-all")
    assert "密码不对" in back.words(".form-error")


def test_another_village_s_round_is_not_found(page, grid, homes, judges):
    one = opened(grid, judges)
    stranger = page.sign_in(factories.committee(factories.VillageFactory()))
    stranger(f"/award/rounds/{one.id}", 404)
    stranger.post(f"/award/rounds/{one.id}/close", {"key": keys.new()}, 404)


def test_a_keeper_sees_no_rounds_and_a_supervisor_marks_none(page, visitor, grid, homes, judges):
    one = opened(grid, judges)
    page.sign_in(factories.keeper(grid.village))("/award/rounds", 403)
    watcher = visitor().sign_in(factories.supervisor(grid.village))
    watcher("/award/rounds")
    watcher.post(f"/award/rounds/{one.id}/marks", {"household": homes[0].id, "key": keys.new(), "value": "2"}, 403)


def test_english(member, grid, homes, judges):
    one = opened(grid, judges)
    member.client.set_cookie("lang", "en")
    assert member(f"/award/rounds/{one.id}").words("[data-round-progress]") == "Marked 0/3"


# ---- what a phone's queue sends ------------------------------------------------------------------------------------


def queued(person, url, name, *items, status=200):
    answer = person.post(
        url, {name: list(items)}, status, headers={"X-Queue": "1", "HX-Request": "true"}
    )  # fmt: skip
    return answer.response.get_json()


def test_a_queue_of_taps_is_done_each_once(member, grid, homes, judges):
    one = opened(grid, judges)
    first, second = keys.new(), keys.new()
    items = [f"{first}|{homes[0].id}|2|0", f"{second}|{homes[0].id}|1|0"]
    for _ in range(2):
        answer = queued(member, f"/award/rounds/{one.id}/marks", "tap", *items)
        assert answer["lines"] == [
            {"key": first, "ok": True, "words": ""}, {"key": second, "ok": True, "words": ""},
        ]  # fmt: skip
        assert answer["marks"] == {str(homes[0].id): "1"}
    assert db.session.query(RoundMark).count() == 1


def test_what_a_queue_can_t_do_is_told_in_words(member, grid, homes, judges):
    one = opened(grid, judges)
    other = factories.HouseholdFactory(grid=factories.GridFactory(village=grid.village))
    items = [f"{keys.new()}|{home.id}|2|0" for home in (homes[0], other)]
    lines = queued(member, f"/award/rounds/{one.id}/marks", "tap", *items)["lines"]
    assert [line["ok"] for line in lines] == [True, False]
    assert lines[1]["words"] == f"尾号 {other.tail}：这一户不在这次月评的网格里。"
    hand_in(one, judges[0])
    lines = queued(member, f"/award/rounds/{one.id}/marks", "tap", f"{keys.new()}|{homes[1].id}|2|0")["lines"]
    assert "已经签字交了" in lines[0]["words"]


def test_a_queue_signed_out_is_told_so_and_keeps_no_form(page, grid, homes, judges):
    one = opened(grid, judges)
    page.sign_in(judges[0])
    db.session.query(StaffSession).update({"ended_at": clock.now()})
    answer = page.post(
        f"/award/rounds/{one.id}/marks", {"tap": f"{keys.new()}|{homes[0].id}|2|0"}, 401,
        headers={"X-Queue": "1", "HX-Request": "true"},
    )  # fmt: skip
    assert answer.location.startswith("/sign-in")
    # The phone sends it again by itself: no form waits behind the sign-in.
    assert [field["value"] for field in page("/sign-in").select("input[name=held]")] == [""]
    assert db.session.query(RoundMark).count() == 0


def test_a_queue_of_nothing_or_of_too_much_is_a_bad_request(app, member, grid, homes, judges):
    one = opened(grid, judges)
    for items in ([], ["x"], [f"{keys.new()}|{homes[0].id}|2|0"] * 51):
        with unchanged(app):
            answer = member.raw(
                "POST", f"/award/rounds/{one.id}/marks",
                data={"tap": items, "csrf_token": member.state["token"]}, headers={"X-Queue": "1"},
            )  # fmt: skip
        assert answer.status_code == 400


# ---- an event, card after card -------------------------------------------------------------------------------------


@pytest.fixture
def event(village, judges):  # noqa: F811
    return factories.EventFactory(village_id=village.id, opened_by_id=judges[0].id, rule_code="J05")


def test_card_after_card_without_scripts(member, event, homes):
    for home in homes[:2]:
        form = member(f"/award/events/{event.id}/scan").select_one("[data-scan-form]")
        digits = factories.digits_of(factories.card_of(home))
        done = member(member.submit(form, 303, code=digits).location)
        assert done.words("#messages") == f"尾号 {home.tail}：参加环境整治（每户每次） +2 家美积分，已入账"
    assert db.session.query(Deed).filter_by(event_id=event.id, state="settled").count() == 2
    assert event_cost.usual_points(event.village_id) == 0
    event.closed_at = clock.now()
    db.session.commit()
    assert event_cost.usual_points(event.village_id) == 4
    assert "一场活动平常发 4 分。货和钱不够了" in member("/award/events").words("#new-event")


def test_a_list_of_scans_each_once_and_conflicts_in_words(member, event, homes):
    digits = [factories.digits_of(factories.card_of(home)) for home in homes]
    foreign = factories.digits_of(factories.card_of(factories.HouseholdFactory()))
    items = [f"{keys.new()}|J05|1|{code}" for code in (digits[0], digits[1], digits[0], foreign, "12345")]
    for _ in range(2):
        lines = queued(member, f"/award/events/{event.id}/scans", "scan", *items)["lines"]
        assert [line["ok"] for line in lines] == [True, True, False, False, False]
    assert lines[2]["words"].endswith("这一户在这场活动里已经记过“参加环境整治（每户每次）”。")
    assert lines[3]["words"].endswith("不是本村的卡。")
    assert db.session.query(Deed).filter_by(event_id=event.id).count() == 2


def test_a_scan_that_was_booked_stays_so_when_the_card_is_replaced(member, event, homes, village):  # noqa: F811
    card, key = factories.card_of(homes[0]), keys.new()
    item = f"{key}|J05|1|{factories.digits_of(card)}"
    assert queued(member, f"/award/events/{event.id}/scans", "scan", item)["lines"][0]["ok"]
    clerk = factories.village_admin(village)
    card_services.reissue(village.id, card.id, key=keys.new(), by=clerk.id)
    assert queued(member, f"/award/events/{event.id}/scans", "scan", item)["lines"][0]["ok"]


def test_scans_after_the_closing_are_told(app, member, event, homes):
    event.closed_at, event.closed_by_id = clock.now(), factories.committee(homes[0].village).id
    db.session.commit()
    code = factories.digits_of(factories.card_of(homes[0]))
    with unchanged(app):
        lines = queued(member, f"/award/events/{event.id}/scans", "scan", f"{keys.new()}|J05|1|{code}")["lines"]
    assert "这场活动没有开着" in lines[0]["words"]
    assert member(f"/award/events/{event.id}/scan").select("[data-scan-form]") == []


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "1e3", "1000"])
def test_a_bad_quantity_is_refused(app, member, event, homes, quantity):
    form = member(f"/award/events/{event.id}/scan").select_one("[data-scan-form]")
    digits = factories.digits_of(factories.card_of(homes[0]))
    with unchanged(app):
        back = member.submit(form, 422, code=digits, quantity=quantity)
    assert "数量要填" in back.words(".scan .field-error")


def test_a_typed_household_code_goes_through_the_name_check(app, member, event, homes):
    form = member(f"/award/events/{event.id}/scan").select_one("[data-scan-form]")
    with unchanged(app):
        back = member.submit(form, 422, code=homes[0].code)
    assert "请扫积分卡或门牌码" in back.words(".scan .field-error")


def test_a_door_plate_is_scanned_too(member, event, homes, village, judges):  # noqa: F811
    door_services.issue_door_codes(village.id, by=judges[0].id)
    door = db.session.query(DoorCode).filter_by(household_id=homes[0].id).one()
    item = f"{keys.new()}|J05|1|{codes.derive_door(door)}"
    assert queued(member, f"/award/events/{event.id}/scans", "scan", item)["lines"][0]["ok"]
