"""The rulebook's pages as people use them: drafting, every step, comparing, rehearsing, files, pictures, the public."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from tests import factories
from tests.awarding import books
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import adopting, book_queries, comments, drafts, queries
from virtue.awarding.rule_words import FORBIDDEN
from virtue.core import keys

STAFF_PAGES = ("", "/changes", "/changes/print", "/rehearsal", "/comments", "/rules.csv", "/rules.xlsx")


@pytest.fixture
def village(app):
    village = factories.VillageFactory()
    books.in_force(village)
    return village


@pytest.fixture
def admin(village):
    return factories.village_admin(village)


@pytest.fixture
def clerk(page, admin):
    return page.sign_in(admin)


@pytest.fixture
def draft(village, admin):
    return books.draft(village, admin)


def jpeg() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "#a33").save(out, "JPEG")
    return io.BytesIO(out.getvalue()), "图.jpg"


def step_form(page, name):
    """The form of one step on a book's page."""
    return page.select_one(f'form[action$="/steps/{name}"], form[action$="/check/{name}"]')


# ---- drafting ---------------------------------------------------------------------------------------------------


def test_a_draft_is_begun_from_the_book_in_force(clerk, village):
    form = clerk("/rules/drafts/new").select_one("main form")
    page = clerk(clerk.submit(form, 303, name="第二版").location)
    assert page.words("h1") == "第二版"
    assert len(page.select(".rules-table tbody tr")) == len(queries.rules_in_force(village.id))
    assert "草案" in page.words(".book-way [aria-current]")


@pytest.mark.parametrize(("source", "count"), [("starter", 18), ("full", 66)])
def test_a_draft_is_begun_from_the_countys_set(clerk, source, count):
    form = clerk("/rules/drafts/new").select_one("main form")
    page = clerk(clerk.submit(form, 303, source=source).location)
    assert len(page.select(".rules-table tbody tr")) == count


def test_a_file_with_errors_is_told_cell_by_cell_and_makes_no_draft(app, clerk):
    form = clerk("/rules/drafts/new").select_one("main form")
    data = (
        books.COUNTY.read_text("utf-8")
        .replace(",environment,", ",belief,", 1)
        .replace(",home,10,,,次,,,10", ",home,x,,,次,,,10")
    )
    with unchanged(app):
        page = clerk.submit(form, 422, source="file", file=(io.BytesIO(data.encode()), "rules.csv"))
    assert [row[:2] for row in page.rows("#cells")] == [
        ["2", "分值 points"],
        ["2", "分值 points"],
        ["3", "主题 subject"],
    ]
    assert str(FORBIDDEN["belief"]) in page.words(".form-error")


def test_an_exported_file_makes_the_same_draft(clerk, village, draft):
    for name in ("rules.csv", "rules.xlsx"):
        exported = clerk(f"/rules/{draft.id}/{name}").response.data
        form = clerk("/rules/drafts/new").select_one("main form")
        where = clerk.submit(form, 303, source="file", file=(io.BytesIO(exported), name)).location
        assert "完全一样" in clerk(f"{where}/changes?against={draft.id}").words("main")


def test_a_rule_is_added_with_its_picture_changed_moved_and_removed(clerk, village, draft):
    form = clerk(f"/rules/{draft.id}/rules/new").select_one("main form")
    fields = {name: value for name, value in books.ROW.items() if name != "entry"}
    page = clerk(clerk.submit(form, 303, **fields, entry=["scan", "claim"], photo=jpeg()).location)
    row = page.select(".rules-table tbody tr")[-1]
    assert "清扫巷道" in row.get_text()
    assert clerk.raw("GET", row.select_one("img")["src"]).mimetype == "image/jpeg"
    form = clerk(row.select_one("th a")["href"]).select_one("main form")
    assert form.select_one("input[name=entry][value=claim]").has_attr("checked")
    page = clerk(clerk.submit(form, 303, points="5").location)
    assert "+5" in page.select(".rules-table tbody tr")[-1].get_text()
    edit = clerk(row.select_one("th a")["href"])
    clerk.submit(edit.select_one('form[action$="/move"]'), 303, to="1")
    clerk.submit(clerk(row.select_one("th a")["href"]).select_one('form[action$="/no-picture"]'), 303)
    page = clerk(f"/rules/{draft.id}")
    assert (page.rows(".rules-table")[0][0], page.select(".rules-table img")) == ("X01", [])
    clerk.submit(edit.select_one('form[action$="/remove"]'), 303)
    assert "X01" not in clerk(f"/rules/{draft.id}").words(".rules-table")


