"""The demo's people: one account a role at least, three households with known PINs. All are invented."""

import secrets
from dataclasses import dataclass

from sqlalchemy import select

from virtue import clock
from virtue.extensions import db
from virtue.people.models import Household, Member
from virtue.staff import passwords
from virtue.staff.models import RoleGrant, User
from virtue.transactions import atomic


@dataclass(frozen=True)
class Part:
    """One account of the demo. ``surname`` looks for a grown-up member of that name whom the account is."""

    username: str
    name: str
    roles: tuple[str, ...]
    surname: str | None = None


CAST = (
    Part("wenshu", "王文书", ("village_admin",), "王"),
    Part("zhiwei", "李执委", ("committee",), "李"),
    Part("wangge", "张网格员", ("committee",), "张"),
    Part("pingyi1", "赵评议员", ("reviewer",), "赵"),
    Part("pingyi2", "马评议员", ("reviewer",), "马"),
    Part("pingyi3", "陈评议员", ("reviewer",), "陈"),
    Part("guanli", "何管理员", ("keeper",), "何"),
    Part("jianwei", "杨监委", ("supervisor",), "杨"),
    Part("jianwei2", "刘监委", ("supervisor",), "刘"),
    Part("kuaiji", "周会计", ("village_admin",)),
    Part("zhen", "镇管理员", ("township_admin",)),
    Part("xian", "县管理员", ("county_admin",)),
)


@dataclass(frozen=True)
class SignIn:
    """A demo account's way in, as printed."""

    username: str
    password: str
    name: str
    role: str


def make_cast(village_id: int, township_id: int | None) -> list[SignIn]:
    """Make the accounts that aren't there yet, each with a fresh password that is printed; they are marked as demo.

    The passwords are made anew and kept nowhere but in the data folder, so that no two demos share one.
    """
    taken = set(db.session.scalars(select(User.username)))
    made = []
    fresh = [(part, _password()) for part in CAST if part.username not in taken]
    hashes = {part.username: passwords.digest(word) for part, word in fresh}
    with atomic():
        for part, word in fresh:
            user = User(
                username=part.username, name=part.name, password_hash=hashes[part.username], is_demo=True,
                created_at=clock.now(), member_id=_member(village_id, part.surname),
            )  # fmt: skip
            db.session.add(user)
            db.session.flush()
            for role in part.roles:
                db.session.add(_grant(user.id, role, village_id, township_id))
            made.append(SignIn(part.username, word, part.name, part.roles[0]))
        db.session.flush()
    return made


def _grant(user_id: int, role: str, village_id: int, township_id: int | None) -> RoleGrant:
    above = role in {"township_admin", "county_admin"}
    return RoleGrant(
        user_id=user_id, role=role, village_id=None if above else village_id,
        township_id=township_id if role == "township_admin" else None, granted_at=clock.now(),
    )  # fmt: skip


def _member(village_id: int, surname: str | None) -> int | None:
    """A grown-up householder of that surname whom nobody is yet."""
    if surname is None:
        return None
    taken = select(User.member_id).where(User.member_id.is_not(None))
    return db.session.scalar(
        select(Member.id)
        .join(Household, Household.id == Member.household_id)
        .where(
            Member.village_id == village_id, Member.is_head, Member.name.startswith(surname), Member.birth_year < 1995,
            Member.id.not_in(taken),
        )
        .order_by(Member.id.desc())
        .limit(1)
    )  # fmt: skip


def _password() -> str:
    """Four syllables and four digits: long enough to be safe, short enough to type."""
    consonants, vowels = "bdfghjklmnpstwyz", "aeiou"
    syllables = "".join(secrets.choice(consonants) + secrets.choice(vowels) for _ in range(4))
    return f"{syllables}-{secrets.randbelow(10_000):04d}"
