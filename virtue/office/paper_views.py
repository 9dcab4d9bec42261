"""What a village prints for its households: cards, one-time PIN slips, the hand-over list, the one-page notice."""

from collections.abc import Callable, Sequence
from functools import partial

from flask import abort, current_app, render_template, request
from flask_babel import gettext as _

from virtue import access, pages
from virtue.access import permission
from virtue.office.views import office
from virtue.people import print_queries, queries, services
from virtue.people.models import Card
from virtue.store import queries as store

PAIRS_A_SHEET = 5
"""Front and back side by side: five folded cards on an A4."""


@office.get("/cards/print")
@permission("people.cards")
def print_cards() -> str:
    """Cards of a grid, a household or the village on A4, to fold and laminate; ``ink=bw`` for a black printer."""
    village_id, household_id = access.village().id, household_asked()
    asked = partial(
        print_queries.printable_cards, village_id, grid_id=grid_asked(), household_id=household_id,
        only_new=request.args.get("new") == "1",
    )  # fmt: skip
    # Printing shows codes, so each household is told, and only then are they read.
    services.record_looks(village_id, [card.household_id for card in asked()], by=access.by(), what="card")
    cards = asked()
    faces = print_queries.faces(cards, base_url())
    shop = store.find_store(village_id)
    return render_template(
        "office/print_cards.html",
        sheets=[faces[at : at + PAIRS_A_SHEET] for at in range(0, len(faces), PAIRS_A_SHEET)],
        ids=",".join(str(face.card_id) for face in faces), title=_scope(cards), is_bw=request.args.get("ink") == "bw",
        household_id=household_id, store_name=shop.name if shop else _("积分超市"),
    )  # fmt: skip


@office.get("/cards/pins")
@permission("people.cards")
def print_pins() -> str:
    """One-time PIN slips, for households that have a card and haven't chosen a PIN yet."""
    village_id, household_id = access.village().id, household_asked()
    asked = partial(print_queries.slip_households, village_id, grid_id=grid_asked(), household_id=household_id)
    services.record_looks(village_id, [one.id for one in asked()], by=access.by(), what="pin_slip")
    slips = print_queries.slips(asked())
    return render_template("office/print_pins.html", slips=slips, household_id=household_id)


@office.get("/cards/hand-over")
@permission("people.cards")
def print_hand_over() -> str:
    """The list on which each household signs for its card, names masked, with the notice each is given."""
    cards = print_queries.printable_cards(access.village().id, grid_id=grid_asked())
    return render_template(
        "office/print_hand_over.html", cards=cards, number=print_queries.card_number, title=_scope(cards)
    )


@office.get("/cards/notice")
@permission("people.cards")
def print_notice() -> str:
    """The page handed over with every card: what, why, who sees, how long, how to leave."""
    return render_template("office/print_notice.html")


def base_url() -> str:
    """Where a card's QR leads: the installation's public address, else the one this page was asked at."""
    return current_app.config["VIRTUE_BASE_URL"] or request.host_url


def grid_asked() -> int | None:
    """The grid that the address asks for; 404 for one of another village."""
    return _asked("grid", queries.find_grid)


def household_asked() -> int | None:
    """The same for a household."""
    return _asked("household", queries.find_household)


def _asked(name: str, find: Callable[[int, int], object | None]) -> int | None:
    """An id of this village in the query, None when none is named; 404 for one that isn't this village's."""
    if not request.args.get(name):
        return None
    number = pages.number_asked(name)
    if number is None or find(access.village().id, number) is None:
        abort(404)
    return number


def _scope(cards: Sequence[Card]) -> str:
    """What is printed: a grid's name, or the village's."""
    grids = {card.household.grid.name for card in cards}
    return grids.pop() if len(grids) == 1 else access.village().name
