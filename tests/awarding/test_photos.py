"""Photos with deeds: taken at the award page, kept while the form comes back, seen by whom they concern, known again."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories, photos
from tests.pages import unchanged
from virtue import clock
from virtue.awarding import claims, photo_queries, queries, services
from virtue.awarding.claims import Claim
from virtue.awarding.entering import Proposal, enter
from virtue.awarding.errors import HomeConsentNeeded, PhotoNeeded
from virtue.awarding.models import Deed
from virtue.core import files, keys
from virtue.core.models import StoredFile
from virtue.core.pictures import clean_picture
from virtue.errors import KeyReused
from virtue.extensions import db
from virtue.ledger import services as ledger
from virtue.people import kept_photos
from virtue.transactions import atomic


@pytest.fixture
def village(app):
    village = factories.VillageFactory(name="立民新村", slug="limin")
    # Its chain is there: a refused first write of all would leave that behind.
    with atomic():
        ledger.lock(village.id)
    return village


@pytest.fixture
def rules(village):
    """By what they ask for: nothing, a photo, the householder's tick."""
    book = factories.RulebookFactory(village_id=village.id)

    def make(name, **fields):
        return factories.RuleFactory(rulebook=book, name=name, route="review", entry="claim+round+scan", **fields)

    return {
        "plain": make("邻里互助"),
        "photo": make("清理渠道垃圾", evidence="photo"),
        "home": make("居室整洁", needs="home_consent"),
    }


@pytest.fixture
def household(village):
    return factories.HouseholdFactory(grid__village=village, head_name="王永智")


@pytest.fixture
def member(village):
    return factories.committee(village)


def kept(seed=1, **options):
    return files.keep_picture(clean_picture(photos.photo(seed, **options)))


def propose(village, household, rule, by, *, picture=None, key=None, **fields):
    proposal = Proposal(household.id, rule.id, clock.today(), **fields)
    key = key or keys.new()
    return services.propose(village.id, proposal, key=key, by=by.id, picture=picture).result["deed_id"]


def photo_of(deed_id):
    return db.session.scalar(
        select(StoredFile.name).join(Deed, Deed.photo_id == StoredFile.id).where(Deed.id == deed_id)
    )


# The service.


def test_a_rule_that_asks_for_a_photo_is_refused_without(app, village, household, rules, member):
    with unchanged(app), pytest.raises(PhotoNeeded):
        propose(village, household, rules["photo"], member)
    assert photo_of(propose(village, household, rules["photo"], member, picture=kept()))


def test_paper_and_rounds_carry_no_photo(village, household, rules, member):
    proposal = Proposal(household.id, rules["photo"].id, clock.today())
    done = services.propose_many(village.id, [proposal], key=keys.new(), by=member.id).result["lines"]
    assert done[0]["state"] == "proposed"


def test_the_householders_tick_is_needed_and_recorded_whatever_the_way(app, village, household, rules, member):
    home = rules["home"]
    with unchanged(app), pytest.raises(HomeConsentNeeded):
        propose(village, household, home, member)
    with unchanged(app), pytest.raises(HomeConsentNeeded):
        claims.claim(
            village.id, household.id, Claim(home.id, clock.today(), "扫干净了"), key=keys.new(), by=None
        )  # fmt: skip
    with atomic():
        (refused,) = enter(village.id, [Proposal(household.id, home.id, clock.today(), way="round")], by=member.id)
    assert isinstance(refused, HomeConsentNeeded)
    ticked = propose(village, household, home, member, home_consent=True)
    other = propose(village, household, rules["plain"], member, home_consent=True)
    assert db.session.get(Deed, ticked).home_consent is True
    assert db.session.get(Deed, other).home_consent is None


def test_the_same_key_with_another_photo_is_refused(app, village, household, rules, member):
    key = keys.new()
    first = propose(village, household, rules["photo"], member, picture=kept(1), key=key)
    assert propose(village, household, rules["photo"], member, picture=kept(1), key=key) == first
    with unchanged(app), pytest.raises(KeyReused):
        propose(village, household, rules["photo"], member, picture=kept(2), key=key)