@pytest.mark.parametrize("subject", sorted(FORBIDDEN))
def test_the_form_refuses_a_forbidden_subject_with_its_reason(app, clerk, draft, subject):
    form = clerk(f"/rules/{draft.id}/rules/new").select_one("main form")
    with unchanged(app):
        page = clerk.submit(form, 422, **{**books.ROW, "subject": subject})
    assert page.words("#subject-error") == str(FORBIDDEN[subject])
    assert page.select_one("#name")["value"] == books.ROW["name"]
    assert page.select_one("#subject")["aria-invalid"] == "true"


def test_a_touchy_word_only_warns(clerk, draft):
    form = clerk(f"/rules/{draft.id}/rules/new").select_one("main form")
    page = clerk(clerk.submit(form, 303, **{**books.ROW, "name": "不越级上访"}).location)
    assert "信访是权利" in page.words("#messages .message-warn")
    assert "信访是权利" in page.words(".warned")


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(app, clerk, draft):
    rule = draft.rules[1]
    form = clerk(f"/rules/{draft.id}/rules/{rule.id}").select_one("main form")
    with unchanged(app):
        page = clerk.submit(form, 422, points="很多", name="", cap_month="9", cap_year="3")
    assert {tag["id"] for tag in page.select(".field-error")} == {"points-error", "name-error", "cap_year-error"}
    assert page.select_one("#points")["value"] == "很多"


def test_a_picture_that_is_none_is_refused(app, clerk, draft):
    form = clerk(f"/rules/{draft.id}/rules/new").select_one("main form")
    with unchanged(app):
        page = clerk.submit(form, 422, **books.ROW, photo=(io.BytesIO(b"not a picture"), "a.jpg"))
    assert page.select_one("#name")["value"] == books.ROW["name"]


# ---- the way ----------------------------------------------------------------------------------------------------


def test_the_whole_way_over_the_pages(visitor, clerk, admin, village, draft):
    user = books.township(village)
    where, today = f"/rules/{draft.id}", clock.today()
    clerk.submit(step_form(clerk(where), "open-comments"), 303, day=today.isoformat())
    clerk.submit(clerk(f"{where}/comments").select_one("main form"), 303, speaker="李家", words="多加几分")
    assert "多加几分" in clerk(f"{where}/comments").words("#comments")
    with clock.set_to(clock.now() + timedelta(days=1)):
        clerk.sign_in(admin)
        clerk.submit(step_form(clerk(where), "submit"), 303)
        assert step_form(clerk(where), "enter-paper") is None
        town = town_in(visitor().sign_in(user), village)
        town.submit(step_form(town(where), "confirm"), 303)
        day = clock.today().isoformat()
        clerk.submit(
            step_form(clerk(where), "record-vote"), 303, day=day, present="80", in_favour="60", women_present="31"
        )
        clerk.submit(step_form(clerk(where), "file"), 303, number="黄镇备〔2026〕9号")
        start = (clock.today() + timedelta(days=5)).isoformat()
        page = clerk(clerk.submit(step_form(clerk(where), "put-in-force"), 303, day=start).location)
    assert "黄镇备〔2026〕9号" in page.words("#papers")
    assert "妇女 31 人" in page.words("#papers")
    assert "接替" in clerk("/rules").words("main")


def town_in(town, village):
    """A township's account chooses the village before it sees anything of it."""
    town.post("/me/village", {"village_id": village.id}, 303)
    return town


def test_a_refused_step_keeps_its_form_and_says_why(app, page, village, admin):
    book = books.in_state(village, "vote", admin, books.township(village))
    with clock.set_to(clock.now() + timedelta(days=1)):
        clerk = page.sign_in(admin)
        form = step_form(clerk(f"/rules/{book.id}"), "record-vote")
        figures = {"day": clock.today().isoformat(), "present": "80", "in_favour": "40", "women_present": "20"}
        with unchanged(app):
            page = clerk.submit(form, 422, **figures)
            assert "没有过半" in page.words(".form-error")
            assert page.select_one("#record-vote-in_favour")["value"] == "40"
            page = clerk.submit(form, 422, **{**figures, "present": "八十"})
        assert page.words("#record-vote-present-error") == "要填整数。"


