"""The black board: every state, action and role; the ways down; and that nothing of it is left anywhere afterwards."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import deeds, factories
from tests.pages import unchanged
from virtue import clock
from virtue.awarding.errors import ReasonNeeded
from virtue.core import keys, remarks, settings
from virtue.core.models import Audit, RequestKey
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.honours import black_board, black_ending, black_places, black_queries
from virtue.honours.black_board import Report
from virtue.honours.black_errors import (
    BadPlaceName,
    BadRepairDay,
    BlackBoardOff,
    BlackMovedOn,
    BlackTextMissing,
    BlackTextNames,
    GridTooSmall,
    HandInEntry,
    NotForBlackBoard,
    PlaceNotShared,
    PlaceTaken,
    RepairDaysRunning,
    UnknownPlace,
)
from virtue.honours.black_models import BlackEntry, BlackState
from virtue.honours.black_states import BLACK_STEPS
from virtue.ledger import services as ledger
from virtue.office import services as office
from virtue.office.daily import settle_village
from virtue.people import services as people
from virtue.staff.roles import PERMISSIONS
from virtue.transactions import atomic

PROBLEM, TO_DO = "羊粪堆在路口，下雨淌到路上", "搬到堆粪场"
PORTAL, WALL = "/v/fumin/black-board", "/kiosk/fumin/black-board"


class Black:
    """The hall's black board, switched on, with one public place."""

    def __init__(self, hall):
        self.hall, self.here = hall, hall.village.id
        self.switch(is_on=True)
        self.place_id = self.add_place("主巷道")

    def switch(self, *, is_on):
        office.change_settings(
            self.here, {"black_board": is_on}, phone=None, store_name=None, by=self.id("village_admin")
        )

    def id(self, name):
        return self.hall.id(name)

    def add_place(self, name, *, is_shared=True, grid_id=None, by="village_admin"):
        done = black_places.add_place(
            self.here, grid_id or self.hall.grid.id, name, is_shared=is_shared, key=keys.new(), by=self.id(by)
        )
        return done.result["place_id"]

    def report(self, problem=PROBLEM, to_do=TO_DO, by="committee", **where):
        what = Report(problem, to_do, **(where or {"place_id": self.place_id}))
        return black_board.report(self.here, what, key=keys.new(), by=self.id(by)).result["entry_id"]

    def tell(self, entry_id, days=7, by="committee", how="in_person"):
        due_on = clock.today() + timedelta(days=days)
        return black_board.tell(self.here, entry_id, how, due_on, key=keys.new(), by=self.id(by)).result

    def decide(self, entry_id, by="reviewer"):
        return black_board.decide(self.here, entry_id, key=keys.new(), by=self.id(by)).result["state"]

    def object(self, entry_id, words="那里早就清了", by=None):
        by_id = self.id(by) if by else None
        return black_board.object_to(self.here, entry_id, words, key=keys.new(), by=by_id).result["state"]

    def answer(self, entry_id, *, is_upheld=True, why="到现场看过", by="supervisor"):
        done = black_board.answer(self.here, entry_id, is_upheld=is_upheld, why=why, key=keys.new(), by=self.id(by))
        return done.result["state"]

    def repair(self, entry_id, by="committee"):
        return black_board.repair(self.here, entry_id, key=keys.new(), by=self.id(by)).result["state"]

    def take_down(self, entry_id, why="写错了地方", by="village_admin"):
        return black_board.take_down(self.here, entry_id, why=why, key=keys.new(), by=self.id(by)).result["state"]

    def bring(self, state, **report):
        """An entry in a state, by the way that leads there; a row that waited is told and decided eight days later."""
        entry_id = self.report(**report)
        if state == "reported":
            return entry_id
        now = clock.now()
        with clock.set_to(now - timedelta(days=8)):
            self.tell(entry_id)
        if state in {"signed", "posted", "objected", "withdrawn", "over"}:
            self.decide(entry_id)
        if state in {"posted", "objected", "withdrawn", "over"}:
            assert self.decide(entry_id, by="second") == "posted"
        if state == "objected":
            self.object(entry_id)
        if state == "repaired":
            self.repair(entry_id)
        if state in {"withdrawn", "dropped"}:
            self.take_down(entry_id)
        if state == "over":
            with clock.set_to(now + timedelta(days=31)):
                black_ending.settle_due(self.here)
        assert self.state(entry_id) == state
        return entry_id

    def state(self, entry_id):
        db.session.expire_all()
        return black_queries.find_entry(self.here, entry_id).state

    def shown(self):
        db.session.expire_all()
        found = black_queries.posted(self.here, clock.today())
        return [(one.grid, one.place, one.problem, one.to_do, one.until) for one in found]


