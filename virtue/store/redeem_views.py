"""Confirming at the till: the basket in words, who stands behind a big one, and the goods handed over once."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from virtue import access
from virtue.access import permission
from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.people.errors import WrongPin
from virtue.store import order_queries, proof_services, services
from virtue.store import till as page
from virtue.store.answer_views import asked, is_htmx, refused, show, stale, store_id
from virtue.store.basket_forms import Basket
from virtue.store.proof_errors import ProofNeeded, SecondIsKeeper, SecondIsKin, WrongSecond
from virtue.store.proof_services import Proof
from virtue.store.served import Served
from virtue.store.till import Till
from virtue.store.views import store

PROOF_FIELDS: dict[type[BrokenRule], str] = {
    ProofNeeded: "pin", WrongPin: "pin", WrongSecond: "second", SecondIsKeeper: "second", SecondIsKin: "second",
}  # fmt: skip
"""At which field of the confirmation a refusal stands."""


@store.post("/till/basket")
@permission("store.sell")
def check_basket() -> Response | str:
    """Say in words what confirming would do, or go back to the basket; writes nothing."""
    who, basket = asked()
    if who is None:
        return stale()
    if "change" in request.form:
        return show(Till(who=who, basket=basket, key=request.form.get("key")))
    return _ask(who, basket)


@store.post("/till/redeem")
@permission("store.sell")
def redeem() -> Response | str:
    """Hand over: the fresh till for htmx, a 303 for a plain browser."""
    who, basket = asked()
    if who is None:
        return stale()
    if basket.errors or not basket.is_shown:
        return _ask(who, basket)
    # Read before the write, all at once: the answer then needs no look at the database any more.
    village_id, by, key = access.village_id(), access.by(), request.form.get("key", "")
    counter = page.find_counter(village_id, who.household_id, who.store_id)
    if counter is None:
        abort(404)
    if not basket.is_again and _is_same_again(counter.store_id, who, basket, key):
        return _ask(who, basket, is_again=True)
    try:
        outcome = services.redeem(
            village_id, counter.store_id, who.household_id, basket.pieces, key=key, by=by, card_id=who.card_id,
            proof=_proof(village_id, who, by=by),
        )  # fmt: skip
    except BrokenRule as error:
        return _ask_for_proof(who, basket, error) if type(error) in PROOF_FIELDS else refused(who, basket, error)
    return _sold(counter, outcome)


def _sold(counter: page.Counter, outcome: keys.Outcome) -> Response | str:
    if not is_htmx():
        return redirect(url_for("store.till", done=outcome.result["order_id"]), 303)
    # Only the household's side goes back; the goods are fetched anew while the keeper reads.
    state = Till(done=page.done_now(counter, outcome.result, is_repeat=outcome.is_repeat), is_fragment=True)
    return render_template("store/_side.html", **page.draw_side(access.village_id(), state, by=access.by()))


def _proof(village_id: int, who: Served, *, by: int) -> Proof | None:
    """What was typed behind a big basket, looked at before the write begins."""
    pin, second = request.form.get("pin", ""), request.form.get("second", "")
    if pin.strip():
        return proof_services.by_pin(who.household_id, pin, by=by)
    if second.strip():
        return proof_services.by_second(village_id, second, request.form.get("second_password", ""), by=by)
    return None


def _is_same_again(store_id: int, who: Served, basket: Basket, key: str) -> bool:
    """Whether to ask first: the same basket within three minutes, and not just the same form sent twice."""
    if order_queries.find_same_basket(store_id, who.household_id, basket.lines) is None:
        return False
    try:
        return keys.find_outcome(key) is None
    except BrokenRule:
        return False


def _ask(who: Served, basket: Basket, *, is_again: bool = False) -> Response:
    """The basket in words, to be confirmed; a basket that can't be had comes back with the reason."""
    key = request.form.get("key")
    if basket.errors:
        return show(Till(who=who, basket=basket, error=next(iter(basket.errors.values())), key=key), 422)
    return _show_quoted(Till(basket=basket, is_again=is_again, key=key), who)


def _ask_for_proof(who: Served, basket: Basket, error: BrokenRule) -> Response:
    """The basket in words once more, with what is wrong with the PIN or the second person; nothing was booked."""
    has_asked = "pin" in request.form
    wrong = {PROOF_FIELDS[type(error)]: str(error)} if has_asked else {}
    key, second = _unrefused(request.form.get("key", "")), request.form.get("second", "")[:40]
    state = Till(basket=basket, is_again=basket.is_again, key=key, wrong=wrong, second=second)
    return _show_quoted(state, who, error.status if has_asked else 200)


def _show_quoted(state: Till, who: Served, status: int = 200) -> Response:
    """The till with the basket in words; or the page that says why it can't be had."""
    try:
        state.quote = services.quote(
            access.village_id(),
            store_id(who),
            who.household_id,
            state.basket.pieces,
            by=access.by(),
            card_id=who.card_id,
        )
    except BrokenRule as error:
        return refused(who, state.basket, error)
    state.who = who
    return show(state, status)


def _unrefused(key: str) -> str | None:
    """The form's key once more, so that an answer that got lost is found again; None when it was refused for good."""
    try:
        keys.find_outcome(key)
    except BrokenRule:
        return None
    return key
