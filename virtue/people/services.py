"""All use cases of people, under one name for the other rooms; they stand by noun in the files beside."""

from virtue.people.card_services import (
    end_card,
    issue_card,
    issue_cards,
    mark_found,
    mark_lost,
    note_handed_over,
    note_printed,
    reissue,
)
from virtue.people.consent_services import declare_recusal, end_recusal, give_consent, withdraw_consent
from virtue.people.household_services import (
    Person,
    add_household,
    add_member,
    correct_household,
    correct_member,
    make_head,
    note_back,
    note_gone,
)
from virtue.people.looks import record_look, record_looks
from virtue.people.participation_services import (
    come_back,
    end_household,
    leave,
    open_things,
    opt_into_board,
    opt_out_of_board,
)
from virtue.people.phone_services import end_phone, link_phone, make_phone_code, note_pin_given, remember_phone
from virtue.people.pin_services import PinChecked, check_pin, choose_pin, reset_pin, stamp

__all__ = [
    "Person",
    "PinChecked",
    "add_household",
    "add_member",
    "check_pin",
    "choose_pin",
    "come_back",
    "correct_household",
    "correct_member",
    "declare_recusal",
    "end_card",
    "end_household",
    "end_phone",
    "end_recusal",
    "give_consent",
    "issue_card",
    "issue_cards",
    "leave",
    "link_phone",
    "make_head",
    "make_phone_code",
    "mark_found",
    "mark_lost",
    "note_back",
    "note_gone",
    "note_handed_over",
    "note_pin_given",
    "note_printed",
    "open_things",
    "opt_into_board",
    "opt_out_of_board",
    "record_look",
    "record_looks",
    "reissue",
    "remember_phone",
    "reset_pin",
    "stamp",
    "withdraw_consent",
]