@pytest.fixture
def black(hall):
    return Black(hall)


def line(days=30, place="主巷道"):
    return ("第3网格", place, PROBLEM, TO_DO, clock.today() + timedelta(days=days))


def is_nowhere(visitor, *, etags=()):
    """Nothing of it at a public address, fresh or asked for with what a cache has."""
    addresses = (PORTAL, WALL, "/v/fumin/", "/v/fumin/red-board", "/kiosk/fumin/red-board", "/v/fumin/notices", "/")
    for address in addresses:
        for language in ("zh", "en"):
            for etag in (None, *etags):
                person = visitor()
                person.client.set_cookie("lang", language)
                answer = person.raw("GET", address, headers={"If-None-Match": etag} if etag else {})
                assert (etag is None or answer.status_code != 304, address) == (True, address)
                assert PROBLEM not in answer.text
                assert TO_DO not in answer.text
    return True


def test_from_the_report_to_the_board_by_two_and_down_at_its_date(app, black):
    entry_id = black.report()
    assert black.tell(entry_id)["state"] == "told"
    now = clock.now()
    with clock.set_to(now + timedelta(days=7)), unchanged(app), pytest.raises(RepairDaysRunning):
        black.decide(entry_id)
    with clock.set_to(now + timedelta(days=8)):
        assert (black.decide(entry_id), black.shown()) == ("signed", [])
        for name in ("reviewer", "committee"):
            with unchanged(app), pytest.raises(HandInEntry):
                black.decide(entry_id, by=name)
        assert (black.decide(entry_id, by="second"), black.shown()) == ("posted", [line()])
    with clock.set_to(now + timedelta(days=38)):
        assert black.shown() == [line(days=0)]
        assert settle_village(black.here) == 0
    with clock.set_to(now + timedelta(days=39)):
        assert black.shown() == []
        assert (settle_village(black.here), settle_village(black.here)) == (1, 0)
    assert black.state(entry_id) == "over"
    rows = db.session.execute(
        sa.select(Audit.action, Audit.by_id, Audit.household_id)
        .where(Audit.subject == "black_entry")
        .order_by(Audit.id)
    ).all()
    assert [tuple(row) for row in rows] == [
        ("honours.black_report", black.id("committee"), None), ("honours.black_tell", black.id("committee"), None),
        ("honours.black_decide", black.id("reviewer"), None), ("honours.black_decide", black.id("second"), None),
        ("honours.black_end", None, None),
    ]  # fmt: skip


def test_every_action_from_every_state_moves_or_is_refused(app, black):
    ways = {
        "tell": black.tell, "sign": lambda one: black.decide(one, by="third"), "object": black.object,
        "uphold": black.answer, "keep": lambda one: black.answer(one, is_upheld=False), "repair": black.repair,
        "drop": black.take_down,
    }  # fmt: skip
    decides = {"sign": "sign", "post": "sign", "withdraw": "drop"}
    for state in BlackState:
        for name, act in ways.items():
            entry_id = black.bring(state)
            steps = [step for step in BLACK_STEPS if decides.get(step, step) == name]
            target = next((BLACK_STEPS[step].target for step in steps if state in BLACK_STEPS[step].sources), None)
            if target is None:
                with unchanged(app), pytest.raises(BlackMovedOn):
                    act(entry_id)
            else:
                act(entry_id)
                assert (state, name, black.state(entry_id)) == (state, name, target)
            with atomic():
                db.session.execute(sa.delete(BlackEntry))


