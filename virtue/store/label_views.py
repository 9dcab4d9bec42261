"""Labels with a drawn barcode, to be stuck on goods that have none: sheets of 24 on A4."""

from flask import abort, render_template, request

from virtue import access, pages
from virtue.access import permission
from virtue.quantities import parse_whole
from virtue.store import queries
from virtue.store.ean import OWN_PREFIX, bars, is_ean13
from virtue.store.models import Item
from virtue.store.views import store

PER_SHEET = 24
MOST_LABELS = PER_SHEET * 20


@store.get("/store/labels")
@permission("store.view")
def labels() -> str:
    """Choose goods and how many labels of each; those with barcodes of our own come first."""
    goods = [good for good in queries.items_of(access.village_id()) if is_ean13(good.barcode)]
    goods.sort(key=lambda good: not is_own(good))
    return render_template(
        "store/labels.html", goods=goods, is_own=is_own, chosen=pages.number_asked("item"), per_sheet=PER_SHEET
    )


@store.get("/store/labels/print")
@permission("store.view")
def print_labels() -> str:
    """The sheets: ``n-<good>`` labels of each."""
    wanted = []
    for good in queries.items_of(access.village_id()):
        count = parse_whole(request.args.get(f"n-{good.id}"), most=MOST_LABELS)
        if count and is_ean13(good.barcode):
            wanted += [good] * count
    if not wanted:
        abort(404)
    wanted = wanted[:MOST_LABELS]
    sheets = [wanted[start : start + PER_SHEET] for start in range(0, len(wanted), PER_SHEET)]
    return render_template("store/print_labels.html", sheets=sheets, bars=bars)


def is_own(good: Item) -> bool:
    """Whether the barcode is one of ours, so that nothing is printed on the good itself."""
    return good.barcode.startswith(OWN_PREFIX)
