"""A television from its pairing code over an hour without a network to its end; nothing is ever cut off, no memory leaks."""

import contextlib
import time
from datetime import timedelta

import pytest
from playwright.sync_api import Error, Page, Response, expect
from sqlalchemy import select, update

from tests import deeds, factories
from tests.browser import wall
from tests.browser.conftest import Live, axe
from virtue import clock
from virtue.core import keys
from virtue.extensions import db
from virtue.kiosk import announcement_services, screen_services
from virtue.kiosk import screen_queries as screens
from virtue.kiosk.announcement_services import Text
from virtue.kiosk.screen_services import Plan
from virtue.kiosk.slide_words import SLIDES
from virtue.people import consent_services as consents
from virtue.people.models import Household
from virtue.places.models import Village
from virtue.transactions import atomic

SIZES = ((1920, 1080), (1080, 1920), (1366, 768), (3840, 2160))
NEITHER_NAMED = ("red-board", "seal", "notices", "announcements")


@pytest.fixture
def village(app):
    village = factories.VillageFactory(name="富民新村", slug="fumin")
    grid = factories.GridFactory(village=village, number=1)
    civil = deeds.rule_of(
        village.id, name="见义勇为", name_en="Acts of courage", unit="civility", points=20, publish="red"
    )
    with clock.set_to(clock.now() - timedelta(days=1)):
        for number in range(9):
            # The longest names there are: those of minorities, in full by consent.
            house = factories.HouseholdFactory(
                grid=grid,
                code=f"62210000010{number}",
                head_name="阿卜杜热合曼·买买提伊明·托乎提" if number % 3 else "王智",
            )
            deeds.picked(
                deeds.settled(house, civil), "雪夜里帮三户邻居抢修被大风掀开的温室棚膜，一直干到天亮才回家吃上一口热饭"
            )
            consents.give_consent(village.id, house.id, "name_on_board", "signed", by=None)
    return village


@pytest.fixture
def clerk(village):
    clerk = factories.village_admin(village, name="周文书")
    last = clock.today() + timedelta(days=30)
    for kind, title, text in (
        ("job", "城北新村日光温室基地招番茄采摘工人二十名", "男女不限，六十岁以下，一天一百二十元，管一顿午饭，早上七点在村委会门口坐车。" * 3),
        ("training", "Electrician course", "Eight evenings at the town's school, with a certificate. Ask at the office. " * 1),
    ):  # fmt: skip
        words = Text(kind, title, text[:120], "镇就业和社会保障公共服务中心驻村服务站", last)
        announcement_services.add(village.id, words, key=keys.new(), by=clerk.id)
    return clerk


def paired(page: Page, live: Live, clerk, **changes) -> Page:
    """A page whose device is a screen that plays everything."""
    page.goto(live.url("/kiosk"))
    code = page.locator(".pairing-code").inner_text().replace(" ", "")
    fields = {
        "name": code, "slides": tuple(SLIDES), "seconds": 15, "on_from": "", "off_from": "", "is_tall": False,
        "is_slow": False, "is_led": False,
    }  # fmt: skip
    plan = Plan(**{**fields, **changes})
    village_id = db.session.scalars(select(Village.id)).one()
    screen_services.pair(village_id, code, plan, key=keys.new(), by=clerk.id)
    db.session.commit()
    return page


def slides_pass(page: Page, seconds: int = 15) -> set[str]:
    """Look at each slide until the first one stands again; gives what was wrong."""
    wrong, seen = set(), []
    while (here := wall.standing(page)) not in seen and len(seen) < 60:
        seen.append(here)
        wrong |= {f"{here}: {fault}" for fault in wall.faults(page)}
        wall.turn(page, seconds)
    assert len(seen) > 4
    return wrong


