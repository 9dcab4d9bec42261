"""Everything that anybody can open of villages at work, held against what the database must not tell.

The addresses come from the application's own map, and from the links of the pages: a new public page is read too.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from tests import deeds, factories
from tests.dividends.test_pots import opened
from tests.dividends.test_pots import score as tally
from tests.honours.ballots import NOW, make_poll
from tests.honours.conftest import make_sky
from tests.honours.hall import make_hall
from tests.honours.test_black_board import PROBLEM, TO_DO, Black
from tests.store.conftest import make_shop
from virtue import clock
from virtue.awarding import objections
from virtue.awarding.objections import Words
from virtue.core import keys, remarks
from virtue.core.models import Remark
from virtue.extensions import db
from virtue.honours import titles, wall_services
from virtue.honours.red_picks import Pick
from virtue.honours.wall_services import Telling
from virtue.notices.services import Sender
from virtue.people import services as people
from virtue.people.models import Household, Member, RememberedPhone
from virtue.places.models import Village
from virtue.store import delivery_services
from virtue.store.delivery_services import Line, Paper
from virtue.store.donor_services import NewDonor
from virtue.store.stock_models import Donor
from virtue.transactions import atomic

TODAY = NOW + timedelta(days=24)
NO_PERSON_IN_IT = {
    "portal.rule_picture", "portal.next_rules", "portal.spot_check_numbers", "portal.store_sheet",
    "portal.print_store_sheet", "portal.wall_photo",
}  # fmt: skip
"""Pages of rules, pictures and the store's figures, that need no household to be drawn; the villages here have none."""
UNMARKED = {"portal.index", "portal.village", "portal.goods", "portal.rules", "portal.next_rules", "portal.thanks"}
"""Pages on which no household may ever stand: search engines may have them."""

TAIL = re.compile(r"(?:尾号|no\. …)\s*(\d{4})")


@dataclass
class Lives:
    """Villages with everything on their walls, and who of them agreed to be named."""

    villages: list[Village] = field(default_factory=list)
    named: set[int] = field(default_factory=set)
    """Households whose householder may be named in full today."""
    told: set[str] = field(default_factory=set)
    """Typed words that are published today."""


def boards(lives: Lives) -> None:
    """A village whose boards, walls and notices hold every shade of consent."""
    hall = make_hall()
    clerk = hall.id("village_admin")
    made = {
        name: hall.house("户主", f"6221000001{number:02}", members=2)
        for number, name in enumerate(
            ("agreed", "silent", "withdrawn", "left", "away", "minor", "honoured", "taken-back", "over", "unasked"), 10
        )
    }
    for name in ("agreed", "withdrawn", "left", "minor"):
        people.give_consent(hall.village.id, made[name].id, "name_on_board", "signed", by=clerk)
    stories = {name: f"{name}家{number}次救人" for number, name in enumerate(made)}
    for name, household in made.items():
        ends = 3 if name == "away" else 30
        with clock.set_to(clock.now() - timedelta(days=9)):
            deed = hall.deed(household, 20)
            if name in {"agreed", "silent", "withdrawn", "left", "away", "minor"}:
                hall.pick(Pick(deed_id=deed.id, story=stories[name]), days=ends)
    people.withdraw_consent(hall.village.id, made["withdrawn"].id, "name_on_board", by=clerk)
    people.leave(hall.village.id, made["left"].id, by=clerk)
    honours = {
        name: hall.honour(made[name], consent=name != "unasked") for name in ("honoured", "taken-back", "unasked")
    }
    with clock.set_to(clock.now() - timedelta(days=9)):
        honours["over"] = hall.honour(made["over"], ends_on=clock.today() + timedelta(days=3))
    for name, honour_id in honours.items():
        wall_services.tell(hall.village.id, honour_id, Telling(stories[name]), key=keys.new(), by=clerk)
    titles.withdraw_consent(hall.village.id, honours["taken-back"], "name", key=keys.new(), by=clerk)
    notices(hall, made)
    black = Black(hall)
    for state in ("posted", "repaired", "dropped"):
        black.bring(state)
    people.remember_phone(factories.card_of(made["silent"]), "他二叔的手机")
    db.session.query(Member).filter_by(household_id=made["minor"].id).update({"birth_year": 2015, "birth_month": 4})
    lives.villages.append(hall.village)
    lives.named |= {made["agreed"].id, made["honoured"].id}
    lives.told |= {PROBLEM, TO_DO, stories["honoured"]} | {
        stories[name] for name in ("agreed", "silent", "withdrawn", "minor")
    }