def test_it_is_down_everywhere_in_every_way_at_once(app, black, visitor):
    clerk = black.id("village_admin")
    hall = black.hall
    ways = {
        "repair": black.repair,
        "objection from a passbook": black.object,
        "objection at the desk": lambda one: black.object(one, by="supervisor"),
        "withdrawal": black.take_down,
        "place taken off the list": lambda _one: black_places.end_place(
            black.here, black.place_id, key=keys.new(), by=clerk
        ),
        "switched off": lambda _one: black.switch(is_on=False),
        "a villager of that name": lambda _one: hall.house("羊粪", "622100000999"),
    }
    for way, act in ways.items():
        entry_id = black.bring("posted")
        wall = visitor()(WALL)
        portal = visitor()(PORTAL)
        assert (way, PROBLEM in wall.response.text, PROBLEM in portal.response.text) == (way, True, True)
        assert [one.response.headers["Cache-Control"] for one in (wall, portal)] == ["no-store", "no-store"]
        etag = wall.response.headers["ETag"]
        assert visitor().raw("GET", WALL, headers={"If-None-Match": etag}).status_code == 304
        act(entry_id)
        assert (way, black.shown()) == (way, [])
        assert is_nowhere(visitor, etags=(etag,))
        with atomic():
            db.session.execute(sa.delete(BlackEntry))
            settings.change("black_board", True, black.here)
        if way.startswith("place"):
            black.place_id = black.add_place("主巷道")
    assert visitor()(WALL).words(".wall-empty").startswith("现在没有")


def test_switching_on_again_brings_nothing_back(black, visitor):
    entry_id = black.bring("posted")
    black.switch(is_on=False)
    assert black.state(entry_id) == "withdrawn"
    visitor()(PORTAL, 404)
    black.switch(is_on=True)
    assert (black.shown(), visitor()(PORTAL).select("#black li")) == ([], [])


def test_off_nothing_begins_but_taking_down_goes_on(app, black):
    told, signed = black.bring("told"), black.bring("signed")
    black.switch(is_on=False)
    reported = db.session.query(BlackEntry).count()
    for act in (black.report, lambda: black.decide(told), lambda: black.decide(signed, by="second")):
        with unchanged(app), pytest.raises(BlackBoardOff):
            act()
    assert (black.repair(told), black.take_down(signed)) == ("repaired", "dropped")
    assert db.session.query(BlackEntry).count() == reported


def test_what_was_repaired_or_given_up_is_forgotten_and_the_rest_kept_for_the_desk(black):
    for state, is_kept in (("repaired", False), ("dropped", False), ("withdrawn", True), ("over", True)):
        entry = black_queries.find_entry(black.here, black.bring(state))
        assert (state, set(remarks.texts([entry.problem_id, entry.to_do_id]).values())) == (
            state, {PROBLEM, TO_DO} if is_kept else set(),
        )  # fmt: skip
    upheld = black.bring("objected")
    black.answer(upheld)
    entry = black_queries.find_entry(black.here, upheld)
    assert remarks.texts([entry.problem_id, entry.to_do_id]) == {}


def test_an_objection_is_looked_at_by_others_and_begins_anew_with_days_and_two_words(app, black):
    entry_id = black.bring("objected")
    with unchanged(app), pytest.raises(ReasonNeeded):
        black.answer(entry_id, why=" ")
    for name in ("committee", "reviewer", "second"):
        with unchanged(app), pytest.raises(HandInEntry):
            black.answer(entry_id, by=name)
    assert black.answer(entry_id, is_upheld=False) == "told"
    entry = black_queries.find_entry(black.here, entry_id)
    assert (entry.first_by_id, entry.second_by_id, entry.ends_on) == (None, None, None)
    assert entry.due_on == clock.today() + timedelta(days=7)
    with unchanged(app), pytest.raises(RepairDaysRunning):
        black.decide(entry_id)


def test_who_objected_is_kept_nowhere(black):
    entry_id = black.bring("posted")
    black.object(entry_id, "那是集体的料")
    audit = db.session.scalars(sa.select(Audit).where(Audit.action == "honours.black_object")).one()
    assert (audit.by_id, audit.household_id, audit.remark_id) == (None, None, None)
    key = db.session.scalars(sa.select(RequestKey).where(RequestKey.purpose == "honours.black_object")).one()
    assert set(key.result) == {"entry_id", "state"}


