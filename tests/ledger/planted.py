"""Bugs that a tired person could write, planted one at a time: a machine that misses one is no proof.

Each takes pytest's ``monkeypatch`` and spoils one function of the ledger, the keys or the scores.
"""

from contextlib import nullcontext

from virtue import clock
from virtue.core import keys
from virtue.ledger import seals, services
from virtue.ledger.models import AccountKind, EntryKind
from virtue.ledger.services import Flow
from virtue.scores import services as scores

_legs, _transfer, _plan, _entry_row = services._legs, services._transfer, services._plan, services._entry_row
_canonical, _seal, _mirror, _write, _add = seals.canonical, seals.seal, services._mirror, services._write, scores.add
_claim, _hash = keys._claim, keys._hash
PURSE, OWED, FUND, TILL = AccountKind.PURSE, AccountKind.OWED, AccountKind.FUND, AccountKind.TILL


def overspending(patch):
    """The purse isn't asked before it pays: only the database's CHECK stands."""
    patch.setattr(services, "_legs", lambda book, posting, move: (
        [(PURSE, TILL, move.points)] if move.flow is Flow.SPEND else _legs(book, posting, move)
    ))  # fmt: skip


def off_by_one(patch):
    """Spending the very last point is refused."""

    def legs(book, posting, move):
        purse = book.of(posting.household_id, move.unit, PURSE)
        if move.flow is Flow.SPEND and purse.balance <= move.points:
            raise services.NotEnoughPoints(unit=move.unit, balance=purse.balance, points=move.points)
        return _legs(book, posting, move)

    patch.setattr(services, "_legs", legs)


def forgiving_reversal(patch):
    """What the purse lacks at a reversal is forgotten instead of owed."""
    patch.setattr(services, "_legs", lambda *a: [leg for leg in _legs(*a) if leg[0] is not OWED])


def debts_are_never_paid(patch):
    """An award goes whole into the purse, whatever is owed."""
    patch.setattr(services, "_legs", lambda book, posting, move: (
        [(FUND, PURSE, move.points)] if move.flow is Flow.AWARD else _legs(book, posting, move)
    ))  # fmt: skip


def full_give_back(patch):
    """Reversing a deduction gives back what was to be taken, not what was taken."""

    def mirror(entry_id):
        moves = list(_mirror(entry_id))
        words = services.db.session.scalar(
            services.select(services._ENTRY.c.words).where(services._ENTRY.c.id == entry_id)
        )
        return [services.Move(m.unit, abs(words[1]), m.flow) if m.flow is Flow.AWARD else m for m in moves]

    patch.setattr(services, "_mirror", mirror)


