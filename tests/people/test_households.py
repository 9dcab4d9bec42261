"""Households and members: added, corrected with history, gone and back; taking part; the end."""

import json

import pytest
from sqlalchemy import select

from tests.factories import GridFactory, HouseholdFactory, MemberFactory, UserFactory, VillageFactory
from tests.pages import unchanged
from tests.people.cards import card_of
from virtue.core import keys, remarks, settings
from virtue.core.models import Audit
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.people import participation_services, services
from virtue.people.errors import CodeTaken, HeadMustStay, HouseholdEnded, HouseholdHasOpenThings
from virtue.people.models import Household, Member, Participation, RegisterChange
from virtue.people.services import Person
from virtue.places.models import Village
from virtue.transactions import atomic

SPOUSE = Person("马秀兰", "配偶", "女", 1982, 3)


@pytest.fixture
def household(app):
    household = HouseholdFactory(head_name="王永智", initials="wyz")
    MemberFactory(household=household, name="李桂英", position=2)
    household.members_count = 2
    return household


@pytest.fixture
def village_id(household) -> int:
    return household.village_id


@pytest.fixture
def by(app) -> int:
    return UserFactory().id


def history(household) -> list[tuple]:
    rows = db.session.scalars(
        select(RegisterChange).where(RegisterChange.household_id == household.id).order_by(RegisterChange.id)
    ).all()
    texts = remarks.texts([row.remark_id for row in rows])
    return [(row.field, json.loads(texts[row.remark_id]) if row.remark_id else None) for row in rows]


def last_audit() -> Audit:
    return db.session.scalars(select(Audit).order_by(Audit.id.desc()).limit(1)).one()


def version(village_id: int) -> int:
    return db.session.scalar(select(Village.board_version).where(Village.id == village_id))


def test_add_household(household, village_id, by):
    key = keys.new()
    asked = {"grid_id": household.grid_id, "code": "62062299000188", "head": Person("李建国", "户主", "男", 1970, None)}
    made = services.add_household(village_id, **asked, key=key, by=by)
    again = services.add_household(village_id, **asked, key=key, by=by)
    new = db.session.get(Household, made.result["household_id"])
    assert again.result == made.result
    assert (new.code, new.tail, new.head_name, new.initials, new.members_count) == (
        "62062299000188", "0188", "李建国", "ljg", 1,
    )  # fmt: skip
    assert [(one.name, one.relation, one.is_head, one.birth_year) for one in new.members] == [
        ("李建国", "户主", True, 1970)
    ]
    assert (last_audit().action, last_audit().details) == ("people.add_household", {"code": "62062299000188"})


def test_add_household_refused(app, household, village_id, by):
    head, foreign = Person("李建国", "户主", "男"), GridFactory().id
    with unchanged(app), pytest.raises(CodeTaken) as refused:
        services.add_household(
            village_id, grid_id=household.grid_id, code=household.code, head=head, key=keys.new(), by=by
        )
    assert str(refused.value) == f"户号{household.code}已经有一户了。"
    with unchanged(app), pytest.raises(NotFoundHere):
        services.add_household(village_id, grid_id=foreign, code="1234567", head=head, key=keys.new(), by=by)


def test_same_code_in_another_village_is_another_household(household, by):
    elsewhere = GridFactory()
    made = services.add_household(
        elsewhere.village_id, grid_id=elsewhere.id, code=household.code, head=SPOUSE, key=keys.new(), by=by
    )
    assert made.result["household_id"] != household.id


def test_add_member(household, village_id, by):
    made = services.add_member(village_id, household.id, SPOUSE, key=keys.new(), by=by)
    member = db.session.get(Member, made.result["member_id"])
    assert (member.name, member.initials, member.position, member.is_head) == ("马秀兰", "mxl", 3, False)
    assert household.members_count == 3
    assert history(household) == [("added", None)]


