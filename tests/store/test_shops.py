"""Several stores of a village: opening them, who works at which, goods given from one to another."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys, settings
from virtue.errors import NotFoundHere
from virtue.extensions import db
from virtue.store import errors, queries, shop_services, stock_errors, stock_queries, transfer_services
from virtue.store.models import Batch, Movement, Order, Store
from virtue.transactions import atomic


@pytest.fixture
def second(shop) -> int:
    """A second store of the village."""
    return shop_services.add_store(shop.village.id, "二组分店", by=shop.keeper.id, place="二组")


def first_batch(shop, item) -> Batch:
    return stock_queries.batches_of_good(item.id)[shop.store.id][0]


def give(shop, to_store, quantity=4, item=None, **options):
    batch = first_batch(shop, item or shop.soap)
    options = {"key": keys.new(), "by": shop.keeper.id, **options}
    return transfer_services.give_to_store(shop.village.id, batch.id, quantity, to_store, **options)


def stock_of(store_id: int, item) -> int:
    total = sa.select(sa.func.sum(Batch.quantity)).where(Batch.store_id == store_id, Batch.item_id == item.id)
    return db.session.scalar(total) or 0


def test_one_function_finds_the_store(app, shop, second):
    foreign = factories.StoreFactory(village_id=factories.VillageFactory().id)
    assert queries.find_store_id(shop.village.id) == shop.store.id
    assert queries.find_store_id(shop.village.id, second) == second
    assert queries.find_store_id(shop.village.id, foreign.id) is None
    assert queries.find_store(shop.village.id, foreign.id) is None
    assert queries.find_store(shop.village.id, second).name == "二组分店"


def test_names_are_told_apart(app, shop, second):
    with unchanged(app):
        with pytest.raises(stock_errors.StoreNameTaken):
            shop_services.add_store(shop.village.id, "二组分店", by=shop.keeper.id)
        with pytest.raises(stock_errors.StoreNameTaken):
            shop_services.edit_store(shop.village.id, shop.store.id, "二组分店", by=shop.keeper.id)
    shop_services.edit_store(shop.village.id, second, "二组分店", by=shop.keeper.id, place="学校旁")
    assert db.session.get(Store, second).place == "学校旁"


def test_a_person_stays_at_the_store_that_was_chosen(app, shop, second):
    assert stock_queries.store_of(shop.village.id, shop.keeper.id).id == shop.store.id
    for store_id in (second, shop.store.id, second):
        shop_services.take_seat(shop.village.id, store_id, by=shop.keeper.id)
        assert stock_queries.store_of(shop.village.id, shop.keeper.id).id == store_id
    other = factories.keeper(shop.village)
    assert stock_queries.store_of(shop.village.id, other.id).id == shop.store.id


def test_nobody_works_at_another_villages_store(app, shop):
    foreign = factories.StoreFactory(village_id=factories.VillageFactory().id)
    with unchanged(app), pytest.raises(NotFoundHere):
        shop_services.take_seat(shop.village.id, foreign.id, by=shop.keeper.id)


def test_goods_move_in_one_act_and_stay_what_they_are(app, shop, second):
    batch = first_batch(shop, shop.soap)
    batch.best_before, batch.received_on = clock.today() + timedelta(days=9), clock.today() - timedelta(days=40)
    db.session.commit()
    outcome = give(shop, second)
    assert (stock_of(shop.store.id, shop.soap), stock_of(second, shop.soap)) == (6, 4)
    there, here = db.session.get(Batch, outcome.result["to_batch_id"]), first_batch(shop, shop.soap)
    for name in ("item_id", "source", "cost_fen", "best_before", "received_on"):
        assert getattr(there, name) == getattr(here, name)
    assert there.origin_id == here.id
    moved = db.session.scalars(sa.select(Movement).where(Movement.transfer_id.is_not(None)).order_by(Movement.id))
    assert [(one.kind, one.quantity, one.before, one.after) for one in moved] == [
        ("moved_out", -4, 10, 6), ("moved_in", 4, 0, 4)
    ]  # fmt: skip


def test_goods_move_once_per_key(app, shop, second):
    key = keys.new()
    first = give(shop, second, key=key)
    with unchanged(app):
        assert give(shop, second, key=key).result == first.result


@pytest.mark.parametrize(("quantity", "refusal"), [(11, errors.NotInBatch), (0, errors.BadQuantity)])
def test_only_what_lies_there_moves(app, shop, second, quantity, refusal):
    with unchanged(app), pytest.raises(refusal):
        give(shop, second, quantity)


def test_goods_move_to_another_store_of_the_village(app, shop, second):
    foreign = factories.StoreFactory(village_id=factories.VillageFactory().id)
    with unchanged(app):
        with pytest.raises(stock_errors.SameStore):
            give(shop, shop.store.id)
        with pytest.raises(NotFoundHere):
            give(shop, foreign.id)


def test_expired_goods_stay(app, shop, second):
    first_batch(shop, shop.soap).best_before = clock.today() - timedelta(days=1)
    db.session.commit()
    with unchanged(app), pytest.raises(stock_errors.BatchExpired):
        give(shop, second)


@pytest.fixture
def on_the_way(shop, second) -> int:
    """Goods that wait for whoever takes them over."""
    with atomic():
        settings.change("transfer_second", True, shop.village.id)
    return give(shop, second).result["transfer_id"]


def take_over(shop, transfer_id, by):
    return transfer_services.take_over(shop.village.id, transfer_id, key=keys.new(), by=by.id)


def test_a_second_person_takes_over(app, shop, second, on_the_way):
    assert (stock_of(shop.store.id, shop.soap), stock_of(second, shop.soap)) == (10, 0)
    with unchanged(app), pytest.raises(stock_errors.SecondPersonTakesOver):
        take_over(shop, on_the_way, shop.keeper)
    other = factories.keeper(shop.village)
    assert stock_queries.transfers_to_take_over(shop.village.id, other.id) == 1
    take_over(shop, on_the_way, other)
    assert (stock_of(shop.store.id, shop.soap), stock_of(second, shop.soap)) == (6, 4)
    with unchanged(app), pytest.raises(stock_errors.StepOver):
        take_over(shop, on_the_way, other)


def test_what_was_called_back_never_moves(app, shop, second, on_the_way):
    transfer_services.call_back(shop.village.id, on_the_way, key=keys.new(), by=shop.keeper.id)
    other = factories.keeper(shop.village)
    with unchanged(app), pytest.raises(stock_errors.StepOver):
        take_over(shop, on_the_way, other)
    assert stock_of(second, shop.soap) == 0


def test_what_was_sold_meanwhile_cannot_be_taken_over(app, shop, second, on_the_way):
    shop.redeem(shop.piece(shop.soap, 5), card_id=None)
    shop.redeem(shop.piece(shop.soap, 2, "civility"), card_id=None)
    other = factories.keeper(shop.village)
    with unchanged(app), pytest.raises(errors.NotInBatch):
        take_over(shop, on_the_way, other)


# ---- pages


def test_a_clerk_opens_a_store_and_names_it(app, page, shop):
    page.sign_in(factories.village_admin(shop.village))
    form = page("/store/stores").select("form[action='/store/stores']")[-1]
    page.submit(form, 303, name=" 二组  分店 ", place="二组活动室")
    assert "二组 分店" in page("/store/stores").words("main")
    with unchanged(app):
        back = page.submit(form, 422, name="二组 分店")
        page.submit(form, 422, name=" ")
    assert back.words(".form-error") == "村里已经有一家二组 分店，请换一个名字。"


def test_the_till_sells_what_lies_in_the_store_that_was_chosen(page, shop, second):
    give(shop, second)
    page.sign_in(shop.keeper)
    form = page("/till").select_one(".store-choice")
    till = page(page.submit(form, 303, store=str(second)).location)
    assert till.select_one(f"[data-good='{shop.soap.id}']")["data-left"] == "4"
    assert till.select_one(f"[data-good='{shop.salt.id}']")["data-left"] == "0"
    found = page.submit(till.select_one("#find"), 303, code=factories.digits_of(shop.card))
    basket = page(found.location).select_one("#basket")
    # In another tab the keeper goes back to the first store: this page stays at the second.
    page.post("/store/choose", {"store": str(shop.store.id)}, 303)
    asked = page.submit(basket, 200, **{f"qty-{shop.soap.id}": "1"})
    page.submit(asked.select_one("#basket"), 303)
    assert db.session.scalars(sa.select(Order.store_id)).all() == [second]
    assert stock_of(second, shop.soap) == 3


def test_goods_are_given_and_taken_over_on_pages(app, page, visitor, shop, second):
    with atomic():
        settings.change("transfer_second", True, shop.village.id)
    item = page.sign_in(shop.keeper)(f"/store/goods/{shop.soap.id}")
    listed = page(page.submit(item.select_one("form[action$='/give']"), 303, quantity="4").location)
    assert "等那边收下" in listed.words("main")
    assert listed.select("form[action$='/take-over']") == []
    other = visitor().sign_in(factories.keeper(shop.village))
    assert "别的店调来的货等收下" in other("/desk").words("main")
    other.submit(other("/store/transfers").select_one("form[action$='/take-over']"), 303)
    assert stock_of(second, shop.soap) == 4


def test_every_movement_stands_on_a_page_and_in_a_file(page, shop, second):
    give(shop, second)
    shop.redeem(shop.piece(shop.soap))
    url = f"/store/goods/{shop.soap.id}/movements"
    rows = page.sign_in(shop.keeper)(url).rows("table")
    assert [row[1:2] + row[3:6] for row in rows] == [
        ["兑换 第1号", "−1", "6", "5"], ["从积分超市调入", "+4", "0", "4"], ["调出到二组分店", "−4", "10", "6"],
        ["入库", "+10", "0", "10"],
    ]  # fmt: skip
    assert [row[1] for row in page(f"{url}?kind=sold").rows("table")] == ["兑换 第1号"]
    assert [row[1] for row in page(f"{url}?store={second}").rows("table")] == ["从积分超市调入"]
    text = page.raw("GET", f"{url}.csv").get_data().decode("utf-8-sig").splitlines()
    assert (len(text), text[1].split(",")[3:7]) == (5, ["兑换 第1号", "'-1", "6", "5"])
    assert page.raw("GET", f"{url}.xlsx").get_data()[:2] == b"PK"


def test_things_of_other_villages_are_not_found(app, page, shop, on_the_way):
    batch = first_batch(shop, shop.soap)
    page.sign_in(factories.keeper(factories.VillageFactory()))
    with unchanged(app):
        page.get(f"/store/goods/{shop.soap.id}/movements", 404)
        page.get(f"/store/goods/{shop.soap.id}/movements.csv", 404)
        page.post(f"/store/transfers/{on_the_way}/take-over", {"key": keys.new()}, 404)
        page.post(f"/store/batches/{batch.id}/give", {"key": keys.new(), "quantity": "1"}, 404)
        page.post("/store/choose", {"store": str(shop.store.id)}, 404)


def test_refused_write_off_and_transfer_keep_all_that_was_typed(page, shop, second):
    shown = page.sign_in(shop.keeper)(f"/store/goods/{shop.soap.id}")
    off = page.submit(shown.select_one("form[action$='/write-off']"), 422, quantity="99", reason="lost", why="找不到了")
    form = off.select_one("details[open] form[action$='/write-off']")
    assert "只有10件" in form.select_one(".form-error").get_text()
    assert (form.select_one("[name=quantity]")["value"], form.select_one("[name=why]")["value"]) == ("99", "找不到了")
    assert form.select_one("option[selected]")["value"] == "lost"
    give = page.submit(off.select_one("form[action$='/give']"), 422, quantity="十")
    form = give.select_one("details[open] form[action$='/give']")
    assert form.select_one("[name=quantity]")["value"] == "十"
    assert len(give.select("details[open]")) == 1


def test_the_public_page_names_every_store_and_where_each_good_lies(page, shop, second):
    batch = db.session.scalar(sa.select(Batch.id).where(Batch.item_id == shop.soap.id))
    transfer_services.give_to_store(shop.village.id, batch, 3, second, key=keys.new(), by=shop.keeper.id)
    public = page(f"/v/{shop.village.slug}/goods")
    assert [row.get_text(" ") for row in public.select("#stores li")] == ["积分超市", "二组分店 二组"]
    said = {row.select_one("span").contents[0].strip(): row.get_text(" ") for row in public.select("#goods li")}
    assert "积分超市、二组分店有货" in said["洗衣液 2kg"]
    assert "积分超市有货" in said["食用盐 400g"]
