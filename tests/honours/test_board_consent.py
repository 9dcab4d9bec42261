"""Whatever happens in whatever order, no board shows a name that was withdrawn, or a household that doesn't want to be there."""

import random

import pytest

from virtue.core import keys
from virtue.errors import BrokenRule
from virtue.honours import titles
from virtue.honours.red_picks import Pick
from virtue.people import services as people

PAGES = ("/v/fumin/red-board", "/kiosk/fumin/red-board", "/kiosk/fumin/top-lists")
STEPS = 25
WORDS = {
    "agree": ("name", True), "withdraw": ("name", False), "honour": ("honour", True), "unhonour": ("honour", False),
    "in": ("listed", True), "out": ("listed", False), "back": ("part", True), "leave": ("part", False),
}  # fmt: skip
"""What each act makes of the household's word."""


def acts_of(hall, house):
    """Everything that can happen to the household's board, by name."""
    here, by, purpose = hall.village.id, hall.id("village_admin"), "name_on_board"
    deed, honour_id = hall.deed(house), hall.honour(house, consent=False)
    return {
        "agree": lambda: people.give_consent(here, house.id, purpose, "signed", by=None),
        "withdraw": lambda: people.withdraw_consent(here, house.id, purpose, by=None),
        "honour": lambda: titles.consent(here, honour_id, "name", "signed", key=keys.new(), by=by),
        "unhonour": lambda: titles.withdraw_consent(here, honour_id, "name", key=keys.new(), by=by),
        "in": lambda: people.opt_into_board(here, house.id, by=None),
        "out": lambda: people.opt_out_of_board(here, house.id, by=None),
        "back": lambda: people.come_back(here, house.id, by=None),
        "leave": lambda: people.leave(here, house.id, by=None),
        "pick the deed": lambda: hall.pick(Pick(deed.id)),
        "pick the honour": lambda: hall.pick(Pick(honour_id=honour_id)),
        "freeze": hall.freeze,
        "look": lambda: None,
    }


@pytest.mark.parametrize("seed", [3, 7, 11])
def test_any_interleaving_of_words_and_display_shows_nobody_against_their_word(hall, visitor, seed):
    dice, acts = random.Random(seed), acts_of(hall, hall.house("王永智", "622100000147"))
    word = {"name": False, "honour": False, "listed": True, "part": True}
    caches = dict.fromkeys(PAGES, ("", ""))
    for _step in range(STEPS):
        act = dice.choice(list(acts))
        try:
            acts[act]()
        except BrokenRule:
            assert act not in WORDS
        word.update([WORDS[act]] if act in WORDS else [])
        is_there = word["listed"] and word["part"]
        for page in PAGES:
            etag, kept = caches[page]
            answer = visitor().raw("GET", page, headers={"If-None-Match": etag} if etag else {})
            text = kept if answer.status_code == 304 else answer.text
            caches[page] = (answer.headers.get("ETag", ""), text)
            assert (act, page, "0147" in text and not is_there) == (act, page, False)
            assert (act, page, "王永智" in text and not (is_there and (word["name"] or word["honour"]))) == (
                act,
                page,
                False,
            )
