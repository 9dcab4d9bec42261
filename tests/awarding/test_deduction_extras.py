"""Deductions, further: the passbook of who is away, repair and its check, too few reviewers, the slip."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import deeds, factories, photos
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import deductions, invariants, queries, repairs, stand_ins
from virtue.awarding.deductions import Lead, Telling
from virtue.awarding.errors import (
    AbsentByPhone,
    AlreadySigned,
    AnotherChecks,
    EnoughReviewers,
    NobodyToDraw,
    NotDrawn,
    RebuttalStillRunning,
    RepairOver,
    RepairStillRunning,
    RepairUnchecked,
    WrongState,
)
from virtue.awarding.models import Deduction, Deed, DeedStep, StandIn
from virtue.core import files, keys, remarks
from virtue.core.invariants import Run
from virtue.core.models import StoredFile
from virtue.core.pictures import clean_picture
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.passbook import history_queries
from virtue.people.models import Recusal
from virtue.transactions import atomic


class Case:
    """A village where somebody dumped rubbish; every act is the service's, with a fresh key."""

    def __init__(self):
        self.village = factories.VillageFactory()
        grid = factories.GridFactory(village=self.village)
        self.household = factories.HouseholdFactory(grid=grid, head_name="王永智", code="622100000147")
        factories.give(self.household, civility=20)
        self.rule = deeds.rule_of(
            self.village.id,
            name="乱堆乱放",
            unit="civility",
            points=-5,
            route="deduction",
            publish="place_only",
            entry="scan",
        )
        self.reporter = factories.committee(self.village, name="李执委")
        self.second = factories.village_admin(self.village, name="周文书")
        self.judges = [factories.reviewer(self.village, name=name) for name in ("张评议", "陈评议")]

    def lead(self, *, picture=None, **what) -> int:
        found = Lead(self.household.id, self.rule.id, clock.today(), what.pop("words", "柴草堆在路边"), **what)
        return deductions.lead(self.village.id, found, key=keys.new(), by=self.reporter.id, picture=picture).result[
            "deed_id"
        ]

    def verified(self, **what) -> int:
        deed_id = self.lead(**what)
        self.do(deductions.verify, deed_id, self.second)
        return deed_id

    def told(self, **what) -> int:
        deed_id = self.verified(**what)
        deductions.tell(self.village.id, deed_id, Telling("in_person"), key=keys.new(), by=self.reporter.id)
        return deed_id

    def do(self, act, deed_id, user=None, **more):
        if user is not None:
            more["by"] = user.id
        return act(self.village.id, deed_id, key=keys.new(), **more)

    def kin(self, *users) -> None:
        for user in users:
            db.session.add(
                Recusal(village_id=self.village.id, user_id=user.id, household_id=self.household.id, relation="sibling",
                        declared_at=clock.now() - timedelta(days=1))
            )  # fmt: skip
        db.session.commit()

    def facts(self, deed_id) -> Deduction:
        db.session.expire_all()
        return db.session.get(Deduction, deed_id)

    def state(self, deed_id) -> str:
        db.session.expire_all()
        return db.session.get(Deed, deed_id).state


@pytest.fixture
def case(app) -> Case:
    return Case()


def later(days):
    return clock.set_to(clock.now() + timedelta(days=days))


def actions(deed_id):
    return list(db.session.scalars(sa.select(DeedStep.action).where(DeedStep.deed_id == deed_id).order_by(DeedStep.id)))


# ---- away


@pytest.mark.parametrize("how", ["in_person", "slip", "refused"])
def test_who_is_away_is_told_by_phone_alone(app, case, how):
    deed_id = case.verified()
    with unchanged(app), pytest.raises(AbsentByPhone):
        deductions.tell(case.village.id, deed_id, Telling(how, is_absent=True), key=keys.new(), by=case.reporter.id)
    telling = Telling("phone", is_absent=True)
    deductions.tell(case.village.id, deed_id, telling, key=keys.new(), by=case.reporter.id)
    assert case.facts(deed_id).rebuttal_until == clock.today() + timedelta(days=15)