def notices(hall, made) -> None:
    """One notice that hangs, one that is over; a line of every level, a deduction, an objection with its words."""
    rules = [
        deeds.rule_of(hall.village.id, name=f"事项{level}", publish=level) for level in ("list", "place_only", "never")
    ]
    bad = deeds.rule_of(
        hall.village.id, name="焚烧秸秆", unit="civility", publish="place_only", points=-5, route="deduction"
    )
    for days in (8, 0):
        with clock.set_to(clock.now() - timedelta(days=days)):
            with atomic():
                words, _hash = remarks.keep(f"门口堆了{days}车", village_id=hall.village.id)
            hung = [deeds.deed_of(made[name], rule) for rule in rules for name in ("agreed", "silent", "left")]
            notice = deeds.on_notice(*hung, deeds.deed_of(made["silent"], bad, remark_id=words))
            objections.object_to(
                hall.village.id, Words(notice.number, 1, f"他家第{days}回没有去", "spoken", None),
                Sender(made["unasked"].id), key=keys.new(), by=hall.id("village_admin"),
            )  # fmt: skip


def campaign(lives: Lives) -> None:
    """A campaign with its result on notice, and an objection to a line."""
    with clock.set_to(NOW):
        poll = make_poll()
        poll.run_to("notice")
    with poll.day(12):
        number = poll.object(sender=poll.households[5])
        poll.answer(number, by="other")
    lives.villages.append(poll.village)
    # Whoever wasn't chosen is no longer named.
    lives.named |= {one.id for one in poll.households[:2]}
    lives.told |= {"照顾瘫痪的老人十一年，从没红过脸", "家庭和睦，孝老爱亲，院落整洁，邻里都说好。"}


def stars(lives: Lives) -> None:
    """A quarter's stars, published, with one taken away after."""
    with clock.set_to(datetime(2026, 7, 12, 2, tzinfo=UTC)):
        sky = make_sky()
        bright, dim = sky.household(), sky.household()
        sky.shine(bright)
        sky.whole(bright, dim)
        with sky.day(7):
            sky.tell(sky.remove(bright))
            sky.answer(1)
    lives.villages.append(sky.village)


def dividend(lives: Lives) -> None:
    """A trial sheet that lies open."""
    village = factories.VillageFactory()
    grid = factories.GridFactory(village=village)
    for _ in range(3):
        tally(factories.HouseholdFactory(grid=grid), 202503, 40, 3)
    with clock.set_to(TODAY - timedelta(days=1)):
        opened(village, {"clerk": factories.village_admin(village)})
    lives.villages.append(village)


def shop(lives: Lives) -> None:
    """A points store with donors who are thanked, and who aren't; and an order."""
    made = make_shop()
    for name, wish in (("老字号粮油店", "named"), ("柳先生", "anonymous")):
        paper = Paper("donated", new_donor=NewDonor(name, wish))
        delivery_services.enter(
            made.village.id, made.store.id, paper, [Line(made.salt.id, 3, 500)], key=keys.new(), by=made.keeper.id
        )
    made.redeem(made.piece(made.salt))
    lives.villages.append(made.village)


@pytest.fixture
def lives(fast) -> Lives:
    """Five villages; each person's name ends in a sign of its own that stands nowhere else."""
    found = Lives()
    for number, build in enumerate((boards, campaign, stars, dividend, shop), 1):
        with clock.set_to(TODAY):
            build(found)
        # The builders' villages bear one name.
        found.villages[-1].name, found.villages[-1].slug = f"第{number}新村", f"village{number}"
        db.session.commit()
    with clock.set_to(TODAY):
        for member in db.session.scalars(select(Member)):
            member.name, member.phone = f"欧阳{sign(member)}", f"1993126{member.id:04}"
            if member.is_head:
                db.session.get(Household, member.household_id).head_name = member.name
        for village in db.session.scalars(select(Village)):
            village.board_version += 1
        db.session.commit()
    return found


def sign(member: Member) -> str:
    """The last sign of a member's name."""
    return chr(0x3400 + member.id)


