"""Users and their roles, as asked for by name."""

from sqlalchemy import Select, exists, func, or_, select

from virtue.extensions import db
from virtue.places.models import Village
from virtue.staff.models import RoleGrant, User


def find_by_username(username: str) -> User | None:
    """A user by what is typed at sign-in, cleaned already."""
    return db.session.scalar(select(User).where(User.username == username))


def has_users() -> bool:
    """Whether this installation has any account yet."""
    return bool(db.session.scalar(select(exists(select(User.id)))))


def names_of(user_ids: set[int | None]) -> dict[int, str]:
    """The names of some users, for lists of who did what."""
    wanted = {number for number in user_ids if number is not None}
    if not wanted:
        return {}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def _of_village(village_id: int) -> Select[int]:
    return select(RoleGrant.user_id).where(RoleGrant.village_id == village_id)


def users_of(village_id: int, *, text: str = "", role: str = "", state: str = "active") -> Select[User]:
    """The accounts that hold or held a role in a village, by name; as a query, to be paged."""
    query = select(User).where(User.id.in_(_of_village(village_id))).order_by(User.name, User.id)
    if text:
        like = f"%{_escaped(text)}%"
        query = query.where(
            or_(User.name.like(like, escape="\\"), func.lower(User.username).like(like.lower(), escape="\\"))
        )
    if role:
        query = query.where(User.id.in_(_of_village(village_id).where(RoleGrant.role == role, _in_force())))
    if state in {"active", "inactive"}:
        query = query.where(User.is_active.is_(state == "active"))
    return query


def user_of(village_id: int, user_id: int) -> User | None:
    """One account of a village; None for any other, existing or not."""
    return db.session.scalar(select(User).where(User.id == user_id, User.id.in_(_of_village(village_id))))


def active_staff(village_id: int, *roles: str) -> list[User]:
    """Who holds one of these roles (any, when none is named) in a village today, by name."""
    grants = _of_village(village_id).where(_in_force())
    if roles:
        grants = grants.where(RoleGrant.role.in_(roles))
    query = select(User).where(User.id.in_(grants), User.is_active).order_by(User.name, User.id)
    return list(db.session.scalars(query))


def roles_in(user: User, village_id: int) -> list[RoleGrant]:
    """The roles in force that a user holds in a village itself."""
    return [g for g in user.grants if g.ended_at is None and g.village_id == village_id]


def grid_workers(village_id: int) -> dict[int, str]:
    """By grid, the name of its committee member or grid worker; of several the first by name."""
    rows = db.session.execute(
        select(RoleGrant.grid_id, func.min(User.name))
        .join(User, User.id == RoleGrant.user_id)
        .where(
            RoleGrant.village_id == village_id, RoleGrant.role == "committee", RoleGrant.grid_id.is_not(None), _in_force(),
            User.is_active,
        )
        .group_by(RoleGrant.grid_id)
    )  # fmt: skip
    return {grid_id: name for grid_id, name in rows if grid_id is not None}


def holders(village_id: int, role: str) -> int:
    """How many active users hold a role in a village."""
    query = (
        select(func.count(func.distinct(RoleGrant.user_id)))
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.village_id == village_id, RoleGrant.role == role, _in_force(), User.is_active)
    )
    return db.session.scalar(query) or 0


def overseers(village_id: int) -> set[int]:
    """Active township and county administrators over a village who hold no role in the village itself."""
    over = or_(
        RoleGrant.role == "county_admin",
        (RoleGrant.role == "township_admin")
        & (RoleGrant.township_id == select(Village.township_id).where(Village.id == village_id).scalar_subquery()),
    )
    inside = _of_village(village_id).where(_in_force())
    query = (
        select(RoleGrant.user_id)
        .join(User, User.id == RoleGrant.user_id)
        .where(over, _in_force(), User.is_active, RoleGrant.user_id.not_in(inside))
    )
    return set(db.session.scalars(query))


def user_of_member(member_id: int) -> User | None:
    """The account of a household member; one member, one account."""
    return db.session.scalar(select(User).where(User.member_id == member_id))


def villages_of(user: User) -> list[Village]:
    """The villages a user may work in: those of the roles in force, all below a township or county role."""
    grants = [g for g in user.grants if g.ended_at is None]
    query = select(Village).order_by(Village.name)
    if not any(g.role == "county_admin" for g in grants):
        villages = {g.village_id for g in grants if g.village_id}
        townships = {g.township_id for g in grants if g.township_id}
        query = query.where(or_(Village.id.in_(villages), Village.township_id.in_(townships)))
    return list(db.session.scalars(query))


def _in_force():  # type: ignore[no-untyped-def]
    return RoleGrant.ended_at.is_(None)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