def test_staff_cannot_say_that_a_passbook_was_opened(app, case):
    deed_id = case.verified()
    with unchanged(app), pytest.raises(WrongState):
        deductions.tell(case.village.id, deed_id, Telling("passbook"), key=keys.new(), by=case.reporter.id)


def test_what_lies_in_the_passbook_is_told_when_it_is_opened(app, case):
    deed_id = case.verified()
    with unchanged(app), pytest.raises(WrongState):
        case.do(deductions.open_in_passbook, deed_id)
    case.do(deductions.offer, deed_id, case.reporter)
    assert (case.state(deed_id), case.facts(deed_id).told_on) == ("verified", None)
    with unchanged(app), pytest.raises(WrongState):
        case.do(deductions.offer, deed_id, case.reporter)
    with later(2):
        case.do(deductions.open_in_passbook, deed_id)
        facts = case.facts(deed_id)
        assert (facts.told_how, facts.told_by_id, facts.is_absent) == ("passbook", None, True)
        assert facts.rebuttal_until == clock.today() + timedelta(days=15)
    assert actions(deed_id) == ["lead", "verify", "offer", "tell"]
    with later(17), unchanged(app), pytest.raises(RebuttalStillRunning):
        case.do(deductions.decide, deed_id, case.judges[0])
    with later(18):
        case.do(deductions.decide, deed_id, case.judges[0])


def test_not_opened_it_may_still_be_told_otherwise(case):
    deed_id = case.verified()
    case.do(deductions.offer, deed_id, case.reporter)
    telling = Telling("phone", is_absent=True)
    deductions.tell(case.village.id, deed_id, telling, key=keys.new(), by=case.reporter.id)
    assert case.facts(deed_id).told_how == "phone"


# ---- how it was answered


@pytest.mark.parametrize(
    ("by_staff", "how", "kept"), [(True, "spoken", "spoken"), (True, "paper", "paper"), (False, "spoken", "passbook")]
)
def test_an_answer_says_how_it_came_and_who_took_it_down(case, by_staff, how, kept):
    deed_id = case.told()
    by = case.reporter.id if by_staff else None
    deductions.answer(case.village.id, deed_id, "当天就搬走了", how=how, key=keys.new(), by=by)
    facts = case.facts(deed_id)
    assert (facts.rebuttal_how, facts.rebuttal_by_id) == (kept, by)


# ---- repair


def test_put_right_and_checked_it_is_dropped_and_what_was_written_is_forgotten(app, case):
    deed_id = case.told(repair_until=clock.today() + timedelta(days=7))
    deductions.answer(case.village.id, deed_id, "马上搬", key=keys.new(), by=None)
    case.do(repairs.note_repaired, deed_id, case.reporter)
    with unchanged(app), pytest.raises(AnotherChecks):
        case.do(repairs.pass_repair, deed_id, case.reporter)
    case.do(repairs.pass_repair, deed_id, case.second)
    assert case.state(deed_id) == "dropped"
    facts, deed = case.facts(deed_id), db.session.get(Deed, deed_id)
    assert facts.repair_checked_by_id == case.second.id
    steps = queries.steps_of([deed_id])[deed_id]
    left = remarks.texts([deed.remark_id, facts.rebuttal_remark_id, *(step.remark_id for step in steps)])
    assert list(left.values()) == [repairs.DONE]
    assert [
        list(one.rows(Run())) for one in invariants.INVARIANTS if one.name in {"awarding.reason", "awarding.remark"}
    ] == [[], []]


def test_the_household_says_it_itself_and_one_person_checks(case):
    deed_id = case.lead(repair_until=clock.today() + timedelta(days=7))
    case.do(repairs.note_repaired, deed_id, by=None)
    case.do(repairs.pass_repair, deed_id, case.reporter)
    assert case.state(deed_id) == "dropped"


