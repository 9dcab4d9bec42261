"""Goods that come in: one paper with its lines, the second person above the village's sum, donors."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys, settings
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.store import delivery_services, donor_services, errors, stock_errors, stock_queries
from virtue.store.delivery_forms import TypedDelivery, add_scanned
from virtue.store.delivery_services import Line, Paper
from virtue.store.donor_services import NewDonor
from virtue.store.models import Batch, Movement
from virtue.store.stock_models import Delivery, Donor
from virtue.transactions import atomic

BOUGHT = Paper("bought", "镇批发部")


def enter(shop, *lines, paper=BOUGHT, **options):
    options = {"key": keys.new(), "by": shop.keeper.id, **options}
    return delivery_services.enter(shop.village.id, shop.store.id, paper, lines, **options)


def test_small_deliveries_are_in_stock_at_once(app, shop):
    until = clock.today() + timedelta(days=90)
    outcome = enter(shop, Line(shop.soap.id, 24, 1850, until), Line(shop.salt.id, 10, 250))
    assert outcome.result["state"] == "done"
    first, second = (db.session.get(Batch, number) for number in outcome.result["batch_ids"])
    assert (first.quantity, first.source, first.cost_fen, first.best_before) == (24, "bought", 1850, until)
    assert (second.item_id, second.quantity, second.delivery_id) == (shop.salt.id, 10, outcome.result["delivery_id"])
    movement = db.session.scalars(sa.select(Movement).where(Movement.batch_id == first.id)).one()
    assert (movement.kind, movement.quantity, movement.before, movement.after) == ("received", 24, 0, 24)
    kept = db.session.get(Delivery, outcome.result["delivery_id"])
    assert (kept.total_fen, kept.supplier, kept.needs_second) == (24 * 1850 + 2500, "镇批发部", False)
    assert (shop.left(shop.soap), shop.left(shop.salt)) == (34, 110)


def test_a_delivery_comes_in_once_per_key(app, shop):
    key, line = keys.new(), Line(shop.soap.id, 24, 1000)
    first = enter(shop, line, key=key)
    with unchanged(app):
        assert enter(shop, line, key=key).result == first.result


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ({"quantity": 0}, errors.BadQuantity), ({"quantity": -3}, errors.BadQuantity),
        ({"quantity": 100_000}, errors.BadQuantity), ({"days": -1}, errors.BestBeforePast),
    ],
    ids=["none", "negative", "too-many", "expired"],
)  # fmt: skip
def test_odd_lines_are_refused_whole(app, shop, line, refusal):
    until = clock.today() + timedelta(days=line["days"]) if "days" in line else None
    with unchanged(app), pytest.raises(refusal):
        enter(shop, Line(shop.salt.id, 5, 250), Line(shop.soap.id, line.get("quantity", 1), 100, until))


def test_what_spoils_needs_its_day(app, shop):
    shop.oil.needs_best_before = True
    db.session.commit()
    with unchanged(app), pytest.raises(errors.BestBeforeMissing):
        enter(shop, Line(shop.oil.id, 5, 1800))
    enter(shop, Line(shop.oil.id, 5, 1800, clock.today()))


def test_nothing_and_too_much_are_refused(app, shop):
    with unchanged(app):
        with pytest.raises(stock_errors.EmptyDelivery):
            enter(shop)
        with pytest.raises(stock_errors.TooManyLines):
            enter(shop, *[Line(shop.salt.id, 1, 1)] * 41)


def test_foreign_goods_and_stores_are_not_found(app, shop):
    other = factories.VillageFactory()
    foreign = factories.stocked(other, 1, by=shop.keeper)
    store = factories.StoreFactory(village_id=other.id)
    with unchanged(app):
        with pytest.raises(NotFoundHere):
            enter(shop, Line(foreign.id, 3, 100))
        with pytest.raises(NotFoundHere):
            delivery_services.enter(
                shop.village.id, store.id, BOUGHT, [Line(shop.soap.id, 1, 1)], key=keys.new(), by=shop.keeper.id
            )


@pytest.fixture
def waiting(shop):
    """A delivery at exactly the sum from which two people are needed."""
    return enter(shop, Line(shop.soap.id, 50, 2000)).result["delivery_id"]


def confirm(shop, delivery_id, by):
    return delivery_services.confirm(shop.village.id, delivery_id, key=keys.new(), by=by.id)


def test_large_deliveries_wait_for_a_second_person(app, shop, waiting):
    assert shop.left(shop.soap) == 10
    with unchanged(app), pytest.raises(stock_errors.SecondPersonReceives):
        confirm(shop, waiting, shop.keeper)
    clerk = factories.village_admin(shop.village)
    assert stock_queries.deliveries_to_confirm(shop.village.id, clerk.id) == 1
    assert stock_queries.deliveries_to_confirm(shop.village.id, shop.keeper.id) == 0
    confirm(shop, waiting, clerk)
    assert shop.left(shop.soap) == 60
    assert stock_queries.deliveries_to_confirm(shop.village.id, clerk.id) == 0
    with unchanged(app), pytest.raises(stock_errors.StepOver):
        confirm(shop, waiting, clerk)


def test_a_fen_below_the_sum_needs_nobody_else(app, shop):
    assert enter(shop, Line(shop.soap.id, 1, 99_999)).result["state"] == "done"


def test_a_village_may_switch_the_second_person_off(app, shop):
    with atomic():
        settings.change("receive_second_from_yuan", 0, shop.village.id)
    assert enter(shop, Line(shop.soap.id, 999, 9999)).result["state"] == "done"


def test_what_is_refused_never_comes_in(app, shop, waiting):
    with unchanged(app), pytest.raises(errors.ReasonMissing):
        delivery_services.refuse(shop.village.id, waiting, why=" ", key=keys.new(), by=shop.keeper.id)
    delivery_services.refuse(shop.village.id, waiting, why="少了五件", key=keys.new(), by=shop.keeper.id)
    clerk = factories.village_admin(shop.village)
    with unchanged(app), pytest.raises(stock_errors.StepOver):
        confirm(shop, waiting, clerk)
    assert shop.left(shop.soap) == 10
    assert stock_queries.remark_text(db.session.get(Delivery, waiting).remark_id) == "少了五件"


def test_expired_while_it_waited(app, shop):
    number = enter(shop, Line(shop.soap.id, 50, 2000, clock.today())).result["delivery_id"]
    clerk = factories.village_admin(shop.village)
    with clock.set_to(clock.now() + timedelta(days=1)), unchanged(app), pytest.raises(errors.BestBeforePast):
        confirm(shop, number, clerk)


def test_the_database_wants_two_people_too(app, shop, waiting):
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(
            sa.update(Delivery).values(state="done", decided_by_id=shop.keeper.id, decided_at=clock.now())
        )
    db.session.rollback()


def test_gifts_are_thanked_as_the_giver_wishes(app, shop):
    gift, today = Line(shop.soap.id, 2, 1850), clock.today()
    enter(shop, gift, paper=Paper("donated", new_donor=NewDonor("县民政局", "named")))
    enter(shop, gift, paper=Paper("donated", new_donor=NewDonor("王善人")))
    enter(shop, gift, paper=Paper("donated", new_donor=NewDonor("")))
    assert stock_queries.thanks(shop.village.id, today) == stock_queries.Thanks(["县民政局"], 2)
    named = db.session.scalars(sa.select(Donor).where(Donor.thanks == "named")).one()
    donor_services.change(shop.village.id, named.id, NewDonor("县民政局", "anonymous"), by=shop.keeper.id)
    assert stock_queries.thanks(shop.village.id, today) == stock_queries.Thanks([], 3)
    assert stock_queries.thanks(shop.village.id, today + timedelta(days=1)) == stock_queries.Thanks([], 0)


def test_gifts_need_somebody_who_gave(app, shop):
    with unchanged(app):
        with pytest.raises(stock_errors.DonorMissing):
            enter(shop, Line(shop.soap.id, 2, 0), paper=Paper("donated"))
        with pytest.raises(stock_errors.DonorNameMissing):
            enter(shop, Line(shop.soap.id, 2, 0), paper=Paper("donated", new_donor=NewDonor(" ", "named")))
        with pytest.raises(NotFoundHere):
            enter(shop, Line(shop.soap.id, 2, 0), paper=Paper("donated", donor_id=999))


# ---- pages


def photo() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "navy").save(out, "JPEG")
    return io.BytesIO(out.getvalue()), "invoice.jpg"


def receive_form(page, shop):
    return page.sign_in(shop.keeper)(f"/store/receive?item={shop.soap.id}").select_one("form[enctype]")


def test_receive_two_goods_with_the_invoice(app, page, shop):
    form = receive_form(page, shop)
    fields = {"quantity-1": "5", "item-2": str(shop.salt.id), "quantity-2": "４", "cost-2": "2.5", "photo": photo()}
    paper = page(page.submit(form, 303, supplier="镇批发部", **fields).location)
    assert [row[:2] for row in paper.rows("table")] == [["洗衣液 2kg", "5 瓶"], ["食用盐 400g", "4 袋"]]
    assert "购买 · 镇批发部" in paper.words("main")
    picture = page.raw("GET", paper.select_one(".photo-thumb")["href"])
    assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
    assert (shop.left(shop.soap), shop.left(shop.salt)) == (15, 104)


def test_sent_twice_comes_in_once(app, page, shop):
    form = receive_form(page, shop)
    page.submit(form, 303, **{"quantity-1": "5"})
    with unchanged(app):
        page.submit(form, 303, **{"quantity-1": "5"})
    assert shop.left(shop.soap) == 15


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"quantity-1": "0"}, "数量要填1到99999的整数。"), ({"quantity-1": "1.5"}, "数量要填1到99999的整数。"),
        ({"quantity-1": "5", "cost-1": "贵"}, "每件进价要填金额（元），最多两位小数。"),
        ({"quantity-1": "5", "item-1": "999999"}, "请选商品。"),
        ({"quantity-1": "5", "until-1": "明年"}, "日期要写成年-月-日，例如 2026-11-24。"),
        ({"quantity-1": "5", "until-1": "2020-01-01"}, "保质期已过的商品不能入库。"),
        ({}, "还没有填商品和数量。"),
        ({"quantity-1": "5", "source": "donated", "donor": ""}, "捐赠的要选是谁捐的，或者填捐赠人；不愿留名的选匿名，名字可以不填。"),
    ],
    ids=["none", "fraction", "money", "foreign", "day", "past", "empty", "donor"],
)  # fmt: skip
def test_bad_deliveries_come_back_as_typed(app, page, shop, fields, words):
    form = receive_form(page, shop)
    with unchanged(app):
        back = page.submit(form, 422, supplier="镇批发部", **fields)
    assert words in back.words("form[enctype]")
    assert back.select_one("[name=supplier]")["value"] == "镇批发部"
    assert back.select_one("[name=quantity-1]")["value"] == fields.get("quantity-1", "")


def test_more_lines_keep_what_was_typed(app, page, shop):
    form = receive_form(page, shop)
    with unchanged(app):
        back = page.submit(form, 200, button="more=1", **{"quantity-1": "7"})
    assert len(back.select("[name^=quantity-]")) == 6
    assert back.select_one("[name=quantity-1]")["value"] == "7"


def test_the_second_person_confirms_on_the_page(app, page, visitor, shop, waiting):
    mine = page.sign_in(shop.keeper)(f"/store/deliveries/{waiting}")
    assert mine.select("form[action$='/confirm']") == []
    clerk = visitor().sign_in(factories.village_admin(shop.village))
    assert "入库单等第二人" in clerk("/desk").words("main")
    paper = clerk(f"/store/deliveries/{waiting}")
    done = clerk(clerk.submit(paper.select_one("form[action$='/confirm']"), 303).location)
    assert "已入库" in done.words(".page-head")
    assert shop.left(shop.soap) == 60
    listed = clerk("/store/deliveries?state=done")
    assert [row[0] for row in listed.rows("table")] == [f"第{waiting}号"]


def test_an_anonymous_name_is_for_those_who_keep_the_stock(app, page, visitor, shop):
    paper = Paper("donated", new_donor=NewDonor("王善人"))
    number = enter(shop, Line(shop.soap.id, 2, 0), paper=paper).result["delivery_id"]
    watcher = visitor().sign_in(factories.supervisor(shop.village))
    for address in (f"/store/deliveries/{number}", "/store/deliveries"):
        assert "王善人" not in watcher(address).words("main")
    assert "王善人（匿名，不公开）" in page.sign_in(shop.keeper)(f"/store/deliveries/{number}").words("main")
    watcher.get("/store/donors", 403)


def test_a_donor_may_change_the_wish(app, page, shop):
    enter(shop, Line(shop.soap.id, 2, 0), paper=Paper("donated", new_donor=NewDonor("县民政局")))
    form = page.sign_in(shop.keeper)("/store/donors").select_one("form[action*='/store/donors/']")
    page.submit(form, 303, thanks="named")
    assert stock_queries.thanks(shop.village.id, clock.today()).names == ["县民政局"]
    with unchanged(app):
        page.submit(form, 422, thanks="named", name=" ")


def test_papers_of_other_villages_are_not_found(app, page, shop, waiting):
    stranger = factories.keeper(factories.VillageFactory())
    page.sign_in(stranger)
    with unchanged(app):
        page.get(f"/store/deliveries/{waiting}", 404)
        page.post(f"/store/deliveries/{waiting}/confirm", {"key": keys.new()}, 404)
        page.post(f"/store/deliveries/{waiting}/refuse", {"key": keys.new(), "why": "x"}, 404)


def test_the_portal_thanks_only_who_agreed(page, shop):
    for donor in (NewDonor("县民政局", "named"), NewDonor("王善人")):
        enter(shop, Line(shop.soap.id, 2, 1850), paper=Paper("donated", new_donor=donor))
    said = page(f"/v/{shop.village.slug}/goods")
    assert said.words("#thanks") == "这一年给超市捐过东西的：县民政局，还有1位不愿留名的爱心人士。"
    assert "王善人" not in said.words("main")


def test_receiving_by_scan_fills_line_after_line_without_scripts(page, shop):
    form = page.sign_in(shop.keeper)("/store/receive").select_one("#receive")
    for code in (shop.soap.barcode, shop.soap.barcode, " ".join((shop.salt.barcode[:7], shop.salt.barcode[7:]))):
        form = page.submit(form, 200, button="add=1", scan=code, supplier="镇批发部").select_one("#receive")
    wrong = page.submit(form, 422, button="add=1", scan="6900000000000")
    assert "没有这个条码的商品" in wrong.words("#scan-error")
    assert wrong.select_one("#scan")["value"] == "6900000000000"
    typed = [
        (row.select_one("option[selected]").get_text(), row.select_one("[name^=quantity]")["value"])
        for row in wrong.select(".receive-lines tbody tr") if row.select_one("option[selected]")
    ]  # fmt: skip
    assert typed == [("洗衣液 2kg", "2"), ("食用盐 400g", "1")]
    assert wrong.select_one("[name=supplier]")["value"] == "镇批发部"
    page.submit(wrong.select_one("#receive"), 303, scan="")
    assert (shop.left(shop.soap), shop.left(shop.salt)) == (12, 101)


def test_more_goods_than_lines_begin_a_new_one(shop):
    typed = TypedDelivery()
    further = [factories.stocked(shop.village, 1, by=shop.keeper, home=1).barcode for _ in range(3)]
    goods = stock_queries.goods_by_code(shop.village.id)
    for code in (shop.soap.barcode, *further, shop.soap.barcode):
        add_scanned(typed, code, goods)
    assert [(row.number, row.quantity) for row in typed.rows] == [(1, "2"), (2, "1"), (3, "1"), (4, "1")]
