"""Cards: how far each grid is, issuing, lost, found, reissued, ended, handed over, PIN reset."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.people import print_queries, queries, services
from virtue.people.household_views import to_household
from virtue.people.models import Card
from virtue.people.views import people


@people.get("/cards")
@permission("people.cards")
def cards() -> str:
    """Each grid's cards: issued, printed, handed over; and what to print."""
    return render_template("people/cards.html", rows=print_queries.cards_by_grid(access.village().id))


@people.post("/cards/issue")
@permission("people.cards")
def issue_cards() -> Response:
    """Issue a card for each household of a grid, or of the village, that has none."""
    village = access.village()
    made = services.issue_cards(village.id, grid_asked(village.id), by=access.by())
    if made:
        flash(_("发了 %(number)s 张新卡，可以打印了。", number=len(made)), "good")
    else:
        flash(_("每一户都已经有卡，没有要新发的。"), "warn")
    return redirect(url_for("people.cards"), 303)


@people.post("/households/<int:household_id>/cards")
@permission("people.cards")
def issue_card(household_id: int) -> Response:
    """Issue one more card for a household."""
    services.issue_card(access.village().id, household_id, key=request.form.get("key", ""), by=access.by())
    flash(_("新卡已发，可以打印了。"), "good")
    return to_household(household_id)


@people.post("/households/<int:household_id>/reset-pin")
@permission("people.cards")
def reset_pin(household_id: int) -> Response:
    """Forget a household's PIN; a new slip is to be printed."""
    services.reset_pin(access.village().id, household_id, by=access.by())
    flash(_("密码已重置。请打印新的密码条交给这一户。"), "good")
    return to_household(household_id)


@people.post("/households/<int:household_id>/phones/<int:phone_id>/end")
@permission("people.cards")
def end_phone(household_id: int, phone_id: int) -> Response:
    """A phone that was lost, or that no one of the household knows."""
    services.end_phone(access.village().id, phone_id, household_id=household_id, by=access.by())
    flash(_("手机已停用，要重新扫卡才能打开存折。"), "good")
    return to_household(household_id)


@people.post("/cards/<int:card_id>/lost")
@permission("people.cards")
def mark_lost(card_id: int) -> Response:
    """挂失."""
    return _done(services.mark_lost(access.village().id, card_id, by=access.by()), _("已挂失，这张卡马上停用。"))


@people.post("/cards/<int:card_id>/found")
@permission("people.cards")
def mark_found(card_id: int) -> Response:
    """Found again."""
    return _done(services.mark_found(access.village().id, card_id, by=access.by()), _("已解除挂失，这张卡又能用了。"))


@people.post("/cards/<int:card_id>/end")
@permission("people.cards")
def end_card(card_id: int) -> Response:
    """Out of use for good."""
    return _done(services.end_card(access.village().id, card_id, by=access.by()), _("卡已注销。"))


@people.post("/cards/<int:card_id>/reissue")
@permission("people.cards")
def reissue(card_id: int) -> Response:
    """补卡: a new card, the old one is replaced."""
    card = load_card(card_id)
    services.reissue(card.village_id, card_id, key=request.form.get("key", ""), by=access.by())
    return _done(load_card(card_id), _("新卡已发，旧卡马上停用。请打印新卡，密码不变。"))


@people.post("/cards/<int:card_id>/handed-over")
@permission("people.cards")
def note_handed_over(card_id: int) -> Response:
    """Handed over and signed for."""
    card = load_card(card_id)
    services.note_handed_over(card.village_id, [card_id], by=access.by())
    return _done(load_card(card_id), _("已登记发放。"))


@people.post("/cards/handed-over")
@permission("people.cards")
def note_all_handed_over() -> Response:
    """All printed cards of a grid were handed over, as the signed list says."""
    village = access.village()
    asked = print_queries.printable_cards(village.id, grid_id=grid_asked(village.id))
    number = services.note_handed_over(village.id, [card.id for card in asked if card.printed_at], by=access.by())
    flash(_("已登记发放 %(number)s 张。", number=number), "good")
    return redirect(url_for("people.cards"), 303)


@people.post("/cards/printed")
@permission("people.cards")
def note_printed() -> Response:
    """These cards came out of the printer; the next sheet leaves them out."""
    texts = request.form.get("ids", "").split(",")[:5000]
    ids = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 15]
    number = services.note_printed(access.village().id, ids, by=access.by())
    flash(_("已记下：打印了 %(number)s 张。", number=number), "good")
    return redirect(url_for("people.cards"), 303)


def grid_asked(village_id: int) -> int | None:
    """The grid that form or address names, None for the whole village; 404 for another village's."""
    text = request.values.get("grid", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15) or queries.find_grid(village_id, int(text)) is None:
        abort(404)
    return int(text)


def load_card(card_id: int) -> Card:
    """A card of the session's village, or 404."""
    card = queries.find_card(access.village().id, card_id)
    if card is None:
        abort(404)
    return card


def _done(card: Card, said: str) -> Response:
    flash(said, "good")
    return to_household(card.household_id)