def test_not_done_it_goes_on_and_may_still_be_done_in_time(app, case):
    deed_id = case.lead(repair_until=clock.today() + timedelta(days=7))
    case.do(repairs.note_repaired, deed_id, by=None)
    repairs.fail_repair(case.village.id, deed_id, why="还剩一半", key=keys.new(), by=case.second.id)
    assert (case.state(deed_id), case.facts(deed_id).repaired_on) == ("lead", None)
    with later(7):
        case.do(repairs.note_repaired, deed_id, by=None)
        repairs.fail_repair(case.village.id, deed_id, why="还剩一点", key=keys.new(), by=case.second.id)
    with later(8), unchanged(app), pytest.raises(RepairOver):
        case.do(repairs.note_repaired, deed_id, by=None)


def test_without_a_date_there_is_nothing_to_put_right(app, case):
    deed_id = case.lead()
    with unchanged(app), pytest.raises(RepairOver):
        case.do(repairs.note_repaired, deed_id, case.reporter)
    with unchanged(app), pytest.raises(WrongState):
        case.do(repairs.pass_repair, deed_id, case.second)


def test_nothing_is_decided_while_it_may_be_put_right_or_waits_for_the_check(app, case):
    deed_id = case.told(repair_until=clock.today() + timedelta(days=7))
    with later(5), unchanged(app), pytest.raises(RepairStillRunning):
        case.do(deductions.decide, deed_id, case.judges[0])
    case.do(repairs.note_repaired, deed_id, by=None)
    with later(9), unchanged(app), pytest.raises(RepairUnchecked):
        case.do(deductions.decide, deed_id, case.judges[0])


def test_kin_checks_no_repair(app, case):
    deed_id = case.lead(repair_until=clock.today())
    case.do(repairs.note_repaired, deed_id, by=None)
    case.kin(case.second)
    with unchanged(app), pytest.raises(OwnKin):
        case.do(repairs.pass_repair, deed_id, case.second)
    assert repairs.to_check(case.village.id, case.second.id) == 0
    assert repairs.to_check(case.village.id, case.reporter.id) == 1


# ---- too few reviewers


def test_with_two_free_reviewers_nobody_is_drawn(app, case):
    deed_id = case.verified()
    for act in (stand_ins.draw, stand_ins.hand_over):
        with unchanged(app), pytest.raises(EnoughReviewers):
            case.do(act, deed_id, case.second)
    assert stand_ins.short_of_reviewers(case.village.id) == []


def test_kin_reporter_and_verifier_are_not_free(case):
    case.kin(case.judges[0])
    deed_id = case.verified()
    deed, facts = db.session.get(Deed, deed_id), case.facts(deed_id)
    assert [user.id for user in stand_ins.free_reviewers(deed, facts)] == [case.judges[1].id]
    assert stand_ins.is_short(deed, facts)
    assert [one.id for one in stand_ins.short_of_reviewers(case.village.id)] == [deed_id]


def test_the_lot_can_be_drawn_again_by_anybody(case):
    people = [factories.staff_of(case.village, "representative") for _ in range(4)]
    barred = factories.staff_of(case.village, "representative")
    case.kin(*case.judges, barred)
    deed_id = case.verified()
    drawn = case.do(stand_ins.draw, deed_id, case.second).result
    lots = sorted((stand_ins.lot(drawn["seed"], deed_id, user.id), user.id) for user in people)
    assert drawn["drawn"] == [user_id for _lot, user_id in lots[:2]]
    assert [(row.user_id, row.how, row.seed) for row in stand_ins.stand_ins_of(deed_id)] == [
        (user_id, "lot", drawn["seed"]) for user_id in drawn["drawn"]
    ]