def test_an_unknown_step_is_not_found(clerk, draft):
    clerk.post(f"/rules/{draft.id}/steps/confirm", {"key": keys.new()}, 404)
    clerk.post(f"/rules/{draft.id}/steps/jump", {"key": keys.new()}, 404)


POSTS = (
    "/name", "/rules", "/comments", "/steps/open-comments", "/steps/withdraw", "/check/confirm", "/check/send-back",
    "/rules/1", "/rules/1/remove", "/rules/1/move", "/rules/1/no-picture",
)  # fmt: skip
READERS = {"supervisor", "village_admin"}


@pytest.mark.parametrize("role", sorted(factories.CAST))
def test_who_may_read_and_write_a_draft(app, page, village, draft, role):
    visitor = page.sign_in(factories.CAST[role](village))
    for path in STAFF_PAGES:
        expected = 200 if role in READERS else 403 if path in {"/rehearsal", "/comments"} else 404
        assert visitor.raw("GET", f"/rules/{draft.id}{path}").status_code == expected, path
    assert ("正在准备的" in visitor("/rules").words("main")) == (role in READERS)
    if role == "village_admin":
        return
    with unchanged(app):
        for path in POSTS:
            visitor.post(f"/rules/{draft.id}{path}", {"key": keys.new()}, 403)
        visitor.post("/rules/drafts", {"key": keys.new()}, 403)
        visitor.post("/rules/adopted", {}, 403)


def test_another_villages_book_is_not_found(app, page, village, draft):
    other = factories.VillageFactory()
    visitor = page.sign_in(factories.village_admin(other))
    for path in STAFF_PAGES:
        visitor(f"/rules/{draft.id}{path}", 404)
    with unchanged(app):
        for path in POSTS[:5]:
            visitor.post(f"/rules/{draft.id}{path}", {"key": keys.new()}, 404)


def test_everybody_on_the_staff_reads_a_draft_that_is_open_for_comments(page, village, admin, draft):
    books.do("open_comments", village, draft.id, admin)
    keeper = page.sign_in(factories.keeper(village))
    assert step_form(keeper(f"/rules/{draft.id}"), "submit") is None
    keeper(f"/rules/{draft.id}/changes")
    keeper(f"/rules/{draft.id}/comments", 403)


# ---- side by side, rehearsed ------------------------------------------------------------------------------------


def test_two_versions_stand_side_by_side_on_page_and_paper(clerk, village, admin, draft):
    current = queries.rulebook_in_force(village.id)
    changed, gone = (next(rule for rule in draft.rules if rule.code == code) for code in ("J16", "J10"))
    row = {**books.ROW, "code": "J16", "name": changed.name, "points": "7", "cap_month": "21"}
    drafts.change_rule(village.id, draft.id, changed.id, row, by=admin.id)
    drafts.remove_rule(village.id, draft.id, gone.id, by=admin.id)
    drafts.add_rule(village.id, draft.id, books.ROW, key=keys.new(), by=admin.id)
    page = clerk(f"/rules/{draft.id}/changes?against={current.id}")
    assert "X01" in page.select_one("#added").find_next("ul").get_text()
    assert "J10" in page.select_one("#removed").find_next("ul").get_text()
    rows = {cells[1]: cells[2:] for cells in page.rows("#changed + .table") if cells[0].startswith("J16")}
    assert (rows["分值"], rows["每月上限"]) == (["+5", "+7"], ["20", "21"])
    paper = clerk(f"/rules/{draft.id}/changes/print?against={current.id}")
    assert ["J16", changed.name, "分值", "+5", "+7"] in paper.rows(".paper-table")


def test_the_draft_and_its_rehearsal_say_what_the_store_can_carry(clerk, draft, household):
    assert "不到一个月就换空了" in clerk(f"/rules/{draft.id}").words("#cost")
    assert "没法试算" in clerk(f"/rules/{draft.id}/rehearsal").words("main")


def test_versions_tell_which_is_in_force(clerk, village, draft):
    rows = clerk("/rules/versions").rows(".table")
    assert [row[1] for row in rows] == ["草案", "现行"]


# ---- villagers --------------------------------------------------------------------------------------------------