def test_a_refusal_leaves_no_row_of_the_photo(app, village, household, rules, member):
    with unchanged(app), pytest.raises(HomeConsentNeeded):
        propose(village, household, rules["home"], member, picture=kept())


def test_a_photo_used_before_is_found_with_its_deed(village, household, rules, member):
    other = factories.HouseholdFactory(grid=household.grid)
    first = propose(village, other, rules["photo"], member, picture=kept(5, size=(1600, 1200)))
    nearly = propose(village, household, rules["photo"], member, picture=kept(5, size=(900, 675), quality=55))
    same = propose(village, household, rules["plain"], member, picture=kept(5, size=(1600, 1200)))
    fresh = propose(village, household, rules["plain"], member, picture=kept(6))
    deeds = [db.session.get(Deed, number) for number in (first, nearly, same, fresh)]
    uses = photo_queries.earlier_uses(village.id, deeds)
    assert {number: [(use.deed.id, use.household.id, use.is_same) for use in found] for number, found in uses.items()} == {
        nearly: [(first, other.id, False)],
        same: [(first, other.id, True), (nearly, household.id, False)],
    }  # fmt: skip


def test_a_kept_photo_is_its_owners(app, village):
    word = kept_photos.make(kept(), owner="user:1")
    assert kept_photos.read(word, owner="user:1") is not None
    for owner, text in (
        ("user:2", word),
        ("household:1", word),
        ("user:1", word + "x"),
        ("user:1", ""),
        ("user:1", None),
    ):
        assert kept_photos.read(text, owner=owner) is None
    with clock.set_to(clock.now() + kept_photos.LIFETIME + timedelta(minutes=1)):
        assert kept_photos.read(word, owner="user:1") is None


# The award page, scripts off and under htmx.


def open_form(person, household, *, every=True):
    digits = factories.digits_of(factories.card_of(household))
    found = person.submit(person("/award").select_one("#find"), 303, code=digits).location
    return person(found + ("&q=" if every else ""))


def test_the_award_page_takes_a_photo(page, household, rules, member):
    page.sign_in(member)
    form = open_form(page, household).select_one("form#add")
    assert form.select_one("input[type=file][name=photo]")["capture"] == "environment"
    done = page.submit(form, 303, rule=str(rules["photo"].id), photo=photos.upload())
    deed = db.session.scalar(select(Deed))
    assert done.location.endswith(f"done={deed.id}")
    data = files.path_of(photo_of(deed.id)).read_bytes()
    assert photos.MAKER not in data


@pytest.mark.parametrize("is_htmx", [False, True], ids=["plain", "htmx"])
def test_the_photo_is_kept_when_the_form_comes_back(app, page, htmx, household, rules, member, is_htmx):
    page.sign_in(member)
    form = open_form(page, household).select_one("form#add")
    person = htmx if is_htmx else page
    with unchanged(app):
        back = person.submit(
            form, 422, rule=str(rules["home"].id), words="扫了", quantity="1", photo=photos.upload()
        )  # fmt: skip
    assert "户主同意" in back.words(".form-error")
    assert back.select_one(".photo-kept img")["src"].startswith("data:image/jpeg;base64,")
    again = person.submit(back.select_one("form#add"), 200 if is_htmx else 303, home_consent="1")
    assert again is not None
    deed = db.session.scalar(select(Deed))
    assert (deed.rule_name, deed.home_consent, photo_of(deed.id) is not None) == ("居室整洁", True, True)


@pytest.mark.parametrize("name", ["hack.php", "a.svg", "photo.jpg"])
def test_what_isnt_a_photo_is_said_and_nothing_is_lost(app, page, household, rules, member, name):
    page.sign_in(member)
    form = open_form(page, household).select_one("form#add")
    with unchanged(app):
        back = page.submit(
            form, 422, rule=str(rules["plain"].id), words="扶了一把", photo=photos.upload(b"<?php echo 1;", name)
        )  # fmt: skip
    assert "不是照片" in back.words(".form-error")
    assert back.select_one("input[name=words]")["value"] == "扶了一把"
    assert back.select_one("input[name=rule][checked]")["value"] == str(rules["plain"].id)