def test_who_was_drawn_signs_with_every_guard_and_others_do_not(app, case):
    person, other = (factories.staff_of(case.village, "representative") for _ in range(2))
    case.kin(case.judges[0], other)
    deed_id = case.told()
    with unchanged(app), pytest.raises(NotDrawn):
        case.do(stand_ins.sign, deed_id, person)
    assert case.do(stand_ins.draw, deed_id, case.second).result["drawn"] == [person.id]
    with unchanged(app), pytest.raises(EnoughReviewers):
        case.do(stand_ins.draw, deed_id, case.second)
    with unchanged(app), pytest.raises(RebuttalStillRunning):
        case.do(stand_ins.sign, deed_id, person)
    with later(4):
        assert case.do(stand_ins.sign, deed_id, person).result["state"] == "told"
        with unchanged(app), pytest.raises(AlreadySigned):
            case.do(stand_ins.sign, deed_id, person)
        with unchanged(app), pytest.raises(NotDrawn):
            case.do(stand_ins.sign, deed_id, other)
        assert case.do(deductions.decide, deed_id, case.judges[1]).result["state"] == "approved"
        role = next(one for one in invariants.INVARIANTS if one.name == "awarding.role")
        assert list(role.rows(Run())) == []


def test_who_was_drawn_sees_the_photo_of_that_deduction_and_of_no_other(case, page, visitor):
    person, other = (factories.staff_of(case.village, "representative") for _ in range(2))
    case.kin(case.judges[0], other)
    one, another = (case.told(picture=files.keep_picture(clean_picture(photos.photo(seed)))) for seed in (1, 2))
    bare = case.told()
    for deed_id in (one, bare):
        assert case.do(stand_ins.draw, deed_id, case.second).result["drawn"] == [person.id]
    page.sign_in(person)
    shown = page(f"/stand-in/{one}").select_one("img.evidence")["src"]
    assert shown == f"/stand-in/{one}/photo"
    answer = page.raw("GET", shown)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert page(f"/stand-in/{bare}").select_one("img.evidence") is None
    for deed_id in (another, bare, 999):
        page(f"/stand-in/{deed_id}/photo", 404)
    visitor().sign_in(other)(shown, 404)
    visitor().sign_in(case.reporter)(shown, 403)


def test_without_a_representative_it_goes_to_the_township(app, case):
    case.kin(*case.judges)
    deed_id = case.told()
    with unchanged(app), pytest.raises(NobodyToDraw):
        case.do(stand_ins.draw, deed_id, case.second)
    above = [factories.UserFactory() for _ in range(3)]
    for user in above[:2]:
        factories.RoleGrantFactory(user=user, role="township_admin", township_id=case.village.township_id)
    elsewhere = factories.TownshipFactory(name="西靖镇")
    factories.RoleGrantFactory(user=above[2], role="township_admin", township_id=elsewhere.id)
    case.do(stand_ins.hand_over, deed_id, case.second)
    assert stand_ins.short_of_reviewers(case.village.id) == []
    with unchanged(app), pytest.raises(WrongState):
        case.do(stand_ins.hand_over, deed_id, case.second)
    with later(4):
        with unchanged(app), pytest.raises(NotDrawn):
            case.do(stand_ins.sign, deed_id, above[2])
        states = [case.do(stand_ins.sign, deed_id, user).result["state"] for user in above[:2]]
    assert states == ["told", "approved"]
    role = next(one for one in invariants.INVARIANTS if one.name == "awarding.role")
    assert list(role.rows(Run())) == []
    db.session.execute(sa.delete(StandIn))
    db.session.commit()
    assert [row["by_id"] for row in role.rows(Run())] == [user.id for user in above[:2]]


def test_another_villages_deduction_is_not_found(app, case):
    deed_id = case.lead(repair_until=clock.today())
    other = factories.village_admin(factories.VillageFactory())
    for act in (repairs.note_repaired, deductions.offer):
        with pytest.raises(NotFoundHere):
            act(other.grants[0].village_id, deed_id, key=keys.new(), by=other.id)
    assert actions(deed_id) == ["lead"]


