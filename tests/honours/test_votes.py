"""Votes: three ways that block each other, no choice outside the box, no totals before the close; on both databases."""

import io
import re
import threading
import zipfile
from collections import Counter

import pytest
import sqlalchemy as sa

from tests import factories
from tests.honours.ballots import DAYS, NOW, Poll, make_poll
from tests.pages import outside, unchanged
from virtue import clock
from virtue.core import keys
from virtue.core.models import Audit, RequestKey
from virtue.errors import BrokenRule, OwnKin
from virtue.extensions import db
from virtue.honours import ballot_box, vote_casting, voter_list
from virtue.honours.ballot_models import Ballot, BallotPaper, Voter
from virtue.honours.campaign_errors import (
    BadChoice,
    CampaignMovedOn,
    MorePapersThanGiven,
    NotOnVoterList,
    PapersHalfRead,
    PaperUnknown,
    SecondPersonReads,
    TooManyPapers,
    VotedAlready,
    VotingOver,
)
from virtue.honours.campaign_models import Nominee
from virtue.people import pin_services
from virtue.people.models import Household, Recusal
from virtue.transactions import is_sqlite

HOUSEHOLDS = 620
WAYS = ("passbook", "desk", "paper")


@pytest.fixture
def poll(fast):
    with clock.set_to(NOW):
        poll = make_poll()
        poll.run_to("open")
    with poll.day(DAYS["cast"]):
        yield poll


def ballots() -> list[str]:
    return sorted(db.session.scalars(sa.select(Ballot.choice)))


def vote(poll: Poll, way: str, household: Household):
    return {
        "passbook": lambda: poll.cast(household, 1), "desk": lambda: poll.cast(household, 2, by="committee"),
        "paper": lambda: poll.paper(household),
    }[way]()  # fmt: skip


@pytest.mark.parametrize("first", WAYS)
def test_each_way_blocks_every_other(app, poll: Poll, first):
    home = poll.households[3]
    assert vote(poll, first, home) == {"place": 4}
    for way in WAYS:
        with unchanged(app), pytest.raises(VotedAlready):
            vote(poll, way, home)
    assert voter_list.turnout(poll.campaign_id) == {"all": 6, first: 1}


def test_who_may_not_vote(app, poll: Poll):
    late = factories.HouseholdFactory(grid=poll.grid)
    home = poll.households[0]
    db.session.add(
        Recusal(
            village_id=poll.village.id, user_id=poll.id("committee"), household_id=home.id, relation="sibling",
            declared_at=clock.now(), declared_by_id=poll.id("committee"),
        )
    )  # fmt: skip
    db.session.commit()
    with unchanged(app):
        for choice in ((), (1, 2, 3), (4,), (0,)):
            with pytest.raises(BadChoice):
                poll.cast(home, *choice)
        with pytest.raises(NotOnVoterList):
            poll.cast(late, 1)
        with pytest.raises(OwnKin):
            poll.cast(home, 1, by="committee")
        with pytest.raises(OwnKin):
            poll.paper(home)
        with poll.day(9), pytest.raises(VotingOver):
            poll.cast(home, 1)


def test_two_people_type_each_paper_and_the_choice_leaves_it(app, poll: Poll):
    assert poll.print(3) == {"first": 1, "last": 3}
    with unchanged(app), pytest.raises(TooManyPapers):
        poll.print(4)
    for home in poll.households[:2]:
        poll.paper(home)
    assert poll.read(1, 1, 2) == {"state": "first"}
    with unchanged(app):
        with pytest.raises(SecondPersonReads):
            poll.read(1, 1, 2)
        with pytest.raises(PaperUnknown):
            poll.read(9, 1)
        with poll.day(9), pytest.raises(PapersHalfRead):
            poll.step("close", "village_admin")
    assert poll.read(1, 2, by="village_admin") == {"state": "differs"}
    assert ballots() == []
    poll.read(1, 2, by="village_admin")
    assert poll.read(1, 2) == {"state": "done"}
    poll.read(2)
    assert poll.read(2, by="village_admin") == {"state": "done"}
    poll.read(3, 1)
    with unchanged(app), pytest.raises(MorePapersThanGiven):
        poll.read(3, 1, by="village_admin")
    assert ballots() == ["", "2"]
    papers = db.session.query(BallotPaper).order_by(BallotPaper.number).all()
    assert [(one.first_choice, one.second_by_id is not None) for one in papers] == [
        (None, True), (None, True), ("1", False)
    ]  # fmt: skip


