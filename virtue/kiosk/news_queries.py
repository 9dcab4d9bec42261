"""What the slides of news show: open notices, goods, campaigns, announcements, the seal. Each by a fixed number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from virtue import clock
from virtue.extensions import db
from virtue.honours import campaign_queries, campaign_words
from virtue.honours.campaign_models import Campaign, CampaignState, Nominee
from virtue.kiosk.announcement_models import Announcement
from virtue.kiosk.wall_queries import ROWS, Slide, Wall, parts, wall_of
from virtue.ledger import queries as ledger
from virtue.notices import queries as notice_queries
from virtue.places.models import Village
from virtue.store import queries as store

GOODS = 3 * ROWS
"""As many goods a week; with more in the store, the next ones come a week later."""


@dataclass(frozen=True)
class OpenNotice:
    """A notice that can still be objected to."""

    number: int
    kind: str
    ends_on: date
    days: int
    """Days left, today not counted."""


@dataclass(frozen=True)
class Good:
    """A good that lies in the store, with its points in each unit that it can be had for."""

    name: str
    measure: str
    home: int | None
    civility: int | None


def notices(village: Village) -> Wall:
    """The open notices, those that end first in front."""
    today = clock.today()
    found = sorted(notice_queries.open_notices(village.id, today), key=lambda one: (one.ends_on, one.number))
    rows = [OpenNotice(one.number, one.kind, one.ends_on, (one.ends_on - today).days) for one in found]
    return wall_of(village, [Slide(part, _after(part[0].ends_on)) for part in parts(rows, ROWS)])


def goods(village: Village) -> Wall:
    """Goods of the week: what lies in the store and has a price; all of it in turn, when it is more than three slides."""
    shop, today = store.find_store(village.id), clock.today()
    if shop is None:
        return wall_of(village, [])
    rows = db.session.execute(store.goods_list(shop, today)).all()
    there = [
        Good(row.name, row.measure, row.home, row.civility) for row in rows if row.left and (row.home or row.civility)
    ]
    if len(there) > GOODS:
        first = today.toordinal() // 7 * GOODS % len(there)
        there = [*there[first:], *there[:first]][:GOODS]
    return wall_of(village, [Slide(part, _after(today)) for part in parts(there, ROWS)])


def campaigns(village: Village) -> Wall:
    """A slide for each campaign in which something can be done, with who may be chosen."""
    today = clock.today()
    running = [
        one for one in campaign_queries.running(village.id)
        if (one.state == CampaignState.NOMINATING and one.nominate_until >= today)
        or (one.state == CampaignState.OPEN and one.vote_until >= today)
    ]  # fmt: skip
    standers = _standers(running)
    slides = []
    for one in running:
        last = one.nominate_until if one.state == CampaignState.NOMINATING else one.vote_until
        for part in parts(standers[one.id], ROWS) or [()]:
            slides.append(Slide((one, part, last), _after(last), one.name))
    return wall_of(village, slides)


def _standers(running: Sequence[Campaign]) -> dict[int, list[campaign_words.Stander]]:
    """By campaign, those on the ballot; nominations that wait for their check aren't told."""
    found: dict[int, list[campaign_words.Stander]] = defaultdict(list)
    voting = [one.id for one in running if one.state == CampaignState.OPEN]
    if voting:
        nominees = select(Nominee).where(Nominee.campaign_id.in_(voting)).order_by(Nominee.number)
        for stander in campaign_words.shown_standers(list(db.session.scalars(nominees))):
            found[stander.nominee.campaign_id].append(stander)
    return found


def announcements(village: Village) -> Wall:
    """Jobs, training and announcements that aren't over, a slide each."""
    rows = standing(village.id, clock.today())
    return wall_of(village, [Slide((one,), _after(one.ends_on), one.title) for one in rows])


def standing(village_id: int, day: date) -> list[Announcement]:
    """The announcements that stand on a day, those that end first in front."""
    query = select(Announcement).where(
        Announcement.village_id == village_id, Announcement.ends_on >= day, Announcement.ended_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(Announcement.ends_on, Announcement.id)))


def seal(village: Village) -> Wall:
    """Today's check words."""
    found = ledger.day_seal(village.id)
    return wall_of(village, [Slide((found,), _after(clock.today()))] if found is not None else [])


def _after(last: date) -> datetime:
    return clock.start_of(last + timedelta(days=1))