# ---- pages


def test_the_page_says_at_once_that_reviewers_are_missing_and_offers_the_lot(case, page, visitor):
    person = factories.staff_of(case.village, "representative", name="赵代表")
    case.kin(case.judges[0])
    deed_id = case.told()
    page.sign_in(case.second)
    assert any("没有两位评议员" in item.get_text() for item in page("/desk").select("#tasks li.hot"))
    shown = page(f"/deductions/{deed_id}")
    assert "只有 1 人" in shown.words("#short")
    page.submit(shown.select_one("form[action$='/draw']"), 303)
    shown = page(f"/deductions/{deed_id}")
    assert shown.select("#short") == []
    assert "抽签抽到：赵代表" in shown.words("#drawn")
    theirs = visitor().sign_in(person)
    assert "请您评议的扣分" in theirs("/desk").words("#tasks")
    assert "乱堆乱放" in theirs("/stand-in").words("#deeds")
    form = theirs(f"/stand-in/{deed_id}").select_one("main form")
    assert "申辩期" in theirs.submit(form, 422).words(".form-error")
    with later(4):
        theirs.sign_in(person)
        theirs.submit(theirs(f"/stand-in/{deed_id}").select_one("main form"), 303)
    assert queries.approvals(deed_id) == [person.id]


def test_a_representative_sees_nothing_but_what_was_drawn(case, page):
    person = factories.staff_of(case.village, "representative")
    deed_id = case.told()
    page.sign_in(person)
    page(f"/stand-in/{deed_id}", 404)
    page.post(f"/stand-in/{deed_id}", {"key": keys.new()}, 404)
    page(f"/deductions/{deed_id}", 403)
    assert "现在没有请您评议的" in page("/stand-in").words("main")


def test_repair_at_the_desk(case, page, visitor):
    deed_id = case.lead(repair_until=clock.today() + timedelta(days=3))
    page.sign_in(case.reporter)
    page.submit(page(f"/deductions/{deed_id}").select_one("form[action$='/repaired']"), 303)
    form = page(f"/deductions/{deed_id}").select_one("form[action$='/pass-repair']")
    assert "请另一个人复查" in page.submit(form, 422).words(".form-error")
    second = visitor().sign_in(case.second)
    assert "说已改好，等复查" in second("/desk").words("#tasks")
    second.submit(second(f"/deductions/{deed_id}").select_one("form[action$='/pass-repair']"), 303)
    assert case.state(deed_id) == "dropped"
    assert "柴草" not in second(f"/deductions/{deed_id}").words("main")


def test_put_into_the_passbook_from_the_page(case, page):
    deed_id = case.verified()
    page.sign_in(case.reporter)
    page.submit(page(f"/deductions/{deed_id}").select_one("form[action$='/offer']"), 303)
    assert "打开才算送达" in page(f"/deductions/{deed_id}").words("main")


@pytest.mark.parametrize(("query", "kind"), [("", "paper-a4"), ("?paper=a5", "paper-a5")])
def test_the_slip_says_rule_reason_evidence_how_by_when_and_whom_to_call(case, page, query, kind):
    case.village.phone = "0935-5120001"
    db.session.commit()
    deed_id = case.verified(repair_until=clock.today() + timedelta(days=3))
    page.sign_in(case.reporter)
    slip = page(f"/deductions/{deed_id}/slip{query}")
    assert kind in slip.body["class"]
    assert slip.select_one(".sheet-large") is not None
    for words in (
        "乱堆乱放",
        "柴草堆在路边",
        "两个人先后到现场看过",
        "从送到之日起3天内（外出的15天内）",
        "不留记录",
        "0935-5120001",
    ):
        assert words in slip.words(".sheet"), words