def test_nothing_outside_the_box_knows_the_choice(app, poll: Poll):
    """A repeat with another choice gets the first answer: the key holds no fingerprint of it. Nor do trail and list."""
    one, other = poll.households[:2]
    key = keys.new()
    assert poll.cast(one, 1, key=key) == {"place": 1}
    assert poll.cast(one, 2, key=key) == {"place": 1}
    poll.cast(other, 2)
    assert ballots() == ["1", "2"]
    assert Ballot.__table__.c.keys() == ["id", "campaign_id", "choice"]
    assert Voter.__table__.c.keys() == ["campaign_id", "household_id", "place", "way"]
    rows = db.session.query(Audit).filter_by(action="honours.campaign_vote").all()
    assert [(row.household_id, row.details, row.remark_id) for row in rows] == [
        (one.id, {"way": "passbook"}, None), (other.id, {"way": "passbook"}, None)
    ]  # fmt: skip
    found = db.session.query(RequestKey).filter_by(purpose="honours.campaign_vote").all()
    assert sorted(row.result["place"] for row in found) == [1, 2]
    if is_sqlite():
        with pytest.raises(sa.exc.OperationalError, match="rowid"):
            db.session.execute(sa.text("SELECT rowid FROM ballot"))


def test_the_box_is_shaken_sealed_and_shut_until_then(poll: Poll):
    for number, home in enumerate(poll.households):
        poll.cast(home, number % 3 + 1)
    with pytest.raises(CampaignMovedOn):
        ballot_box.taken_out(poll.campaign())
    before = set(db.session.scalars(sa.select(Ballot.id)))
    with poll.day(9):
        poll.step("close", "village_admin")
        assert before.isdisjoint(db.session.scalars(sa.select(Ballot.id)))
        assert ballots() == ["1", "1", "2", "2", "3", "3"]
        poll.step("count", "supervisor")
        # Whoever tampers with the closed box is told by the seal.
        db.session.execute(sa.update(Ballot).where(Ballot.choice == "3").values(choice="1"))
        db.session.commit()
        assert poll.step("recount", "clerk2") == {"ballots": 6, "is_equal": False, "seal_holds": False}


def make_many(poll: Poll) -> list[int]:
    """A campaign in a village of 620 households, nominations and voter list included; the households' ids."""
    rows = [
        {
            "village_id": poll.village.id, "grid_id": poll.grid.id, "code": f"7{number:09d}", "tail": f"{number:04d}"[-4:],
            "head_name": "王永智", "initials": "wyz", "members_count": 1, "state": "active", "board_opt_out": False,
            "pin_version": 1, "created_at": clock.now(),
        }
        for number in range(HOUSEHOLDS - len(poll.households))
    ]  # fmt: skip
    db.session.execute(sa.insert(Household), rows)
    db.session.commit()
    with clock.set_to(NOW):
        poll.run_to("open")
    return list(db.session.scalars(sa.select(Voter.household_id).where(Voter.campaign_id == poll.campaign_id)))