def test_places_are_public_and_words_name_nobody(app, black):
    hall = black.hall
    hall.house("马成海", "622100000001")
    tiny = factories.GridFactory(village=hall.village, number=9)
    foreign = factories.GridFactory(village=factories.VillageFactory())
    for refusal, name, more in (
        (BadPlaceName, "渠", {}), (BadPlaceName, "路" * 21, {}), (BadPlaceName, "马成海门口", {}),
        (BadPlaceName, "李家门前", {}), (BadPlaceName, "12号院内", {}), (BadPlaceName, "某家屋后", {}),
        (PlaceNotShared, "小广场", {"is_shared": False}), (UnknownPlace, "小广场", {"grid_id": foreign.id}),
        (PlaceTaken, "主巷道", {}),
    ):  # fmt: skip
        with unchanged(app), pytest.raises(refusal):
            black.add_place(name, **more)
    for refusal, report in (
        (BlackTextMissing, {"problem": "脏"}), (BlackTextMissing, {"to_do": " "}), (BlackTextMissing, {"problem": "脏" * 41}),
        (BlackTextNames, {"problem": "马成海乱倒垃圾"}), (BlackTextNames, {"to_do": "叫人家清走"}),
        (BlackTextNames, {"problem": "车牌和电话13912345678"}),
        (UnknownPlace, {"place_id": 9999}), (UnknownPlace, {"grid_id": foreign.id}), (GridTooSmall, {"grid_id": tiny.id}),
    ):  # fmt: skip
        with unchanged(app), pytest.raises(refusal):
            black.report(**report)
    for number in range(10, 15):
        hall.house("李秀兰", f"6221000000{number}", grid=tiny)
    posted = black.bring("posted", grid_id=tiny.id)
    assert [row[:2] for row in black.shown()] == [("第9网格", "")]
    assert black.state(posted) == "posted"


def test_a_settled_deduction_told_by_place_may_be_the_source_and_takes_it_down_when_reversed(app, black):
    hall = black.hall
    fine = deeds.rule_of(
        hall.village.id, name="乱堆乱放", unit="civility", points=-5, publish="place_only", route="deduction"
    )
    house = hall.house()
    deed, listed = deeds.settled(house, fine), hall.deed(house)
    for wrong in (listed.id, deed.id + 1000):
        with unchanged(app), pytest.raises(NotForBlackBoard):
            black.report(place_id=black.place_id, deed_id=wrong)
    hall.kin("committee", house)
    with unchanged(app), pytest.raises(OwnKin):
        black.report(place_id=black.place_id, deed_id=deed.id)
    entry_id = black.report(place_id=black.place_id, deed_id=deed.id, by="village_admin")
    with clock.set_to(clock.now() - timedelta(days=8)):
        black.tell(entry_id)
    hall.kin("third", house)
    with unchanged(app), pytest.raises(OwnKin):
        black.decide(entry_id, by="third")
    black.decide(entry_id)
    black.decide(entry_id, by="second")
    assert black.shown() == [line()]
    with atomic():
        db.session.get(type(deed), deed.id).state = "reversed"
    assert black.shown() == []
    assert black_ending.settle_due(black.here) == 1
    assert black.state(entry_id) == "withdrawn"


def test_days_are_given_and_foreign_things_are_not_found(app, black):
    entry_id = black.report()
    for days in (6, 68):
        with unchanged(app), pytest.raises(BadRepairDay):
            black.tell(entry_id, days=days)
    with unchanged(app), pytest.raises(BadRepairDay):
        black.tell(entry_id, how="in public")
    elsewhere = factories.VillageFactory()
    with atomic():
        ledger.lock(elsewhere.id)
    with unchanged(app), pytest.raises(NotFoundHere):
        black_board.repair(elsewhere.id, entry_id, key=keys.new(), by=black.id("committee"))
    with unchanged(app), pytest.raises(NotFoundHere):
        black_places.end_place(elsewhere.id, black.place_id, key=keys.new(), by=black.id("village_admin"))


# ---- pages


