"""Barcodes of our own, drawn and read again; further barcodes and pictures of goods."""

import io

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests import factories
from tests.pages import unchanged
from virtue.store import ean, errors, goods_services, stock_queries

CODES = ["6901234567892", "2100000000012", "0000000000000", "9999999999994", "4006381333931", "5012345678900"]
MORE = "6901234567892"


def drawn(code: str) -> Image.Image:
    """A label's bars as they are drawn, three dots a module with both quiet zones."""
    picture = Image.new("L", ((ean.MODULES + 22) * 3, 120), 255)
    pen = ImageDraw.Draw(picture)
    for place, width in ean.bars(code):
        pen.rectangle(((place + 11) * 3, 10, (place + 11 + width) * 3 - 1, 109), fill=0)
    return picture


@pytest.mark.parametrize("code", CODES)
def test_a_scanner_reads_what_is_drawn(code):
    found = zxingcpp.read_barcodes(drawn(code), formats=zxingcpp.BarcodeFormat.EAN13)
    assert [one.text for one in found] == [code]


@pytest.mark.parametrize("number", [1, 2, 10, 999, 9_999_999_999])
def test_our_own_codes_lie_in_the_range_for_shops(number):
    code = ean.own_code(number)
    assert (code[0], len(code), ean.is_ean13(code)) == ("2", 13, True)


@pytest.mark.parametrize("code", ["", "690123456789", "6901234567891", "69012345678９2", "abcdefghijklm"])
def test_what_is_no_barcode_is_not_drawn(code):
    with pytest.raises(ValueError, match="no EAN-13"):
        ean.modules(code)


def test_the_sheet_has_as_many_labels_as_were_asked_for(page, shop):
    shop.soap.barcode = MORE
    shop.salt.barcode = ean.own_code(7)
    factories.db.session.commit()
    chosen = page.sign_in(shop.keeper)(f"/store/labels?item={shop.salt.id}")
    assert chosen.select_one(f"[name=n-{shop.salt.id}]")["value"] == "24"
    sheets = page.submit(chosen.select_one("main form"), 200, **{f"n-{shop.soap.id}": "3"})
    assert [len(sheet.select(".label")) for sheet in sheets.select(".sheet")] == [24, 3]
    assert sheets.select_one(".barcode")["aria-label"] in {MORE, ean.own_code(7)}
    page.get("/store/labels/print", 404)


def test_a_second_barcode_is_known_at_the_till(page, shop):
    goods_services.add_barcode(shop.village.id, shop.soap.id, MORE, by=shop.keeper.id)
    till = page.sign_in(shop.keeper)("/till")
    assert till.select_one(f"[data-good='{shop.soap.id}']")["data-ean"].split() == [shop.soap.barcode, MORE]


def test_a_barcode_is_one_goods_alone(app, shop):
    add = goods_services.add_barcode
    add(shop.village.id, shop.soap.id, MORE, by=shop.keeper.id)
    with unchanged(app):
        with pytest.raises(errors.BarcodeTaken):
            add(shop.village.id, shop.salt.id, MORE, by=shop.keeper.id)
        with pytest.raises(errors.BadBarcode):
            add(shop.village.id, shop.salt.id, "123", by=shop.keeper.id)
        with pytest.raises(errors.BadBarcode):
            add(shop.village.id, shop.salt.id, "", by=shop.keeper.id)
    goods_services.drop_barcode(shop.village.id, shop.soap.id, MORE, by=shop.keeper.id)
    add(shop.village.id, shop.salt.id, MORE, by=shop.keeper.id)
    other = factories.stocked(factories.VillageFactory(), 1, by=shop.keeper)
    add(other.village_id, other.id, MORE, by=shop.keeper.id)


def test_barcodes_are_added_and_taken_away_on_the_page(app, page, shop):
    page.sign_in(factories.village_admin(shop.village))
    url = f"/store/goods/{shop.soap.id}"
    page.submit(page(url).select_one("form[action$='/barcodes']:has([name=code])"), 303, code=f" {MORE[:7]} {MORE[7:]}")
    assert MORE in page(url).words(".item-looks")
    with unchanged(app):
        page.post(f"{url}/barcodes", {"code": "123"}, 422)
        page.post(f"{url}/barcodes", {"drop": "123"}, 404)
        page.post(f"{url}/barcodes", {"drop": shop.soap.barcode}, 422)
    page.submit(page(url).select_one("form:has(button[name=drop])"), 303, button=f"drop={MORE}")
    assert stock_queries.barcodes_of(shop.soap.id) == []


def picture(colour: str = "navy") -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (2400, 1800), colour).save(out, "PNG")
    return io.BytesIO(out.getvalue()), "soap.png"


def test_a_goods_picture_is_for_everybody(app, page, visitor, shop):
    page.sign_in(factories.village_admin(shop.village))
    url = f"/store/goods/{shop.soap.id}"
    form = page(url).select_one("form[action$='/picture']")
    page.submit(form, 303, photo=picture())
    shown = page(url).select_one(".item-picture")["src"]
    answer = visitor().raw("GET", shown)
    with Image.open(io.BytesIO(answer.get_data())) as kept:
        assert (answer.mimetype, kept.size) == ("image/jpeg", (1600, 1200))
    page.submit(form, 303, photo=picture("olive"))
    assert visitor().raw("GET", shown).status_code == 404
    with unchanged(app):
        page.submit(form, 422)
        page.submit(form, 422, photo=(io.BytesIO(b"GIF89a"), "x.gif"))
    page.submit(page(url).select_one("form[action$='/picture']"), 303, button="drop=1")
    assert page(url).select(".item-picture") == []


def test_the_till_shows_the_picture(page, visitor, shop):
    page.sign_in(factories.village_admin(shop.village))
    page.submit(page(f"/store/goods/{shop.soap.id}").select_one("form[action$='/picture']"), 303, photo=picture())
    till = visitor().sign_in(shop.keeper)("/till")
    assert len(till.select(f"[data-good='{shop.soap.id}'] .good-pic img")) == 1
    assert till.select(f"[data-good='{shop.salt.id}'] .good-pic img") == []


def test_an_invoice_is_no_goods_picture(page, visitor, shop):
    form = page.sign_in(shop.keeper)(f"/store/receive?item={shop.soap.id}").select_one("form[enctype]")
    paper = page(page.submit(form, 303, photo=picture(), **{"quantity-1": "1"}).location)
    shown = paper.select_one(".photo-thumb")["href"]
    assert page.raw("GET", shown).status_code == 200
    assert visitor().raw("GET", shown).status_code == 303
    assert visitor().raw("GET", shown.replace("/store/invoices/", "/goods-pictures/")).status_code == 404
    stranger = visitor().sign_in(factories.keeper(factories.VillageFactory()))
    assert stranger.raw("GET", shown).status_code == 404