def test_the_public_page_tells_what_holds_and_what_comes(page, village, admin):
    book = books.in_state(village, "in_force", admin, books.township(village))
    shown = page(f"/v/{village.slug}/rules")
    assert f"新的一版（第{book.version}版）" in shown.words(".message-good")
    page(shown.select_one(".message-good + p a")["href"])
    with clock.set_to(clock.now() + timedelta(days=30)):
        shown = page(f"/v/{village.slug}/rules")
        assert "黄镇备〔2026〕9号" in shown.words("main")
        assert shown.select(".message-good") == []
        page(f"/v/{village.slug}/rules/{book.version}", 404)


@pytest.mark.parametrize("state", ["draft", "township_check", "vote", "voted", "filed", "withdrawn"])
def test_the_public_sees_no_book_that_is_being_prepared(page, village, admin, state):
    book = books.in_state(village, state, admin, books.township(village))
    page(f"/v/{village.slug}/rules/{book.version}", 404)
    assert page(f"/v/{village.slug}/rules").select(".message-good") == []


def test_a_rules_picture_is_public_once_its_book_is(app, page, visitor, village, admin, draft):
    clerk = visitor().sign_in(admin)
    form = clerk(f"/rules/{draft.id}/rules/new").select_one("main form")
    fields = {name: value for name, value in books.ROW.items() if name != "entry"}
    clerk.submit(form, 303, **fields, entry=["scan"], photo=jpeg())
    name = next(iter(book_queries.pictures_of(books.found(village, draft.id).rules).values()))
    address = f"/v/{village.slug}/rules/pictures/{name}"
    assert page.raw("GET", address).status_code == 404
    keeper = visitor().sign_in(factories.keeper(village))
    assert keeper.raw("GET", f"/rules/pictures/{name}").status_code == 404
    books.do("open_comments", village, draft.id, admin)
    assert page.raw("GET", address).mimetype == "image/jpeg"
    assert keeper.raw("GET", f"/rules/pictures/{name}?small=1").mimetype == "image/jpeg"
    other = factories.VillageFactory()
    assert page.raw("GET", f"/v/{other.slug}/rules/pictures/{name}").status_code == 404


@pytest.fixture
def household(village):
    return factories.HouseholdFactory(grid__village=village)


@pytest.fixture
def passbook(page, household):
    """A household's phone: card scanned, printed PIN changed to its own."""
    from virtue.people import services as people

    people.choose_pin(household.id, "8317", by=None)
    page.raw("GET", f"/c/{factories.digits_of(factories.card_of(household))}")
    form = page("/passbook/pin").select_one("main form")
    page.submit(form, 303, pin="8317")
    return page


def test_a_household_comments_in_its_passbook(app, passbook, village, admin, draft, household):
    assert "没有在征求意见" in passbook("/passbook/comments").words("#comment")
    books.do("open_comments", village, draft.id, admin)
    assert "征求意见" in passbook("/passbook").words("#more")
    form = passbook("/passbook/comments").select_one("#comment form")
    with unchanged(app):
        page = passbook.submit(form, 422, words=" ")
    assert "提了什么" in page.words(".form-error")
    passbook.submit(form, 303, words="垃圾分类分低了")
    assert "垃圾分类分低了" in passbook("/passbook/comments").words("#own")
    with clock.set_to(clock.now() + timedelta(minutes=1)):
        comments.take_down(village.id, draft.id, "别家", "别家的话", key=keys.new(), by=admin.id)
    assert "别家的话" not in passbook("/passbook/comments").words("main")
    other = factories.VillageFactory()
    foreign = books.draft(other, factories.village_admin(other))
    passbook.post(f"/passbook/comments/{foreign.id}", {"words": "看看", "key": keys.new()}, 404)


def test_without_the_pin_there_is_no_comment(app, page, village, admin, draft, household):
    books.do("open_comments", village, draft.id, admin)
    digits = factories.digits_of(factories.card_of(household))
    page.raw("GET", f"/c/{digits}")
    with unchanged(app):
        assert (
            page.post(f"/passbook/comments/{draft.id}", {"words": "看看", "key": keys.new()}, 303).location
            == "/passbook/pin"
        )


def test_the_till_opens_again_when_the_trial_is_over(village, admin):
    trial = books.draft(village, admin)
    adopting.try_out(village.id, trial.id, clock.today() + timedelta(days=1), key=keys.new(), by=admin.id)
    assert book_queries.next_book(village.id).is_trial is True
