"""A printed sheet, rendered to pixels as a printer gets it: every QR is read back and matched."""

import re
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select

from tests.factories import PASSWORD, GridFactory, HouseholdFactory, village_admin
from tests.people.cards import digits_of
from virtue.extensions import db
from virtue.people import services
from virtue.people.models import Card

DOTS_PER_MM = 96 / 25.4


@pytest.fixture
def grid(app):
    """A grid of twelve households with cards: three sheets."""
    grid = GridFactory(number=3, name="第三网格")
    grid.village.phone = "0935-5120000"
    for _ in range(12):
        HouseholdFactory(grid=grid)
    services.issue_cards(grid.village_id, by=None)
    return grid


def printed_codes(base: str) -> set[str]:
    """What the QR of each card must hold."""
    return {f"{base}/C/{digits_of(card)}".upper() for card in db.session.scalars(select(Card))}


def read(picture: Path) -> list[str]:
    """Every QR in a picture."""
    with Image.open(picture) as image:
        return [found.text for found in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)]


@pytest.fixture
def paper(live, screen, grid):
    """A clerk's browser that draws pages as they go on paper, at about 200 dots an inch."""
    page = screen("desk", device_scale_factor=2)
    clerk = village_admin(grid.village)
    page.goto(live.url("/sign-in"))
    page.fill("[name=username]", clerk.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.emulate_media(media="print")
    return page


@pytest.mark.parametrize("ink", ["", "bw"])
def test_every_printed_qr_is_read_and_matches(live, paper, grid, tmp_path, ink):
    paper.goto(live.url(f"/cards/print?grid={grid.id}&ink={ink}"))
    sheets = paper.locator(".sheet")
    found = []
    for number in range(sheets.count()):
        picture = tmp_path / f"sheet-{number}.png"
        sheets.nth(number).screenshot(path=picture)
        found.append(read(picture))
    live.look(paper, f"print-cards-{ink or 'colour'}")
    assert [len(sheet) for sheet in found] == [5, 5, 2]
    assert {text for sheet in found for text in sheet} == printed_codes(live.base)


def test_sheets_are_a4_with_five_cards_each(live, paper, grid):
    """The margins are narrow enough: twelve cards are three pages, not six."""
    paper.goto(live.url(f"/cards/print?grid={grid.id}"))
    pdf = paper.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 3
    assert {
        tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox\s*\[([^]]+)", pdf)
    } == {(0, 0, 595, 842)}


def test_halves_are_as_large_as_a_bank_card(live, paper, grid):
    paper.goto(live.url(f"/cards/print?grid={grid.id}"))
    front, back = (paper.locator(".card-face").nth(number).bounding_box() for number in range(2))
    for half in (front, back):
        assert (round(half["width"] / DOTS_PER_MM, 1), round(half["height"] / DOTS_PER_MM, 1)) == (85.6, 54.0)
    # Side by side, with the fold between them.
    assert abs(back["x"] - front["x"]) == pytest.approx(front["width"], abs=0.5)
    assert back["y"] == front["y"]