def test_every_page_and_step_by_every_role(app, black, visitor):
    ids = {state: black.bring(state) for state in ("reported", "told", "signed", "posted", "objected")}
    people_by_role = {name: visitor().sign_in(black.hall.staff[name]) for name in factories.CAST}
    posts = {
        "tell": ("reported", "boards.report"), "decide": ("signed", "boards.decide"), "object": ("posted", "notices.take"),
        "answer": ("objected", "notices.settle"), "take-down": ("reported", "boards.withdraw"),
        "repair": ("posted", "boards.report"),
    }  # fmt: skip
    for role, person in people_by_role.items():
        may = PERMISSIONS[role]
        for address, permission in (
            ("/boards/black", "boards.view"), (f"/boards/black/{ids['posted']}", "boards.view"),
            ("/boards/black/report", "boards.report"), ("/boards/places", "boards.places"),
            ("/boards/black/print", "boards.view"),
        ):  # fmt: skip
            person(address, 200 if permission in may else 403)
        for step, (state, permission) in posts.items():
            if permission not in may:
                person.post(f"/boards/black/{ids[state]}/{step}", {"key": keys.new()}, 403)
        assert [black.state(one) for one in ids.values()] == list(ids)
    for step in posts:
        people_by_role["village_admin"].post(
            f"/boards/black/999999/{step}", {}, 403 if step in {"decide", "answer"} else 404
        )


def test_from_lead_to_wiped_on_the_pages(black, visitor, page):
    hall = black.hall
    committee, reviewer, second = (visitor().sign_in(hall.staff[name]) for name in ("committee", "reviewer", "second"))
    form = committee("/boards/black/report").select_one("#report")
    refused = committee.submit(form, 422, where="", problem=PROBLEM, to_do=TO_DO)
    assert refused.select_one("#problem")["value"] == PROBLEM
    made = committee.submit(refused.select_one("#report"), 303, where=f"place-{black.place_id}")
    address = made.location
    step = committee(address).select_one("#steps form")
    assert committee.submit(step, 422, due_on="never").words(".form-error").startswith("整改的最后一天")
    now = clock.now()
    with clock.set_to(now - timedelta(days=8)):
        early = visitor().sign_in(hall.staff["committee"])
        step = early(address).select_one("#steps form")
        early.submit(step, 303)
    for person in (reviewer, second):
        person.submit(person(address).select_one("#steps form[action$=decide]"), 303)
    assert visitor()(PORTAL).texts("#black li b") == ["第3网格 主巷道"]
    assert visitor()(WALL).rows(".black-table")[0][:3] == ["第3网格 主巷道", PROBLEM, TO_DO]
    assert PROBLEM in committee("/boards/black/print?paper=a3").words("table")
    assert "王" not in visitor()(PORTAL).words("main")
    committee.submit(committee(address).select_one("#steps form[action$=repair]"), 303)
    assert is_nowhere(visitor)
    committee("/boards/black/print", 404)
    assert "已抹去" in committee("/boards/black?only=over").words("#entries")
    assert PROBLEM not in committee(address).response.text


def test_a_household_objects_from_its_passbook(black, visitor):
    house = black.hall.house()
    entry_id = black.bring("posted")
    card = factories.digits_of(factories.card_of(house))
    people.choose_pin(house.id, "482913")
    own = visitor()
    own(f"/c/{card}", 303)
    own.submit(own("/passbook/pin").select_one("main form"), 303, pin="482913")
    link = visitor()(PORTAL).select_one("#black a.btn")["href"]
    form = own(link).select_one("main form")
    assert own.submit(form, 422, words=" ").words(".form-error")
    own.submit(own(link).select_one("main form"), 303, words="早就清走了")
    assert (black.state(entry_id), is_nowhere(visitor)) == ("objected", True)
    own(link, 404)


def test_the_clerk_keeps_the_list_of_places(black, page):
    page.sign_in(black.hall.staff["village_admin"])
    form = page("/boards/places").select_one("#new-place")
    refused = page.submit(form, 422, name="小广场")
    assert "大家都用" in refused.words(".form-error")
    page.submit(refused.select_one("#new-place"), 303, name="小广场", is_shared="1")
    assert [words.split()[0] for words in page("/boards/places").texts("#places li")] == ["主巷道", "小广场"]
    page.submit(page("/boards/places").select("#places form")[1], 303)
    assert len(page("/boards/places").select("#places li")) == 1


def test_days_on_the_board_are_the_villages_setting(black):
    with atomic():
        settings.change("black_board_days", 10, black.here)
    black.bring("posted")
    assert [row[-1] for row in black.shown()] == [clock.today() + timedelta(days=10)]