def test_phone_is_kept_only_where_the_village_keeps_phones(household, village_id, by):
    with_phone = Person("马秀兰", "配偶", "女", phone="19912345678")
    first = services.add_member(village_id, household.id, with_phone, key=keys.new(), by=by).result["member_id"]
    with atomic():
        settings.change("keep_phones", True, village_id)
    second = services.add_member(village_id, household.id, with_phone, key=keys.new(), by=by).result["member_id"]
    assert [db.session.get(Member, one).phone for one in (first, second)] == [None, "19912345678"]


def test_correct_member_keeps_before_and_after(household, village_id, by):
    member = household.members[1]
    before = (member.name, member.relation)
    corrected = Person("马秀兰", "配偶", "女", member.birth_year, member.birth_month)
    changed = services.correct_member(village_id, member.id, corrected, why="抄错了", by=by)
    assert changed == ["name", "relation", "sex"]
    assert history(household) == [
        ("name", [before[0], "马秀兰"]), ("relation", [before[1], "配偶"]), ("sex", ["男", "女"]),
    ]  # fmt: skip
    audit = last_audit()
    assert (audit.action, audit.subject_id, audit.details) == ("people.correct_member", member.id, {"fields": changed})
    assert remarks.texts([audit.remark_id]) == {audit.remark_id: "抄错了"}


def test_audit_holds_no_name(household, village_id, by):
    services.correct_member(village_id, household.members[1].id, SPOUSE, why="马秀兰说的", by=by)
    texts = [repr(tuple(row)) for row in db.session.execute(select(Audit.__table__))]
    assert [text for text in texts if "马" in text] == []


def test_correct_head_follows_on_the_household(household, village_id, by):
    head, before = household.members[0], version(village_id)
    services.correct_member(village_id, head.id, Person("王永志", "配偶", "男", 1980, 5), by=by)
    assert (household.head_name, household.initials, head.relation) == ("王永志", "wyz", "户主")
    assert version(village_id) == before + 1


def test_correct_nothing_writes_nothing(app, household, village_id, by):
    member = household.members[1]
    same = Person(member.name, member.relation, member.sex, member.birth_year, member.birth_month)
    with unchanged(app):
        assert services.correct_member(village_id, member.id, same, by=by) == []
        assert services.correct_household(village_id, household.id, code=household.code, grid_id=household.grid_id, by=by) == []  # fmt: skip
    assert list(db.session.scalars(select(Audit))) == []


def test_correct_household(household, village_id, by):
    grid, old = GridFactory(village=household.village, number=99), household.grid.name
    before = household.code
    changed = services.correct_household(village_id, household.id, code="7700001", grid_id=grid.id, by=by)
    assert changed == ["code", "grid"]
    assert (household.code, household.tail, household.grid_id) == ("7700001", "0001", grid.id)
    assert history(household) == [("code", [before, "7700001"]), ("grid", [old, grid.name])]


def test_correct_household_refused(app, household, village_id, by):
    other, foreign = HouseholdFactory(grid=household.grid), GridFactory()
    with unchanged(app), pytest.raises(CodeTaken):
        services.correct_household(village_id, household.id, code=other.code, grid_id=household.grid_id, by=by)
    with unchanged(app), pytest.raises(NotFoundHere):
        services.correct_household(village_id, household.id, code="7700001", grid_id=foreign.id, by=by)


def test_make_head(household, village_id, by):
    former, new = household.members
    services.make_head(village_id, new.id, by=by)
    assert [(one.is_head, one.relation) for one in (former, new)] == [(False, "家庭成员"), (True, "户主")]
    assert household.head_name == new.name
    assert history(household) == [("head", [former.name, new.name])]


def test_member_gone_and_back(app, household, village_id, by):
    head, member = household.members
    services.note_gone(village_id, member.id, by=by)
    assert (member.gone_on is not None, household.members_count) == (True, 1)
    services.note_gone(village_id, member.id, by=by)
    services.note_back(village_id, member.id, by=by)
    assert (member.gone_on, household.members_count) == (None, 2)
    assert [field for field, _ in history(household)] == ["gone", "back"]
    with unchanged(app), pytest.raises(HeadMustStay):
        services.note_gone(village_id, head.id, by=by)


