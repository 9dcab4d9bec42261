"""Opening days: what is open when, what everybody reads, what the till says and the trail keeps."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.core.models import Audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.store import opening_queries, opening_services, opening_words, services
from virtue.store.opening_forms import read_days
from virtue.store.opening_models import Opening
from virtue.store.opening_queries import Hours
from virtue.store.opening_services import BadHours, BadOpeningDay, BadPause, NoOpeningDays
from virtue.store.services import Piece

MORNING, AFTERNOON = Hours(540, 720), Hours(870, 1050)
TUESDAY = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # 11:00 in Shanghai


@pytest.fixture
def tuesday():
    with clock.set_to(TUESDAY):
        yield


def set_week(shop, hours, *, key=None):
    return opening_services.set_weekdays(
        shop.village.id, shop.store.id, hours, key=key or keys.new(), by=shop.keeper.id
    )  # fmt: skip


def add_days(shop, days, *spans):
    return opening_services.add_days(
        shop.village.id, shop.store.id, days, spans or (MORNING,), key=keys.new(), by=shop.keeper.id
    )


def pause(shop, first, last, reason="盘点"):
    return opening_services.pause(
        shop.village.id, shop.store.id, first, last, reason, key=keys.new(), by=shop.keeper.id
    )  # fmt: skip


def said(shop, at=None):
    return opening_words.say(opening_queries.schedules(shop.village.id)[0], at or clock.now())


def at(hour, minute=0, days=0):
    """An hour in Shanghai, some days after that Tuesday."""
    return clock.start_of(date(2026, 11, 24) + timedelta(days=days)) + timedelta(hours=hour, minutes=minute)


# ---- what is open when ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("tuesday")
def test_words_before_in_and_after_the_hours(shop):
    set_week(shop, {1: (MORNING, AFTERNOON), 5: (MORNING,)})
    assert said(shop, at(8)).words == "现在没有开门。下次开门：11月24日（周二）上午9点"
    assert (said(shop, at(9)).is_open, said(shop, at(9)).words) == (True, "现在开门，到中午12点。")
    assert said(shop, at(12)).words == "现在没有开门。下次开门：11月24日（周二）下午2点半"
    assert said(shop, at(17, 30)).words == "现在没有开门。下次开门：11月28日（周六）上午9点"


@pytest.mark.usefixtures("tuesday")
def test_a_market_day_replaces_its_weekdays_hours(shop):
    set_week(shop, {1: (MORNING,), 5: (AFTERNOON,)})
    add_days(shop, [date(2026, 11, 28)], Hours(540, 690))
    assert said(shop, at(13)).words == "现在没有开门。下次开门：11月28日（集日）上午9点"
    assert said(shop, at(10, days=4)).words == "现在开门，到上午11点半。"
    assert not said(shop, at(15, days=4)).is_open
    assert said(shop, at(15, days=11)).is_open


@pytest.mark.usefixtures("tuesday")
def test_a_pause_closes_whatever_the_hours_say_and_ends(shop):
    set_week(shop, dict.fromkeys(range(7), (MORNING,)))
    held = pause(shop, date(2026, 11, 24), date(2026, 11, 26), "年终盘点。")
    assert said(shop).words == "暂停开门到11月26日：年终盘点。下次开门：11月27日（周五）上午9点"
    done = opening_services.end_pause(
        shop.village.id, shop.store.id, held.result["pause_id"], key=keys.new(), by=shop.keeper.id
    )
    assert done.result == {"store_id": shop.store.id}
    assert said(shop).is_open


@pytest.mark.usefixtures("tuesday")
def test_without_hours_nothing_is_said_or_recorded(shop):
    assert opening_words.of_village(shop.village.id) == []
    assert opening_words.for_screen(shop.village.id, clock.today()) is None
    assert not opening_queries.is_outside_hours(shop.store.id, at(3))


@pytest.mark.usefixtures("tuesday")
def test_no_opening_ahead_is_said_so(shop):
    add_days(shop, [clock.today()])
    assert said(shop, at(13)).words == "现在没有开门。下次开门的日子还没有定。"


@pytest.mark.usefixtures("tuesday")
def test_the_screens_line_holds_the_whole_day(shop):
    add_days(shop, [date(2026, 11, 24), date(2026, 11, 28)], MORNING, AFTERNOON)
    words = set()
    for hour in range(24):
        with clock.set_to(at(hour)):
            words.add(opening_words.for_screen(shop.village.id, clock.today()))
    assert words == {"积分超市今天上午9点到中午12点、下午2点半到下午5点半开门"}
    assert opening_words.for_screen(shop.village.id, date(2026, 11, 25)) == "积分超市下次开门：11月28日（集日）上午9点"


@pytest.mark.usefixtures("tuesday")
def test_the_quick_question_agrees_with_the_schedule_at_every_hour(shop):
    set_week(shop, {1: (MORNING, AFTERNOON), 2: (MORNING,)})
    add_days(shop, [date(2026, 11, 25)], AFTERNOON)
    pause(shop, date(2026, 11, 26), date(2026, 11, 26))
    schedule = opening_queries.schedules(shop.village.id)[0]
    for day in range(8):
        for minute in range(0, 1440, 30):
            moment = at(0, minute, day)
            is_open = schedule.open_until(moment) is not None
            assert opening_queries.is_outside_hours(shop.store.id, moment) is not is_open, moment


# ---- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spans", [(Hours(540, 540),), (MORNING, Hours(700, 800)), (MORNING, AFTERNOON, Hours(1100, 1200)), (Hours(1400, 1500),)],
    ids=["no time", "overlap", "three", "after midnight"],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused(app, shop, spans):
    with unchanged(app), pytest.raises(BadHours):
        set_week(shop, {0: spans})


def test_days_gone_by_or_too_far_are_refused(app, shop):
    for day in (clock.today() - timedelta(days=1), clock.today() + timedelta(days=401)):
        with unchanged(app), pytest.raises(BadOpeningDay):
            add_days(shop, [clock.today(), day])
    with unchanged(app), pytest.raises(NoOpeningDays):
        add_days(shop, [])


def test_a_pause_needs_a_reason_and_an_end(app, shop):
    today = clock.today()
    for first, last, reason in (
        (today, today, " "), (today, today - timedelta(days=1), "盘点"),
        (today - timedelta(days=3), today - timedelta(days=1), "盘点"), (today, today + timedelta(days=401), "盘点"),
    ):  # fmt: skip
        with unchanged(app), pytest.raises(BadPause):
            pause(shop, first, last, reason)


def test_another_villages_store_is_not_found(app, shop):
    neighbour = factories.VillageFactory()
    factories.give(factories.HouseholdFactory(grid__village=neighbour), home=1)
    with unchanged(app), pytest.raises(NotFoundHere):
        opening_services.set_weekdays(neighbour.id, shop.store.id, {0: (MORNING,)}, key=keys.new(), by=shop.keeper.id)


def test_the_same_sending_twice_is_one(shop):
    key = keys.new()
    for _ in range(2):
        set_week(shop, {0: (MORNING,)}, key=key)
    assert db.session.query(Opening).count() == 1
    assert db.session.query(Audit).filter_by(action="store.set_hours").count() == 1


# ---- the till ------------------------------------------------------------------------------------------------------


def sell(shop):
    basket = [Piece(shop.salt.id, 1, "home", next(p.id for p in shop.salt.prices if p.unit == "home"))]
    return services.redeem(shop.village.id, shop.store.id, shop.household.id, basket, key=keys.new(), by=shop.keeper.id)


def test_goods_go_out_while_closed_and_the_trail_says_so(shop):
    tomorrow = clock.start_of(clock.today() + timedelta(days=1))
    with clock.set_to(tomorrow + timedelta(hours=10)):
        add_days(shop, [clock.today()])
        sell(shop)
    with clock.set_to(tomorrow + timedelta(hours=13)):
        sell(shop)
    rows = db.session.scalars(select(Audit.details).where(Audit.action == "store.redeem").order_by(Audit.id)).all()
    assert [row["outside_hours"] for row in rows] == [None, True]


@pytest.mark.usefixtures("tuesday")
def test_the_till_warns_while_closed(page, shop):
    keeper = page.sign_in(shop.keeper)
    assert keeper("/till").select_one("#till-closed") is None
    add_days(shop, [date(2026, 11, 28)])
    assert "下次开门：11月28日（集日）上午9点。 照样可以兑换" in keeper("/till").words("#till-closed")


# ---- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("tuesday")
def test_set_hours_days_and_a_pause_by_page(page, shop):
    keeper = page.sign_in(shop.keeper)
    form = keeper("/store/opening").select_one("#hours-form")
    keeper.submit(form, 303, **{"opens-1-1": "09:00", "closes-1-1": "12:00"})
    form = keeper("/store/opening").select_one("#market-days form")
    keeper.submit(form, 303, days="11月28日，12.3\n2026-12-08")
    shown = keeper("/store/opening")
    assert shown.select_one("[name=opens-1-1]")["value"] == "09:00"
    assert "现在开门，到中午12点。" in shown.words()
    assert [" ".join(row.get_text(" ").split())[:12] for row in shown.select("#coming li")][:2] == [
        "11月24日 周二 上午",
        "11月28日 集日 上午",
    ]
    keeper.submit(shown.select_one("#coming form"), 303)
    assert "11月28日" not in keeper("/store/opening").words("#coming")
    form = keeper("/store/opening").select_one("#new-pause form")
    keeper.submit(form, 303, until_on="2026-11-25", reason="停电")
    shown = keeper("/store/opening")
    assert "暂停开门到11月25日：停电。" in shown.words()
    keeper.submit(shown.select_one("#pauses form"), 303)
    assert "已提前结束" in keeper("/store/opening").words("#pauses")


@pytest.mark.usefixtures("tuesday")
def test_wrong_hours_and_days_come_back_as_typed(app, page, shop):
    keeper = page.sign_in(shop.keeper)
    with unchanged(app):
        back = keeper.submit(
            keeper("/store/opening").select_one("#hours-form"), 422, **{"opens-2-1": "12:00", "closes-2-1": "9:00"}
        )
    assert back.select_one("[name=opens-2-1]")["value"] == "12:00"
    assert "关门要晚于开门" in back.words("#hours-2-error")
    with unchanged(app):
        back = keeper.submit(
            back.select_one("#market-days form"), 422, days="二月三十", **{"opens-1": "9:00", "closes-1": ""}
        )
    assert "“二月三十”不是日期" in back.words("#days-error")
    assert back.select_one("textarea#days").get_text() == "二月三十"
    with unchanged(app):
        back = keeper.submit(back.select_one("#new-pause form"), 422, until_on="2026-11-20", reason="停电")
    assert back.select_one("[name=reason]")["value"] == "停电"


def test_days_in_every_usual_spelling():
    today = date(2026, 11, 24)
    typed = read_days({"days": "11月28日、12.3 2027/1/5，1-2", "opens-1": "9:00", "closes-1": "12：00"}, today)
    assert typed.errors == {}
    assert typed.days == [date(2026, 11, 28), date(2026, 12, 3), date(2027, 1, 5), date(2027, 1, 2)]
    assert typed.hours == (MORNING,)


@pytest.mark.usefixtures("tuesday")
def test_everybody_reads_it(page, shop):
    add_days(shop, [date(2026, 11, 28)])
    words = "积分超市： 现在没有开门。下次开门：11月28日（集日）上午9点".replace(" ", "")
    for url in (f"/v/{shop.village.slug}/", f"/v/{shop.village.slug}/goods"):
        assert words in page(url).words(".opening").replace(" ", "")
    assert "积分超市下次开门：11月28日（集日）上午9点" in page(f"/kiosk/{shop.village.slug}/red-board").words(
        ".slide-foot"
    )


def test_who_may_not(page, visitor, shop):
    stranger = page.sign_in(factories.keeper(factories.VillageFactory()))
    stranger.post(f"/store/opening/{shop.store.id}/hours", {"key": keys.new()}, 404)
    stranger(f"/store/opening?store={shop.store.id}", 404)
    watcher = visitor().sign_in(factories.supervisor(shop.village))
    assert watcher("/store/opening").select("form[method=post][action*=opening]") == []
    watcher.post(f"/store/opening/{shop.store.id}/hours", {"key": keys.new()}, 403)