def test_nothing_is_cut_off_at_any_size_in_either_language(live, screen, clerk):
    tv = paired(screen("wall", reduced_motion="reduce"), live, clerk)
    state = tv.context.storage_state()
    wrong = []
    modes = [(size, lang, {}) for size in SIZES for lang in ("zh", "en")]
    modes += [((1920, 1080), "zh", {"is_tall": True}), ((1366, 768), "en", {"is_slow": True}), ((1920, 1080), "zh", {"is_led": True}), ((384, 192), "en", {"is_led": True})]  # fmt: skip
    for (width, height), lang, changes in modes:
        if changes:
            row = db.session.scalars(select(screens.Screen)).one()
            with atomic():
                all_off = {"is_tall": False, "is_slow": False, "is_led": False}
                db.session.execute(update(screens.Screen).values({**all_off, **changes, "version": row.version + 1}))
        page = screen("wall", viewport={"width": width, "height": height}, reduced_motion="reduce", storage_state=state)
        page.context.add_cookies([{"name": "lang", "value": lang, "url": live.base}])
        page.clock.install()
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.goto(live.url("/kiosk"))
        wrong += [f"{lang} {width}x{height} {changes}: {fault}" for fault in slides_pass(page, 30)]
        page.context.close()
    assert not wrong, "\n".join(wrong)


class Down:
    """The server in place of which something answers 503, until it is up again with an empty memory."""

    def __init__(self, live: Live) -> None:
        self.live, self.app = live, live.app.wsgi_app

    def __enter__(self) -> None:
        self.live.app.wsgi_app = self._busy

    def __exit__(self, *_error: object) -> None:
        self.live.app.wsgi_app = self.app
        self.live.app.extensions.pop("virtue_kept", None)
        self.live.faults[:] = [fault for fault in self.live.faults if "503" not in fault and "ERR_" not in fault]

    @staticmethod
    def _busy(_environ, start_response):
        start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b""]


def polls(page: Page, times: int = 1) -> None:
    """Let the page ask so often. It sets its next question when the last answer was worked in: until then time passes in vain."""
    answers: list[Response] = []

    def hear(answer: Response) -> None:
        answers.append(answer)

    page.on("response", hear)
    for _time in range(times):
        answers.clear()
        for _try in range(10):
            # A screen that was ended leaves the page while it is told the time.
            with contextlib.suppress(Error):
                page.clock.fast_forward(10_100)
            if _has_come(page, answers):
                break
        else:
            pytest.fail("the screen doesn't ask any more")
    page.remove_listener("response", hear)


def _has_come(page: Page, answers: list[Response]) -> bool:
    """Whether an answer to a question comes soon; each look lets the browser's news in."""
    for _look in range(80):
        page.context.cookies()
        if any(one.request.resource_type == "fetch" and one.url.endswith("/kiosk") for one in answers):
            return True
    return False


def standing_slides(page: Page) -> list[dict[str, bool]]:
    """Each slide that comes in a round: its id, and whether it names anybody."""
    seen: dict[str, bool] = {}
    while (here := wall.standing(page)) not in seen:
        seen[here] = page.locator(".slide.is-on").get_attribute("data-named") is not None
        page.clock.fast_forward(15_200)
    return seen