def test_leave_and_come_back_in_one_tap(household, village_id, by):
    before = version(village_id)
    services.leave(village_id, household.id, by=None)
    services.leave(village_id, household.id, by=by)
    assert not household.takes_part
    services.come_back(village_id, household.id, by=by)
    services.come_back(village_id, household.id, by=by)
    assert household.takes_part
    spell = db.session.scalars(select(Participation)).one()
    assert (spell.left_by_id, spell.back_by_id, spell.back_on is not None) == (None, by, True)
    assert version(village_id) == before + 2
    assert list(db.session.scalars(select(Audit.action))) == ["people.leave", "people.come_back"]


def test_opt_out_of_board(household, village_id, by):
    services.opt_out_of_board(village_id, household.id, by=by)
    assert household.board_opt_out
    services.opt_into_board(village_id, household.id, by=by)
    assert not household.board_opt_out
    assert list(db.session.scalars(select(Audit.action))) == ["people.opt_out_of_board", "people.opt_into_board"]


def test_end_household(household, village_id, by):
    card = card_of(household)
    services.give_consent(village_id, household.id, "name_on_board", "signed", by=by)
    services.end_household(village_id, household.id, why="整户搬走", by=by)
    services.end_household(village_id, household.id, by=by)
    assert (household.state, household.ended_on is not None, card.state) == ("ended", True, "ended")
    assert list(db.session.scalars(select(Audit.action))).count("people.end_household") == 1


def test_end_household_waits_for_what_is_open(app, household, village_id, by, monkeypatch):
    monkeypatch.setattr(participation_services, "open_things", [lambda _: ["可兑换的积分46"], lambda _: [], lambda _: ["1件事项"]])  # fmt: skip
    with unchanged(app), pytest.raises(HouseholdHasOpenThings) as refused:
        services.end_household(village_id, household.id, by=by)
    assert str(refused.value) == "这一户还不能销户，先办完：可兑换的积分46、1件事项。"


def test_nothing_more_happens_to_an_ended_household(app, household, village_id, by):
    services.end_household(village_id, household.id, by=by)
    member_id = household.members[1].id
    steps = [
        lambda: services.leave(village_id, household.id, by=by),
        lambda: services.come_back(village_id, household.id, by=by),
        lambda: services.opt_out_of_board(village_id, household.id, by=by),
        lambda: services.add_member(village_id, household.id, SPOUSE, key=keys.new(), by=by),
        lambda: services.correct_member(village_id, member_id, SPOUSE, by=by),
        lambda: services.make_head(village_id, member_id, by=by),
        lambda: services.note_gone(village_id, member_id, by=by),
        lambda: services.correct_household(village_id, household.id, code="7700001", grid_id=household.grid_id, by=by),
        lambda: services.give_consent(village_id, household.id, "name_on_board", "signed", by=by),
    ]
    for step in steps:
        with unchanged(app), pytest.raises(HouseholdEnded):
            step()


def test_foreign_things_are_not_found(app, household, by):
    elsewhere, member_id = VillageFactory().id, household.members[1].id
    steps = [
        lambda: services.leave(elsewhere, household.id, by=by),
        lambda: services.add_member(elsewhere, household.id, SPOUSE, key=keys.new(), by=by),
        lambda: services.correct_member(elsewhere, member_id, SPOUSE, by=by),
        lambda: services.note_gone(elsewhere, member_id, by=by),
        lambda: services.end_household(elsewhere, household.id, by=by),
        lambda: services.give_consent(elsewhere, household.id, "name_on_board", "signed", by=by),
        lambda: services.declare_recusal(elsewhere, by, household.id, "spouse", by=by),
    ]
    for step in steps:
        with unchanged(app), pytest.raises(NotFoundHere):
            step()