@dataclass
class Walk:
    """Every public page, by address: from the map, and by what links to it."""

    app: object
    visitor: object
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Address -> endpoint, text."""

    def run(self, slugs: list[str]) -> None:
        todo = ["/"]
        for rule in self.app.url_map.iter_rules():
            if is_public(self.app, rule) and "slug" in rule.arguments:
                todo += [url for slug in slugs for url in addresses(rule, slug)]
        while todo:
            url = todo.pop()
            endpoint = self.endpoint(url)
            if url in self.texts or not endpoint.startswith(("portal.", "kiosk.")):
                continue
            response = self.visitor.raw("GET", url)
            if response.status_code == 404:
                continue
            assert response.status_code == 200, url
            text = response.get_data(as_text=True) if response.mimetype.startswith("text/") or response.is_json else ""
            self.texts[url] = (endpoint, text)
            links = BeautifulSoup(text, "html.parser").select("a[href]") if response.mimetype == "text/html" else []
            for link in links:
                parts = urlsplit(urljoin(f"http://localhost{url}", str(link["href"])))
                todo.append(parts.path + (f"?{parts.query}" if parts.query else ""))

    def endpoint(self, url: str) -> str:
        try:
            return str(self.app.url_map.bind("localhost").match(urlsplit(url).path)[0])
        except Exception:  # noqa: BLE001 (a link to nothing is another test's)
            return "none"


def is_public(app, rule) -> bool:
    """Whether anybody may read at this rule's addresses."""
    return "GET" in rule.methods and getattr(app.view_functions[rule.endpoint], "permission", 0) is None


def addresses(rule, slug: str) -> list[str]:
    """This rule's addresses in a village; numbers are tried out."""
    url = rule.rule.replace("<string:slug>", slug)
    if "<int:" in url:
        return [re.sub(r"<int:\w+>", str(number), url) for number in range(1, 8)]
    return [] if "<" in url else [url]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_public_page_tells_what_nobody_agreed_to(app, lives, visitor):
    for language in ("zh", "en"):
        person = visitor()
        person.client.set_cookie("lang", language)
        walk = Walk(app, person)
        with clock.set_to(TODAY):
            walk.run([village.slug for village in lives.villages])
        assert_private(app, walk, lives)


def assert_private(app, walk: Walk, lives: Lives) -> None:
    """All that was wanted was read; nothing of it is secret; and what may be told is there."""
    wanted = {rule.endpoint for rule in app.url_map.iter_rules() if is_public(app, rule) and "slug" in rule.arguments}
    assert wanted - {endpoint for endpoint, _text in walk.texts.values()} <= NO_PERSON_IN_IT
    everything = "\n".join(text for _endpoint, text in walk.texts.values())
    assert faults(walk, secrets(lives)) == []
    # The walk has seen what may be seen: every name and word that somebody agreed to.
    heads = db.session.scalars(select(Member).where(Member.household_id.in_(lives.named), Member.is_head))
    assert [member.name for member in heads if member.name not in everything] == []
    assert [words for words in lives.told if words not in everything] == []
    assert len(set(TAIL.findall(everything))) > 5


def secrets(lives: Lives) -> dict[str, str]:
    """What no public page may hold, and what it is."""
    found = {}
    for member in db.session.scalars(select(Member)):
        if not (member.is_head and member.household_id in lives.named):
            found[sign(member)] = f"the name of member {member.id}"
        found[member.phone] = f"the phone of member {member.id}"
        for born in (f"{member.birth_year}年{member.birth_month}月", f"{member.birth_year}-{member.birth_month:02}"):
            found[born] = "a birth"
    found |= {household.code: "a household's code" for household in db.session.scalars(select(Household))}
    found |= {phone.label: "a phone's name" for phone in db.session.scalars(select(RememberedPhone))}
    found |= {donor.name: "a donor" for donor in db.session.scalars(select(Donor)) if donor.thanks != "named"}
    for text in db.session.scalars(select(Remark.text)):
        if text and text not in lives.told:
            found[text] = "typed words"
    return found


def faults(walk: Walk, kept: dict[str, str]) -> list[str]:
    """What stands where it must not."""
    found = []
    for url, (endpoint, text) in walk.texts.items():
        found += [f"{url}: {what} ({secret})" for secret, what in kept.items() if secret in text]
        names_somebody = TAIL.search(text) or "欧阳" in text
        if names_somebody and (endpoint in UNMARKED or 'name="robots" content="noindex"' not in text):
            found.append(f"{url}: names a household without noindex")
    return found