def test_through_an_hour_without_the_server_and_to_the_end(live, screen, clerk, village):
    tv = screen("wall", reduced_motion="reduce")
    tv.goto(live.url("/kiosk"))
    live.look(tv, "kiosk-pairing")
    assert axe(tv) == []
    paired(tv, live, clerk, slides=NEITHER_NAMED, name="门口")
    tv.clock.install()
    with tv.expect_response(lambda answer: answer.request.method == "POST"):
        tv.goto(live.url("/kiosk"))
    assert axe(tv) == []
    assert tv.evaluate("getComputedStyle(document.querySelector('.slide.is-on')).animationName") == "none"
    tv.wait_for_function("async () => navigator.serviceWorker.controller && await caches.match('/kiosk/last-good')")
    row = db.session.scalars(select(screens.Screen)).one()
    assert (row.name, row.seen_slide) == ("门口", "红榜")
    # What is taken back at the desk is gone at the next question.
    house = db.session.scalars(select(Household).where(Household.head_name == "王智")).first()
    expect(tv.locator("#slide-civility .ranks")).to_contain_text("王智家")
    for one in db.session.scalars(select(Household.id).where(Household.head_name == "王智")).all():
        consents.withdraw_consent(village.id, one, "name_on_board", by=clerk.id)
    polls(tv)
    expect(tv.locator("#slide-civility .ranks")).not_to_contain_text("王智家")
    assert house is not None
    with Down(live):
        polls(tv, 3)
        expect(tv.locator(".slide.is-on .as-of")).to_have_class("as-of is-amber")
        assert any(standing_slides(tv).values())
        tv.clock.fast_forward("10:00")
        assert not any(standing_slides(tv).values())
        tv.wait_for_function("async () => !(await caches.has('kiosk-named'))")
        # Switched off and on: the worker brings what may still stand.
        tv.reload()
        shown = standing_slides(tv)
        assert set(shown) >= {"seal-1", "announcements-1"}
        assert not any(shown.values())
        assert "买买提" not in tv.content()
        expect(tv.locator(".slide.is-on .as-of")).to_have_class("as-of is-amber")
        tv.clock.fast_forward("24:00:00")
        assert "is-grey" in tv.locator("[data-as-of]").first.get_attribute("class")
    polls(tv, 2)
    expect(tv.locator("[data-as-of]").first).to_have_class("as-of")
    assert any(standing_slides(tv).values())
    with Down(live):
        # A television that was off for an hour throws its names away before it shows anything.
        an_hour_ago = int((time.time() - 3600) * 1000)
        tv.evaluate(
            f"async () => (await caches.open('kiosk-plain')).put('/kiosk/last-good', new Response('{an_hour_ago}'))"
        )
        tv.reload()
        assert "买买提" not in tv.content()
    screen_services.revoke(village.id, row.id, key=keys.new(), by=clerk.id)
    db.session.commit()
    polls(tv)
    expect(tv.locator(".pairing-code")).to_be_visible()
    tv.wait_for_function("async () => !(await caches.match('/kiosk/last-good'))")
    live.faults[:] = [fault for fault in live.faults if "503" not in fault]


SPEEDED = """(() => {
  const later = window.setTimeout.bind(window);
  const channel = new MessageChannel(), waiting = [];
  channel.port1.onmessage = () => waiting.shift()();
  window.setTimeout = (act, ms) => {
    if (ms !== 10000) return later(act, Math.min(ms, 200));
    waiting.push(act);
    channel.port2.postMessage(0);
    return 0;
  };
  const real = window.fetch.bind(window);
  let page = null;
  window.polled = 0;
  window.until = 2000;
  window.fetch = async (url, options) => {
    if (options?.method === "POST") return new Response(null, { status: 204 });
    if (page === null) page = await (await real(url, { cache: "no-store" })).text();
    while (window.polled >= window.until) await new Promise((resolve) => later(resolve, 50));
    window.polled += 1;
    const headers = { ETag: `"${window.polled}"`, Date: new Date().toUTCString() };
    if (window.polled % 50) return new Response(null, { status: 304, headers });
    return new Response(page.replace("红榜", `红榜${window.polled % 7}`), { headers });
  };
})()"""


def test_twenty_thousand_refreshes_leave_the_heap_as_it_was(live, screen, clerk):
    tv = paired(screen("wall", reduced_motion="reduce"), live, clerk, slides=NEITHER_NAMED)
    tv.add_init_script(SPEEDED)
    tv.goto(live.url("/kiosk"))
    inspector = tv.context.new_cdp_session(tv)
    inspector.send("Performance.enable")

    def weighed(until: int) -> dict[str, float]:
        """The heap after so many refreshes, once nothing of them is under way any more."""
        tv.evaluate("until => { window.until = until; }", until)
        tv.wait_for_function("until => window.polled >= until", arg=until, timeout=120_000, polling=200)
        found: dict[str, float] = {}
        for _try in range(40):
            before = found
            inspector.send("HeapProfiler.collectGarbage")
            found = {one["name"]: one["value"] for one in inspector.send("Performance.getMetrics")["metrics"]}
            if before.get("Nodes") == found["Nodes"]:
                break
            tv.evaluate("() => new Promise((done) => requestIdleCallback(done))")
        return found

    early, late = weighed(2_000), weighed(22_000)
    assert late["JSHeapUsedSize"] - early["JSHeapUsedSize"] < 1_000_000
    assert late["Nodes"] - early["Nodes"] < 1_000
    assert late["JSEventListeners"] - early["JSEventListeners"] < 10