def test_620_households_vote_three_ways_at_once_and_each_counts_once(app, fast):
    """Half of them try by two or three ways at the same moment."""
    with clock.set_to(NOW):
        poll = make_poll(3)
    ids = make_many(poll)
    assert len(ids) == HOUSEHOLDS
    plans = {way: [] for way in ("passbook", "desk", "paper", "again")}
    for number, one in enumerate(ids):
        plans["passbook"].append(one)
        if number % 2 == 0:
            plans["paper" if number % 6 == 0 else "desk"].append(one)
        if number % 20 == 0:
            plans["again"].append(one)
    campaign_id, village_id = poll.campaign_id, poll.village.id
    by, choice = poll.id("committee"), {one: number % 3 + 1 for number, one in enumerate(ids)}
    told: Counter[str] = Counter()
    lock = threading.Lock()

    def work(way: str) -> None:
        with app.app_context():
            for one in plans[way] if way != "passbook" else reversed(plans[way]):
                try:
                    with poll.day(DAYS["cast"]):
                        if way == "paper":
                            vote_casting.give_paper(village_id, campaign_id, one, key=keys.new(), by=by)
                        else:
                            vote_casting.cast(
                                village_id, campaign_id, one, [choice[one]], key=keys.new(),
                                by=by if way == "desk" else None,
                            )  # fmt: skip
                    outcome = "done"
                except BrokenRule as error:
                    outcome = error.code
                with lock:
                    told[outcome] += 1
            db.session.remove()

    db.session.commit()
    threads = [threading.Thread(target=work, args=(way,)) for way in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tries = sum(map(len, plans.values()))
    assert told == {"done": HOUSEHOLDS, "VotedAlready": tries - HOUSEHOLDS}
    _type_papers(poll, choice)
    with poll.day(9):
        poll.step("close", "village_admin")
        assert poll.step("count", "supervisor") == {"ballots": HOUSEHOLDS}
        assert poll.step("recount", "clerk2") == {"ballots": HOUSEHOLDS, "is_equal": True, "seal_holds": True}
    wanted = Counter(choice.values())
    found = {one.number: one.votes for one in db.session.query(Nominee).filter_by(campaign_id=campaign_id)}
    assert found == dict(wanted)
    turnout = voter_list.turnout(campaign_id)
    assert turnout["all"] == HOUSEHOLDS == sum(turnout.get(way, 0) for way in WAYS)


def _type_papers(poll: Poll, choice: dict[int, int]) -> None:
    """What the households with papers chose, each paper typed by two."""
    db.session.expire_all()
    given = db.session.scalars(
        sa.select(Voter.household_id).where(Voter.campaign_id == poll.campaign_id, Voter.way == "paper")
    ).all()
    with poll.day(DAYS["cast"]):
        if given:
            poll.print(len(given))
        for number, one in enumerate(given, 1):
            poll.read(number, choice[one])
            assert poll.read(number, choice[one], by="village_admin") == {"state": "done"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_page_of_anybody_tells_how_an_open_vote_stands(app, poll: Poll, visitor):
    """Every page that can be opened reads the same, whatever lies in the box; one who holds all roles, one with a card."""
    home = poll.households[5]
    for one in poll.households[:5]:
        poll.cast(one, 1)
    poll.print(2)
    user = factories.staff_of(poll.village, *factories.CAST)
    everything, household = visitor().sign_in(user), visitor()
    pin_services.choose_pin(home.id, "250814")
    card = factories.card_of(home, by=poll.staff["village_admin"])
    household(f"/c/{factories.digits_of(card)}", 303)
    household.submit(household("/passbook/pin").select_one("main form"), pin="250814")
    urls = []
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and set(rule.arguments) <= {"slug", "campaign_id"}:
            values = {"slug": poll.village.slug, "campaign_id": poll.campaign_id}
            urls.append(
                app.url_map.bind("localhost").build(rule.endpoint, {name: values[name] for name in rule.arguments})
            )
    assert len([url for url in urls if "campaign" in url]) >= 8

    def read() -> dict[tuple[str, str], str]:
        return {
            (name, url): _plain(seat.raw("GET", url).data)
            for name, seat in (("staff", everything), ("household", household))
            for url in urls
            if name == "staff" or url.startswith(("/passbook", "/v/", "/kiosk"))
        }

    # The first walk takes notes in the session (the way back to the first set-up), so it tells nothing.
    _walk, first, before = read(), read(), read()
    # Some pages tell the second, or draw a new token, each time: none of a campaign's may be among them.
    restless = {where for where in before if first[where] != before[where]}
    assert [url for _name, url in restless if "campaign" in url or "vote" in url] == []
    db.session.execute(sa.update(Ballot).values(choice="2"))
    db.session.commit()
    after = read()
    assert [where for where in before if before[where] != after[where] and where not in restless] == []
    assert "5" in outside(lambda: before["staff", f"/campaigns/{poll.campaign_id}"])


def _plain(data: bytes) -> str:
    """A page's or a workbook's text, without what differs from one request to the next: tokens, keys, instants."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return "".join(book.read(name).decode() for name in sorted(book.namelist()) if "docProps" not in name)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]{17}", "", data.decode())
    text = re.sub(r"(?m)^(virtue_|process_|python_|#).*$", "", text)
    return re.sub(r"I[a-z][A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{20,}", "", text)


def test_a_household_votes_in_its_passbook_and_at_the_desk_by_card(poll: Poll, visitor):
    home, other = poll.households[4], poll.households[5]
    phone, desk = visitor(), visitor().sign_in(poll.staff["committee"])
    pin_services.choose_pin(home.id, "250814")
    cards = [factories.card_of(one, by=poll.staff["village_admin"]) for one in (home, other)]
    phone(f"/c/{factories.digits_of(cards[0])}", 303)
    assert phone("/passbook/votes", 303).location.endswith("/passbook/pin")
    phone.submit(phone("/passbook/pin").select_one("main form"), pin="250814")
    form = phone("/passbook/votes").select_one("form[action^='/passbook/votes']")
    refused = phone.submit(form, 422, choice=["1", "2", "3"])
    assert "请选 1 到 2 位" in refused.words(".form-error")
    assert len(refused.select("input[name=choice][checked]")) == 3
    phone.submit(form, choice="2", key=keys.new())
    assert "选民册第 5 号" in phone("/passbook/votes").words(f"#vote-{poll.campaign_id}")
    url = f"/campaigns/{poll.campaign_id}/desk"
    ballot = desk(url).select_one("#ballot")
    refused = desk.submit(ballot, 422, button="投票", card=other.code, choice="1")
    assert refused.select_one("input[name=choice][checked]")["value"] == "1"
    twice = desk.submit(
        desk(url).select_one("#ballot"), 409, button="投票", card=factories.digits_of(cards[0]), choice="1"
    )
    assert "一户一票" in twice.words(".form-error")
    done = desk.submit(desk(url).select_one("#ballot"), button="发一张纸选票", card=factories.digits_of(cards[1]))
    page = desk(done.location)
    assert "选民册第 6 号" in page.words("#messages")
    slip = desk(page.select_one("#slip a")["href"])
    assert "选民册第 6 号" in slip.words(".slip")
    assert "纸选票" in slip.words(".slip")
    assert not {other.head_name, other.tail, other.code} & set(re.findall(r"\w+", slip.words("main")))
    desk(f"/campaigns/{poll.campaign_id}/slip/1", 404)
    assert ballots() == ["2"]