def test_a_reversal_says_what_is_owed_and_a_later_award_what_it_paid(case, page):
    supervisor = factories.supervisor(case.village)
    rule = deeds.rule_of(case.village.id, name="修渠", unit="home", points=5, route="review")
    deed = deeds.settled(case.household, rule, by=case.reporter)
    with atomic():
        moves = (ledger.Move("home", 3, ledger.Flow.SPEND),)
        ledger.post(case.village.id, [ledger.Posting("order", 1, case.household.id, moves)], by=None)
    page.sign_in(supervisor)
    form = page(f"/deeds/{deed.id}").select_one("form[action$='/reverse']")
    with_reason = page.submit(form, 303, why="没有到场")
    assert with_reason.location == f"/deeds/{deed.id}"
    assert "欠 3 分，以后得分先补上" in page(f"/deeds/{deed.id}").words("#owed")
    later_deed = deeds.settled(case.household, rule, by=case.reporter)
    assert "其中 3 分补了以前欠的" in page(f"/deeds/{later_deed.id}").words("#chain")
    history = page(f"/households/{case.household.id}/history").words("#points")
    assert "记作欠，以后得分先补上" in history
    assert "补了以前欠的" in history


# ---- a photo of what was seen


def lead_form(page, case, **fields):
    """The form of a lead as filled in, with what is asked for beside it."""
    form = page("/deductions/new").select_one("form[enctype]")
    return form, {"code": case.household.code, "rule": str(case.rule.id), "words": "柴草堆在路边", **fields}


def test_a_lead_takes_a_photo_which_is_kept_when_the_form_comes_back(app, page, case):
    page.sign_in(case.reporter)
    form, fields = lead_form(page, case)
    with unchanged(app):
        back = page.submit(form, 422, **{**fields, "code": "00000000"}, photo=photos.upload())
        wrong = page.submit(form, 422, **fields, photo=photos.upload(b"<?php echo 1;", "a.jpg"))
    assert "不是照片" in wrong.words("#photo-error")
    assert back.select_one(".photo-kept img")["src"].startswith("data:image/jpeg;base64,")
    done = page.submit(back.select_one("form[enctype]"), 303, code=case.household.code)
    deed = db.session.scalar(sa.select(Deed))
    name = queries.photo_name(deed.photo_id)
    assert page(done.location).select_one("img.evidence")["src"] == f"/photos/{name}"
    assert photos.MAKER not in files.path_of(name).read_bytes()


def test_the_household_sees_the_photo_once_it_is_told(page, case, visitor):
    page.sign_in(case.reporter)
    form, fields = lead_form(page, case)
    page.submit(form, 303, **fields, photo=photos.upload())
    deed = db.session.scalar(sa.select(Deed))
    name = queries.photo_name(deed.photo_id)
    case.do(deductions.verify, deed.id, case.second)
    months = clock.months_back(clock.month_of(clock.today()), 2)
    (before,) = history_queries.deductions(case.household, months)
    deductions.tell(case.village.id, deed.id, Telling("in_person"), key=keys.new(), by=case.second.id)
    (after,) = history_queries.deductions(case.household, months)
    assert (before.photo, after.photo) == ("", name)


def test_put_right_in_time_its_photo_is_forgotten_too(page, case):
    page.sign_in(case.reporter)
    form, fields = lead_form(page, case, repair_until=(clock.today() + timedelta(days=2)).isoformat())
    page.submit(form, 303, **fields, photo=photos.upload())
    deed = db.session.scalar(sa.select(Deed))
    name = queries.photo_name(deed.photo_id)
    case.do(repairs.note_repaired, deed.id, case.reporter)
    case.do(repairs.pass_repair, deed.id, case.second)
    db.session.expire_all()
    assert (db.session.get(Deed, deed.id).photo_id, db.session.scalar(sa.select(StoredFile.id))) == (None, None)
    page(f"/photos/{name}", 404)