def test_an_earlier_kept_photo_survives_a_bad_new_one(page, household, rules, member):
    page.sign_in(member)
    form = open_form(page, household).select_one("form#add")
    back = page.submit(form, 422, rule=str(rules["home"].id), photo=photos.upload())
    back = page.submit(back.select_one("form#add"), 422, home_consent="1", photo=photos.upload(b"no"))
    assert back.select_one("input[name=kept_photo]")["value"]
    page.submit(back.select_one("form#add"), 303, home_consent="1")
    assert photo_of(db.session.scalar(select(Deed.id)))


def test_the_tick_and_the_photo_are_asked_for_before_they_are_sent(page, household, rules, member):
    page.sign_in(member)
    shown = open_form(page, household)
    texts = {one["value"]: one.parent.get_text(" ") for one in shown.select("input[name=rule]")}
    assert "要照片" in texts[str(rules["photo"].id)]
    assert "要户主同意" in texts[str(rules["home"].id)]
    assert shown.select_one("input[type=checkbox][name=home_consent]")


# Who may see one.


def test_staff_see_it_whole_and_small(page, village, household, rules, member):
    name = photo_of(propose(village, household, rules["photo"], member, picture=kept(size=(1600, 1200))))
    page.sign_in(factories.reviewer(village))
    for address, side in ((f"/photos/{name}", 1600), (f"/photos/{name}?small=1", 240)):
        answer = page.raw("GET", address)
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert max(photo_size(answer.data)) == side
    again = page.raw("GET", address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def photo_size(data):
    import io

    from PIL import Image

    return Image.open(io.BytesIO(data)).size


def test_nobody_else_sees_it(app, page, visitor, village, household, rules, member):
    name = photo_of(propose(village, household, rules["photo"], member, picture=kept()))
    page(f"/photos/{name}", 303)
    page(f"/passbook/photos/{name}", 404)
    elsewhere = visitor().sign_in(factories.reviewer(factories.VillageFactory()))
    elsewhere(f"/photos/{name}", 404)
    visitor().sign_in(factories.keeper(village))(f"/photos/{name}", 403)
    signed_in = visitor().sign_in(member)
    for wrong in ("x.jpg", "..%2F..%2Fvirtue.db", name.replace(".jpg", ".small.jpg"), name + "%00"):
        signed_in(f"/photos/{wrong}", 404)


def test_a_photo_no_deed_shows_is_nobodys(page, village, household, rules, member):
    upload = kept()
    page.sign_in(member)
    page(f"/photos/{upload.name}", 404)
    with atomic():
        files.claim_picture(upload, village.id, by=member.id)
    page(f"/photos/{upload.name}", 404)


# Review.


def test_the_reviewer_sees_photo_and_earlier_deed(page, village, household, rules, member):
    other = factories.HouseholdFactory(grid=household.grid, code="622100000988")
    first = propose(village, other, rules["photo"], member, picture=kept(5))
    second = propose(village, household, rules["photo"], member, picture=kept(5))
    name = photo_of(second)
    page.sign_in(factories.reviewer(village))
    queue = page("/review")
    assert [("照片以前用过" in row.get_text(), bool(row.select("img"))) for row in queue.select("tbody tr")] == [
        (False, True), (True, True),
    ]  # fmt: skip
    shown = page(f"/review/{second}")
    assert shown.select_one("img.evidence")["src"] == f"/photos/{name}"
    warned = shown.select_one(f"#earlier-{first}")
    assert warned.a["href"] == f"/deeds/{first}"
    assert re.search(r"同一张照片以前用过.*尾号 0988", warned.get_text(" ", strip=True))
    assert page(f"/review/{first}").select("[id^=earlier-]") == []


def test_the_proposer_mends_a_photo_that_was_sent_back(page, village, household, rules, member):
    deed_id = propose(village, household, rules["photo"], member, picture=kept(1))
    judge = factories.reviewer(village)
    services.send_back(village.id, deed_id, why="照片看不清", key=keys.new(), by=judge.id)
    before = photo_of(deed_id)
    page.sign_in(member)
    form = page("/award/mine").select_one(f"form[action='/award/mine/{deed_id}/resubmit']")
    page.submit(form, 303, words="重拍了一张", photo=photos.upload(photos.photo(9)))
    after = photo_of(deed_id)
    assert after not in {None, before}
    assert queries.find_deed(village.id, deed_id).state == "proposed"


# On behalf of a household without a phone.


@pytest.mark.parametrize("role", ["committee", "village_admin"])
def test_a_claim_taken_down_at_the_desk_says_so(page, visitor, village, household, rules, role):
    clerk = factories.CAST[role](village, name="张文书")
    page.sign_in(clerk)
    form = page(f"/households/{household.id}/claim").select_one("form#claim")
    done = page.submit(form, 303, rule=str(rules["photo"].id), words="帮邻居收麦子")
    deed = db.session.scalar(select(Deed))
    assert (deed.way, deed.proposed_by_id, deed.is_on_behalf, deed.state) == ("claim", clerk.id, True, "proposed")
    assert "张文书代本户申报" in page(done.location).words("#chain")
    judge = visitor().sign_in(factories.reviewer(village))
    assert "代申报" in judge("/review").words("tbody")
    shown = judge(f"/review/{deed.id}")
    assert "张文书代本户申报" in shown.words("#who-said")
    assert "没有照片" in shown.words()


def test_nobody_takes_down_a_claim_for_kin(app, page, village, household, rules):
    head = factories.MemberFactory(household=household)
    page.sign_in(factories.committee(village, member_id=head.id))
    form = page(f"/households/{household.id}/claim").select_one("form#claim")
    with unchanged(app):
        back = page.submit(form, 422, rule=str(rules["plain"].id), words="帮邻居收麦子")
    assert "自己家" in back.words(".form-error")
    assert back.select_one("textarea[name=words]").get_text().strip() == "帮邻居收麦子"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("rule", "", "请选一项"), ("happened_on", "2026-13-01", "日期"), ("words", "x", "写一句"), ("words", "长" * 201, "太长")],
)  # fmt: skip
def test_a_claim_that_is_wrong_comes_back_whole(app, page, household, rules, member, field, value, said):
    page.sign_in(member)
    form = page(f"/households/{household.id}/claim").select_one("form#claim")
    fields = {"rule": str(rules["plain"].id), "words": "帮邻居收麦子", "photo": photos.upload(), field: value}
    with unchanged(app):
        back = page.submit(form, 422, **fields)
    assert said in back.words("form#claim")
    assert back.select_one("input[name=kept_photo]")["value"]


def test_the_supervisor_takes_nothing_down(page, village, household):
    page.sign_in(factories.supervisor(village))
    page(f"/households/{household.id}/claim", 403)


def test_another_villages_household_isnt_found(page, member, rules):
    page.sign_in(member)
    page(f"/households/{factories.HouseholdFactory().id}/claim", 404)


def test_the_look_costs_the_same_however_many_photos(app, village, household, rules, member):
    from tests.pages import count_queries

    deeds = [propose(village, household, rules["plain"], member, picture=kept(3)) for _ in range(2)]
    rows = [db.session.get(Deed, number) for number in deeds]
    with count_queries(app) as few:
        photo_queries.earlier_uses(village.id, rows)
    more = [propose(village, household, rules["plain"], member, picture=kept(3)) for _ in range(6)]
    rows = [db.session.get(Deed, number) for number in deeds + more]
    with count_queries(app) as many:
        photo_queries.earlier_uses(village.id, rows)
    assert len(many) == len(few)
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 8
