"""The chain of seals walked through: every link, its end, every checkpoint that was handed out, what was verified before."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_, select

from virtue import clock
from virtue.core.invariants import Invariant, Query, Row, Run, of_query, stream
from virtue.extensions import db
from virtue.ledger import seals
from virtue.ledger.models import Chain, Checkpoint, Entry, Transfer

_ENTRY, _TRANSFER, _CHAIN = Entry.__table__, Transfer.__table__, Chain.__table__
TELL_EVERY = 1000


def _broken_links(run: Run) -> Iterator[Row]:
    """Entries whose seal doesn't follow from the one before and their own content, village by village."""
    chains = db.session.execute(select(_CHAIN.c.village_id, _CHAIN.c.seq).order_by(_CHAIN.c.village_id)).all()
    total, done = sum(chain.seq for chain in chains), 0
    for chain in chains:
        seq, seal = _start(run, chain.village_id)
        done += seq
        is_whole = True
        for entry, transfers in _entries(chain.village_id, seq):
            if not _holds(seal, entry, transfers):
                is_whole = False
                yield {"village_id": chain.village_id, "seq": entry["seq"]}
            # From what stands there, so that one altered row is told once and not with all that follow.
            seq, seal = entry["seq"], entry["seal"]
            done += 1
            if done % TELL_EVERY == 0:
                run.tell(done, total)
        if is_whole and seq:
            run.verified[chain.village_id] = (seq, seal)
    run.tell(total, total)


def _start(run: Run, village_id: int) -> tuple[int, str]:
    return run.known.get(village_id, (0, seals.GENESIS)) if run.resumes else (0, seals.GENESIS)


def _entries(village_id: int, after: int) -> Iterator[tuple[Row, list[Row]]]:
    """Entries after a sequence, each with its transfers, as two streams side by side."""
    entries = stream(
        select(_ENTRY).where(_ENTRY.c.village_id == village_id, _ENTRY.c.seq > after).order_by(_ENTRY.c.id)
    )
    transfers = stream(
        select(_TRANSFER)
        .join(_ENTRY, _ENTRY.c.id == _TRANSFER.c.entry_id)
        .where(_ENTRY.c.village_id == village_id, _ENTRY.c.seq > after)
        .order_by(_TRANSFER.c.entry_id, _TRANSFER.c.id)
    )
    groups = groupby(transfers, key=lambda row: row["entry_id"])
    entry_id, of_entry = next(groups, (None, iter(())))
    for entry in entries:
        mine: list[Row] = []
        if entry_id == entry["id"]:
            mine = list(of_entry)
            entry_id, of_entry = next(groups, (None, iter(())))
        yield entry, mine


def _holds(before: str, entry: Row, transfers: Iterable[Row]) -> bool:
    """Whether an entry's seal follows from ``before``; and its month from its day, which the seal covers."""
    moved = [(t["unit"], t["source_id"], t["destination_id"], t["points"], t["balance_after"]) for t in transfers]
    content = seals.canonical(entry, moved)
    day = clock.day_of(entry["recorded_at"])
    return seals.seal(before, content) == entry["seal"] and (entry["day"], entry["month"]) == (day, clock.month_of(day))


def _loose_ends() -> Query:
    """A chain row that isn't its village's last entry: the newest hour was deleted, or the row was changed."""
    last = _ENTRY.alias("last")
    newer = _ENTRY.alias("newer")
    is_genesis = and_(_CHAIN.c.seq == 0, _CHAIN.c.seal == seals.GENESIS)
    has_newer = select(newer.c.id).where(newer.c.village_id == _CHAIN.c.village_id, newer.c.seq > _CHAIN.c.seq).exists()
    return (
        select(_CHAIN.c.village_id, _CHAIN.c.seq)
        .outerjoin(last, and_(last.c.village_id == _CHAIN.c.village_id, last.c.seq == _CHAIN.c.seq))
        .where(or_(and_(last.c.id.is_(None), ~is_genesis), last.c.seal != _CHAIN.c.seal, has_newer))
        .order_by(_CHAIN.c.village_id)
    )


def _chainless() -> Query:
    return (
        select(_ENTRY.c.village_id)
        .outerjoin(_CHAIN, _CHAIN.c.village_id == _ENTRY.c.village_id)
        .where(_CHAIN.c.village_id.is_(None))
        .distinct()
    )


def _lost_checkpoints() -> Query:
    """A seal that hung on the wall and isn't the one of that entry any more."""
    checkpoint = Checkpoint.__table__
    return (
        select(checkpoint.c.village_id, checkpoint.c.day, checkpoint.c.seq)
        .outerjoin(_ENTRY, and_(_ENTRY.c.village_id == checkpoint.c.village_id, _ENTRY.c.seq == checkpoint.c.seq))
        .where(or_(_ENTRY.c.id.is_(None), _ENTRY.c.seal != checkpoint.c.seal, _ENTRY.c.day > checkpoint.c.day))
        .order_by(checkpoint.c.village_id, checkpoint.c.day)
    )


def _forgotten(run: Run) -> Iterator[Row]:
    """What an earlier run had verified and noted outside the database, and isn't in the chain any more."""
    for village_id, (seq, seal) in sorted(run.known.items()):
        found = select(_ENTRY.c.seal).where(_ENTRY.c.village_id == village_id, _ENTRY.c.seq == seq)
        if db.session.scalar(found) != seal:
            yield {"village_id": village_id, "seq": seq}


SEALED: tuple[Invariant, ...] = (
    Invariant(
        "seals.known", _l("上次核对过的封印还在链上"),
        _l("村 %(village_id)s 流水 %(seq)s：上次核对时的封印不在了，后面的账可能被换过。"), _forgotten,
    ),
    Invariant(
        "seals.link", _l("每一笔的封印都接得上"),
        _l("村 %(village_id)s 流水 %(seq)s：封印对不上，这一笔被改过。"), _broken_links,
    ),
    of_query(
        "seals.end", _l("链的末尾就是最后一笔"),
        _l("村 %(village_id)s：链上记的是流水 %(seq)s，和最后一笔不一样。"), _loose_ends,
    ),
    of_query("seals.chain", _l("有流水的村都有链"), _l("村 %(village_id)s：有流水，没有链。"), _chainless),
    of_query(
        "seals.checkpoint", _l("上过墙的对账码都还在链上"),
        _l("村 %(village_id)s %(day)s 的对账码（流水 %(seq)s）不在链上了。"), _lost_checkpoints,
    ),
)  # fmt: skip
