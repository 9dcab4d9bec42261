"""What can be asked about rulebooks on their way into force."""

from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from virtue import clock
from virtue.awarding.book_models import BookState, RulebookComment, RulebookStep
from virtue.awarding.book_states import PREPARED
from virtue.awarding.models import Rule, Rulebook
from virtue.awarding.queries import rulebook_in_force
from virtue.core.models import StoredFile
from virtue.extensions import db

READ_BY_ALL = (str(BookState.COMMENTS), str(BookState.IN_FORCE))
"""States in which everybody may read a book: asked for comments, or decided."""


def books(village_id: int, *, with_drafts: bool) -> list[Rulebook]:
    """The versions, newest first; drafts only for who may read them."""
    query = select(Rulebook).where(Rulebook.village_id == village_id).order_by(Rulebook.version.desc())
    return list(db.session.scalars(query if with_drafts else query.where(Rulebook.state.in_(READ_BY_ALL))))


def find_book(village_id: int, rulebook_id: int) -> Rulebook | None:
    """A version with its rules, whatever its state."""
    return db.session.scalar(
        select(Rulebook)
        .where(Rulebook.id == rulebook_id, Rulebook.village_id == village_id)
        .options(selectinload(Rulebook.rules))
    )


def find_rule(rulebook_id: int, rule_id: int) -> Rule | None:
    """A rule of this book."""
    return db.session.scalar(select(Rule).where(Rule.id == rule_id, Rule.rulebook_id == rulebook_id))


def next_book(village_id: int) -> Rulebook | None:
    """The book that is decided and has its day, which hasn't come."""
    return db.session.scalar(
        select(Rulebook)
        .where(Rulebook.village_id == village_id, Rulebook.in_force_from > clock.today())
        .order_by(Rulebook.in_force_from)
        .limit(1)
    )


def starts_from(village_id: int, day: date) -> Rulebook | None:
    """A book that starts on ``day``, or that is due to start."""
    return db.session.scalar(
        select(Rulebook)
        .where(
            Rulebook.village_id == village_id,
            (Rulebook.in_force_from > clock.today()) | (Rulebook.in_force_from == day),
        )
        .order_by(Rulebook.in_force_from.desc())
        .limit(1)
    )


def book_in_comments(village_id: int) -> Rulebook | None:
    """The draft that anybody may comment on today; the latest, should there be two."""
    return db.session.scalar(
        select(Rulebook)
        .where(
            Rulebook.village_id == village_id, Rulebook.state == str(BookState.COMMENTS),
            Rulebook.comments_until >= clock.today(),
        )
        .order_by(Rulebook.id.desc())
        .limit(1)
    )  # fmt: skip


def prepared(village_id: int) -> list[Rulebook]:
    """The books that are being prepared, oldest first."""
    states = [str(state) for state in PREPARED]
    query = select(Rulebook).where(Rulebook.village_id == village_id, Rulebook.state.in_(states))
    return list(db.session.scalars(query.order_by(Rulebook.id)))


def last_step(rulebook_id: int) -> RulebookStep | None:
    """The latest step of a book."""
    query = select(RulebookStep).where(RulebookStep.rulebook_id == rulebook_id)
    return db.session.scalar(query.order_by(RulebookStep.id.desc()).limit(1))


def steps_of_book(rulebook_id: int) -> list[RulebookStep]:
    """All steps of a book, in their order."""
    query = select(RulebookStep).where(RulebookStep.rulebook_id == rulebook_id).order_by(RulebookStep.id)
    return list(db.session.scalars(query))


def comments_of(rulebook_id: int) -> Select[RulebookComment]:
    """What was said about a draft, newest first; to be paged."""
    query = select(RulebookComment).where(RulebookComment.rulebook_id == rulebook_id)
    return query.order_by(RulebookComment.id.desc())


def own_comments(rulebook_id: int, household_id: int) -> list[RulebookComment]:
    """What a household said about a draft."""
    return list(db.session.scalars(comments_of(rulebook_id).where(RulebookComment.household_id == household_id)))


def count_comments(rulebook_id: int) -> int:
    """How many comments a draft has."""
    return db.session.scalar(select(func.count()).where(RulebookComment.rulebook_id == rulebook_id)) or 0


def compared_with(village_id: int, book: Rulebook) -> Rulebook | None:
    """What a version is set beside: the book in force; for that one, the one before it."""
    current = rulebook_in_force(village_id)
    if current is not None and current.id != book.id:
        return current
    return db.session.scalar(
        select(Rulebook)
        .where(
            Rulebook.village_id == village_id, Rulebook.in_force_from <= (book.in_force_from or clock.today()),
            Rulebook.id != book.id,
        )
        .order_by(Rulebook.in_force_from.desc(), Rulebook.version.desc())
        .limit(1)
    )  # fmt: skip


def pictures_of(rules: list[Rule]) -> dict[int, str]:
    """The random names of these rules' pictures, by the picture's id."""
    wanted = {rule.photo_id for rule in rules if rule.photo_id is not None}
    if not wanted:
        return {}
    rows = db.session.execute(select(StoredFile.id, StoredFile.name).where(StoredFile.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def is_rule_picture(village_id: int, name: str, *, for_all: bool) -> bool:
    """Whether a file is a rule's picture here; ``for_all``: of a book that everybody may read."""
    query = (
        select(Rule.id)
        .join(Rulebook, Rulebook.id == Rule.rulebook_id)
        .join(StoredFile, StoredFile.id == Rule.photo_id)
        .where(StoredFile.name == name, StoredFile.village_id == village_id, Rulebook.village_id == village_id)
        .limit(1)
    )
    if for_all:
        query = query.where(Rulebook.state.in_(READ_BY_ALL))
    return db.session.scalar(query) is not None
