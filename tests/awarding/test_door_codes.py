"""Door codes: they name a household and open nothing private; never a card, at the till or in the passbook."""

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests import factories
from tests.awarding.test_pipeline import village  # noqa: F401  a fixture
from tests.pages import unchanged
from virtue import clock
from virtue.core.models import Throttle
from virtue.extensions import db
from virtue.people import codes, door_queries, door_services, qr, queries
from virtue.people.errors import DoorCodeNotCard, UnknownDoorCode
from virtue.people.models import DoorCode


@pytest.fixture
def home(village):  # noqa: F811
    return factories.HouseholdFactory(grid__village=village, grid__number=3, head_name="马永智")


@pytest.fixture
def digits(home):
    door_services.issue_door_codes(home.village_id, by=factories.village_admin(home.village).id)
    return codes.derive_door(db.session.query(DoorCode).filter_by(household_id=home.id).one())


def test_a_door_code_is_none_of_the_cards(home, digits):
    card = factories.card_of(home)
    assert codes.is_card_code(digits)
    assert digits != codes.derive(card)
    door = db.session.query(DoorCode).one()
    assert digits not in (door.code_hmac, str(door.id))
    assert codes.door_hmac(digits) != codes.code_hmac(digits)
    with pytest.raises(DoorCodeNotCard):
        queries.card_by_code(digits)
    with pytest.raises(UnknownDoorCode):
        door_queries.household_by_door_code(codes.derive(card))


def test_each_household_gets_one_once(app, home, digits):
    clerk = factories.village_admin(home.village)
    with unchanged(app):
        assert door_services.issue_door_codes(home.village_id, by=clerk.id) == 0
    factories.HouseholdFactory(grid=home.grid)
    factories.HouseholdFactory(grid=home.grid, left_on=clock.today())
    assert door_services.issue_door_codes(home.village_id, by=clerk.id) == 1


@pytest.mark.parametrize("letter", ["d", "D"])
def test_anybody_sees_a_door_and_nothing_private(app, page, home, digits, letter):
    # Longer than a tail, so that no tail holds them by chance.
    factories.give(home, home=70_777, civility=50_555)
    with unchanged(app):
        shown = page(f"/{letter}/{digits}")
    words = shown.words("main")
    assert f"尾号 {home.tail}" in words
    assert home.village.name in words
    for private in ("马", "永智", "70777", "50555", "70 777", "50 555", home.code, digits):
        assert private not in words


def test_a_member_lands_on_the_award_page(page, home, digits):
    page.sign_in(factories.committee(home.village))
    award = page(page(f"/D/{digits}", 303).location)
    assert award.select_one("#add")
    assert f"尾号 {home.tail}" in award.words(".who")


@pytest.mark.parametrize("role", ["keeper", "supervisor", "reviewer"])
def test_others_see_the_door_only(page, home, digits, role):
    page.sign_in(factories.CAST[role](home.village))
    assert f"尾号 {home.tail}" in page(f"/d/{digits}").words("main")


def test_a_member_of_another_village_sees_the_door_only(page, home, digits):
    page.sign_in(factories.committee(factories.VillageFactory()))
    assert f"尾号 {home.tail}" in page(f"/d/{digits}").words("main")


@pytest.mark.parametrize("code", ["01234567890123456789", "12345", "abc", "00000000000000000000", "../passbook"])
def test_an_unknown_door_is_not_found(app, page, home, code):
    with unchanged(app):
        shown = page(f"/d/{code}", 404)
    assert "没有这个门牌码" in shown.words("main")


def test_guessing_doors_is_throttled(page, home):
    for _ in range(30):
        page("/d/01234567890123456789", 404)
    page("/d/01234567890123456789", 429)
    assert db.session.query(Throttle).count() == 1


def test_an_ended_household_s_door_is_not_found(page, home, digits):
    home.state = "ended"
    db.session.commit()
    page(f"/d/{digits}", 404)


def test_the_till_takes_no_door_code(app, page, home, digits):
    keeper = factories.keeper(home.village)
    factories.stocked(home.village, 5, by=keeper)
    till = page.sign_in(keeper)("/till")
    form = till.select_one("form[action$='/till/find']")
    with unchanged(app):
        for typed in (digits, f"http://localhost/D/{digits}"):
            back = page.submit(form, 422, code=typed)
            assert "这是门牌码，不是积分卡" in back.get_text()


def test_the_passbook_takes_no_door_code(app, page, home, digits):
    with unchanged(app):
        assert "这是门牌码，不是积分卡" in page(f"/c/{digits}", 422).get_text()
    page("/passbook", 200)
    assert "card" not in {cookie.key for cookie in page.client._cookies.values()}


def test_the_award_page_s_field_takes_card_and_door(page, home, digits):
    page.sign_in(factories.committee(home.village))
    for typed in (digits, codes.grouped(digits), f"HTTP://LOCALHOST/D/{digits}"):
        found = page.submit(page("/award").select_one("#find"), 303, code=typed)
        assert page(found.location).select_one("#add")


def test_another_village_s_door_is_no_card_here(app, page, village, digits):  # noqa: F811
    stranger = page.sign_in(factories.committee(factories.VillageFactory()))
    with unchanged(app):
        stranger.submit(stranger("/award").select_one("#find"), 422, code=digits)


def test_issue_and_print(page, home):
    clerk = page.sign_in(factories.village_admin(home.village))
    form = clerk("/award/door-codes").select_one("form[action$='/issue']")
    shown = clerk(clerk.submit(form, 303).location)
    assert shown.rows(".table")[0][1:3] == ["1", "1"]
    paper = clerk(f"/award/door-codes/print?grid={home.grid_id}")
    plate = paper.select_one(".door-plate")
    assert plate.select_one("b").get_text() == f"3-{home.tail}"
    assert "马" not in paper.words(".door-sheet")
    clerk("/award/door-codes/print?grid=987654321", 404)


def test_the_printed_qr_reads_as_the_door_s_address(home, digits):
    (plate,) = door_queries.plates(home.village_id, home.grid_id, "http://localhost")
    scale = 8
    picture = Image.new("L", (plate.code.size * scale,) * 2, 255)
    draw = ImageDraw.Draw(picture)
    drawn = qr.drawn(f"HTTP://LOCALHOST/D/{digits}")
    assert plate.code.path.count("M") > 50
    for run in drawn.path.split("M")[1:]:
        x, rest = run.split(" ", 1)
        y, width = rest.split("h", 1)[0], rest.split("h", 1)[1].split("v", 1)[0]
        left, top = int(x) * scale, int(y) * scale
        draw.rectangle((left, top, left + int(width) * scale - 1, top + scale - 1), fill=0)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [f"HTTP://LOCALHOST/D/{digits}"]


def test_a_door_s_digits_stand_in_no_log(app, page, home, digits, caplog):
    with caplog.at_level("INFO", logger="virtue.request"):
        page(f"/d/{digits}")
    assert digits not in "".join(str(vars(record)) for record in caplog.records)