def reversed_twice(patch):
    """Nobody looks whether a reversal stands already: only the UNIQUE does."""
    real = services.reverse

    def reverse(entry_id, *, by, words=()):
        try:
            return real(entry_id, by=by, words=words)
        except services.AlreadyReversed:
            household = services.db.session.scalar(
                services.select(services._ENTRY.c.household_id).where(services._ENTRY.c.id == entry_id)
            )
            posting = services.Posting(EntryKind.LAPSE, -entry_id, household, tuple(_mirror(entry_id)))
            return services.post(entry_id // services.ENTRY_IDS, [posting], by=by)[0]

    patch.setattr(services, "reverse", reverse)


def balance_after_before(patch):
    """``balance_after`` is what lay there before."""

    def transfer(*arguments):
        row = _transfer(*arguments)
        if row["balance_after"] is not None:
            sign = -1 if arguments[4] in {PURSE, OWED} else 1
            row["balance_after"] -= sign * row["points"]
        return row

    patch.setattr(services, "_transfer", transfer)


def stale_batch(patch):
    """Each entry of a batch is planned from the balance that was read, not from the one before it."""

    def plan(book, posting, entry_id):
        for account in book.accounts.values():
            account.balance = account.before
        return _plan(book, posting, entry_id)

    patch.setattr(services, "_plan", plan)


def unkept_balance(patch):
    """A batch forgets to write the last balance it changed."""

    def changed(book, real=services._Book.changed):
        rows = real(book)
        return rows[:-1] if len(rows) > 1 else rows

    patch.setattr(services._Book, "changed", changed)


def one_purse_for_both_units(patch):
    """Where the civility purse is too small, the home purse pays."""

    def legs(book, posting, move):
        home = book.of(posting.household_id, "home", PURSE)
        if move.flow is Flow.SPEND and move.unit == "civility" and home.balance >= move.points:
            home.balance -= move.points
            book.of(posting.household_id, "civility", PURSE).balance += move.points
        return _legs(book, posting, move)

    patch.setattr(services, "_legs", legs)


def gap_in_the_sequence(patch):
    """An entry without transfers isn't written, but its number is spent."""

    def write(book, entries, transfers):
        used = {row["entry_id"] for row in transfers}
        kept = [entry for entry in entries if entry["id"] in used]
        if kept:
            _write(book, kept, transfers)

    patch.setattr(services, "_write", write)


def clock_goes_back(patch):
    """An entry takes the clock's time, even where the chain is already further."""

    def entry_row(*arguments, now, **named):
        return _entry_row(*arguments, now=clock.now(), **named)

    patch.setattr(services, "_entry_row", entry_row)


def unchained_seals(patch):
    """A seal covers its own entry only."""
    patch.setattr(seals, "seal", lambda previous, content: _seal(seals.GENESIS, content))


def seals_without_transfers(patch):
    """A seal covers the entry, but not where the points went."""
    patch.setattr(seals, "canonical", lambda entry, transfers: _canonical(entry, transfers[:1]))


def no_checkpoints(patch):
    """The seal that a day ended with is kept nowhere."""
    patch.setattr(services, "seal_yesterday", lambda *a: None)


def late_checkpoints(patch):
    """The day's seal is kept under the day on which it was noticed."""

    def seal_yesterday(village_id, chain, now):
        if chain.seq and clock.day_of(chain.recorded_at) < clock.day_of(now):
            row = {"village_id": village_id, "day": clock.day_of(now), "seq": chain.seq, "seal": chain.seal}
            services._NEW_CHECKPOINT.run(row)

    patch.setattr(services, "seal_yesterday", seal_yesterday)


def keys_are_forgotten(patch):
    """A key that was used is free again."""

    def claim(key, *rest):
        return _claim(keys.new(), *rest) or True

    patch.setattr(keys, "_claim", claim)


def keys_ask_nothing(patch):
    """A key answers whatever it is sent with."""
    patch.setattr(keys, "_hash", lambda purpose, village_id, contents: _hash(purpose, village_id, None))


def refusals_leave_traces(patch):
    """What was written before the purse said no stays."""
    patch.setattr(keys, "savepoint", nullcontext)


def overwriting_tallies(patch):
    """A tally is set instead of added to."""
    plain = scores._upsert(scores.Tally, ("deducted", "deeds"), ("earned", "last_seq"))
    patch.setattr(scores, "_ADD", plain)


def reversals_keep_the_score(patch):
    """A reversal takes the points, but not the score."""

    def add(village_id, changes):
        _add(village_id, [change for change in changes if change.deeds > 0])

    patch.setattr(scores, "add", add)


def villages_mix(patch):
    """Nobody asks whose household it is."""

    def load(book, household_ids):
        for household_id in household_ids:
            for row in services._FIND_ACCOUNTS.all({"village_id": book.village_id, "household_ids": [household_id]}):
                key = row.household_id, row.unit, row.kind
                book.accounts[key] = services._Purse(row.id, row.balance, row.balance)

    patch.setattr(services._Book, "load", load)


BUGS = [
    overspending, off_by_one, forgiving_reversal, debts_are_never_paid, full_give_back, reversed_twice,
    balance_after_before, stale_batch, unkept_balance, one_purse_for_both_units, gap_in_the_sequence, clock_goes_back,
    unchained_seals, seals_without_transfers, no_checkpoints, late_checkpoints, keys_are_forgotten, keys_ask_nothing,
    refusals_leave_traces, overwriting_tallies, reversals_keep_the_score, villages_mix,
]  # fmt: skip
