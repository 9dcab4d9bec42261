"""Stars: proposed from tallies, changed with a reason, on notice, published; figures and thresholds; on both databases."""

from datetime import date, timedelta

import pytest

from tests import factories
from tests.honours.conftest import MONTHS, NOW, QUARTER, Sky
from tests.pages import unchanged
from virtue import clock
from virtue.awarding.errors import ReasonNeeded
from virtue.core import keys, remarks
from virtue.core.models import Audit
from virtue.errors import NotFoundHere, OwnKin
from virtue.extensions import db
from virtue.honours import star_facts, star_list_queries, star_proposing, star_queries, star_schemes, stars
from virtue.honours import star_quarters as quarters
from virtue.honours.star_errors import (
    MonthStillOpen,
    NobodyChosen,
    NobodyToRate,
    NothingChanges,
    NotTheGroupsStar,
    QuarterNotOver,
    QuarterTooOld,
    RemovalNeeded,
    StarsMovedOn,
    UnknownStar,
    WordStillMissing,
)
from virtue.honours.star_models import StarChange, StarPeriod, StarRating, StarScheme
from virtue.honours.star_rules import Figures, Missing, is_proposed, missing
from virtue.honours.star_schemes import StarDraft, default_stars
from virtue.notices.models import Notice, NoticeLine
from virtue.office import daily
from virtue.people import participation_services
from virtue.people.models import Member, Recusal
from virtue.scores.models import Tally


def star(mode="score", home=0, civility=0, deducted=0, able=False) -> StarDraft:
    return StarDraft("环境卫生", "环境卫生星", "", "house", mode, home, civility, deducted, able)


# ---- one star, one household


@pytest.mark.parametrize(
    ("asked", "found", "wanted"),
    [
        (star(home=5, deducted=5), Figures(home=5), ()),
        (star(home=5), Figures(home=4), (Missing("home", 4, 5),)),
        (star(civility=3), Figures(home=9, civility=2), (Missing("civility", 2, 3),)),
        (star(home=5, civility=3), Figures(), (Missing("home", 0, 5), Missing("civility", 0, 3))),
        (star(home=5, deducted=5), Figures(home=5, deducted=5), ()),
        (star(home=5, deducted=5), Figures(home=5, deducted=6), (Missing("deducted", 6, 5),)),
        (star("clean"), Figures(), ()),
        (star("clean"), Figures(deducted=1), (Missing("deducted", 1, 0),)),
        (star("clean"), Figures(is_vetoed=True), (Missing("veto"),)),
        (star(home=10, able=True), Figures(is_waived=True), ()),
        (star(home=10, able=True), Figures(is_waived=True, is_vetoed=True), (Missing("veto"),)),
        (star("review"), Figures(), ()),
    ],
    ids=lambda value: str(value)[:40] if not isinstance(value, tuple) else str(len(value)),
)
def test_what_keeps_a_star_away(asked, found, wanted):
    assert missing(asked, found) == wanted


def test_a_reviewed_star_is_never_proposed():
    assert not is_proposed(star("review"), Figures(home=99))
    assert [missing(star(home=5), Figures(home=3))[0].short, Missing("veto").short] == [2, 0]


def test_figures_are_kept_and_read_back():
    found = Figures(3, 4, 5, is_vetoed=True, is_waived=True)
    assert Figures.of_mark(found.as_mark()) == found


def test_quarters():
    assert quarters.of(date(2026, 7, 12)) == 202607
    assert [quarters.before(202601), quarters.after(202610)] == [202510, 202701]
    assert quarters.back(202604, 5) == [202604, 202601, 202510, 202507, 202504]
    assert quarters.span(202604) == (date(2026, 4, 1), date(2026, 6, 30))
    assert [quarters.find(text) for text in ("2026-q2", "2026-q5", "0000-q1", "x", "2026-q22")] == [202604] + [None] * 4
    assert all(quarters.find(quarters.key(each)) == each for each in quarters.back(202610, 8))


# ---- the proposal


def test_a_proposal_follows_the_tallies(sky: Sky):
    shining, quiet = sky.household(), sky.household()
    sky.shine(shining)
    assert sky.propose() == {"quarter": QUARTER, "households": 2}
    rating = sky.rating(shining)
    assert (rating.proposed, rating.held, rating.stars, rating.state) == ("11101111", "11101111", 7, "review")
    assert rating.marks[0] == [5, 0, 0, 0, 0]
    assert (sky.rating(quiet).held, sky.rating(quiet).stars) == ("01001100", 3)
    assert sky.period().scheme.version == 1
    assert [each.name for each in sky.period().scheme.stars] == [each.name for each in default_stars()]


def test_only_the_quarters_months_count(sky: Sky):
    household = sky.household()
    for month in (202603, 202607):
        sky.score(household, "环境卫生", month=month, home=50)
    sky.score(household, "环境卫生", month=202604, home=2)
    sky.score(household, "环境卫生", month=202606, home=2)
    sky.propose()
    rating = sky.rating(household)
    assert (rating.held[6], rating.marks[6]) == ("0", [4, 0, 0, 0, 0])


def test_the_star_title_feeds_no_star(sky: Sky):
    """W04 八星级文明户 stands in no dimension: its points are no figure of any star."""
    household = sky.household()
    sky.score(household, "-", civility=10)
    sky.propose()
    assert [mark[:3] for mark in sky.rating(household).marks] == [[0, 0, 0]] * 8


def test_a_deduction_or_a_veto_in_the_quarter_costs_the_clean_star(sky: Sky):
    deducted, vetoed, lifted, later = (sky.household() for _ in range(4))
    sky.score(deducted, "遵纪守法", deducted=3)
    sky.veto(vetoed, "诚实守信", date(2026, 1, 1), date(2026, 4, 1))
    sky.veto(lifted, "诚实守信", date(2026, 1, 1), date(2026, 12, 1), ended=date(2026, 5, 1))
    sky.veto(later, "诚实守信", date(2026, 7, 1), date(2026, 12, 1))
    sky.propose()
    assert [sky.rating(one).held for one in (deducted, vetoed, lifted, later)] == [
        "00001100", "01000100", "01001100", "01001100",
    ]  # fmt: skip


def born(household, *years):
    db.session.query(Member).filter_by(household_id=household.id).delete()
    for position, (year, month) in enumerate(years, 1):
        factories.MemberFactory(household=household, birth_year=year, birth_month=month, position=position)


def test_a_household_without_able_adults_holds_the_industry_star(sky: Sky):
    """On the quarter's last day nobody is between 18 and 59."""
    old, young, able, unknown = (sky.household() for _ in range(4))
    born(old, (1966, 6), (1950, 1), (2008, 7))
    born(young, (1966, 5), (2008, 6))
    born(able, (1966, 7))
    born(unknown, (1940, 1), (None, None))
    sky.propose()
    assert [sky.rating(one).held[2] for one in (old, young, able, unknown)] == ["1", "0", "0", "0"]
    assert sky.rating(old).marks[2] == [0, 0, 0, 0, 1]


def test_who_takes_no_part_is_not_rated(sky: Sky):
    here, away = sky.household(), sky.household()
    participation_services.leave(sky.village.id, away.id, by=sky.id("village_admin"))
    sky.propose()
    assert sky.rating(here) is not None
    assert sky.rating(away) is None


def test_proposing_again_keeps_what_the_group_gave(sky: Sky):
    household, left, fresh = sky.household(), sky.household(), None
    sky.propose()
    sky.change(household, "环境卫生")
    sky.change(household, "邻里和睦")
    sky.change(household, "邻里和睦", False, "记错了")
    participation_services.leave(sky.village.id, left.id, by=sky.id("village_admin"))
    fresh = sky.household()
    sky.score(household, "爱党爱国", home=5)
    assert sky.propose()["households"] == 2
    rating = sky.rating(household)
    assert (rating.proposed, rating.held, rating.stars) == ("11001100", "11001110", 5)
    assert (sky.rating(left), sky.rating(fresh).held) == (None, "01001100")


def test_a_later_figure_beats_a_gift_that_was_taken_back(sky: Sky):
    household = sky.household()
    sky.propose()
    sky.change(household, "环境卫生")
    sky.change(household, "环境卫生", False, "记错了")
    sky.score(household, "环境卫生", home=9)
    sky.propose()
    assert sky.rating(household).held[6] == "1"


@pytest.mark.parametrize(
    ("quarter", "error"),
    [(202607, QuarterNotOver), (202507, None), (202504, QuarterTooOld)],
    ids=["running", "year", "old"],
)
def test_which_quarters_can_be_rated(app, sky: Sky, quarter, error):
    sky.household()
    if error is None:
        sky.propose(quarter)
        assert sky.period(quarter).state == "review"
        return
    with pytest.raises(error), unchanged(app):
        sky.propose(quarter)


def test_after_a_later_quarter_no_earlier_one(app, sky: Sky):
    sky.household()
    sky.propose(202601)
    with pytest.raises(QuarterTooOld), unchanged(app):
        sky.propose(202510)


def test_a_village_without_households_has_nothing_to_rate(app, sky: Sky):
    with pytest.raises(NobodyToRate), unchanged(app):
        sky.propose()


def test_one_household_reads_the_same_figures(sky: Sky):
    """What the passbook reads of one household is what the village's proposal read of it."""
    one, _other = sky.household(), sky.household()
    sky.shine(one)
    scheme = star_schemes.scheme_shown(sky.village.id, QUARTER)
    alone = star_facts.read(sky.village.id, QUARTER, scheme.stars, one.id)
    whole = star_facts.read(sky.village.id, QUARTER, scheme.stars)
    assert [alone.of(one.id, each) for each in scheme.stars] == [whole.of(one.id, each) for each in scheme.stars]


# ---- the review group


def test_a_star_is_given_with_a_reason_and_a_trace(sky: Sky):
    household = sky.household()
    sky.propose()
    assert sky.change(household, "孝老爱亲")["stars"] == 4
    rating = sky.rating(household)
    (change,) = star_queries.changes_of([rating.id])[rating.id]
    assert (change.dimension, change.to_held, change.occasion, change.by_id) == (
        "孝老爱亲", True, "review", sky.id("reviewer"),
    )  # fmt: skip
    assert remarks.texts([change.reason_id]) == {change.reason_id: "评议会一致同意"}
    trace = db.session.query(Audit).filter_by(action="honours.give_star").one()
    assert (trace.household_id, trace.by_id, trace.details) == (household.id, sky.id("reviewer"), {"star": 4})


def test_what_the_group_gave_it_can_take_back_but_not_what_was_proposed(app, sky: Sky):
    household = sky.household()
    sky.propose()
    sky.change(household, "孝老爱亲")
    sky.change(household, "孝老爱亲", False, "给错了户")
    assert sky.rating(household).held == "01001100"
    with pytest.raises(RemovalNeeded), unchanged(app):
        sky.change(household, "遵纪守法", False, "听说不好")
    with pytest.raises(NothingChanges), unchanged(app):
        sky.change(household, "遵纪守法")
    with pytest.raises(UnknownStar), unchanged(app):
        sky.change(household, "文化生活")
    with pytest.raises(ReasonNeeded), unchanged(app):
        sky.change(household, "孝老爱亲", why=" ")


@pytest.mark.parametrize("kin", ["own", "declared"])
def test_nobody_changes_the_own_household_or_kin(app, sky: Sky, kin):
    household, other = sky.household(), sky.household()
    if kin == "own":
        member = db.session.query(Member).filter_by(household_id=household.id).first()
        sky.staff["reviewer"].member_id = member.id
    else:
        db.session.add(
            Recusal(
                village_id=sky.village.id, user_id=sky.id("reviewer"), household_id=household.id, relation="sibling",
                declared_at=clock.now(), declared_by_id=sky.id("reviewer"),
            )
        )  # fmt: skip
    db.session.commit()
    sky.propose()
    with pytest.raises(OwnKin), unchanged(app):
        sky.change(household, "孝老爱亲")
    with pytest.raises(NobodyChosen), unchanged(app):
        sky.word(household)
    with pytest.raises(OwnKin), unchanged(app):
        sky.remove(household, "遵纪守法")
    assert sky.word(household, other) == {"given": 1, "left_out": 1}
    assert [sky.rating(one).held[3] for one in (household, other)] == ["0", "1"]


def test_the_word_for_many_is_written_once_and_traced_for_each(sky: Sky):
    households = [sky.household() for _ in range(3)]
    sky.propose()
    assert sky.word(*households[:2]) == {"given": 2, "left_out": 0}
    assert [sky.rating(one).held for one in households] == ["01011100", "01011100", "01001100"]
    assert [sky.rating(one).stars for one in households] == [4, 4, 3]
    reasons = {change.reason_id for change in db.session.query(StarChange)}
    assert len(reasons) == 1
    assert db.session.query(Audit).filter_by(action="honours.give_star").count() == 2


def test_the_word_is_for_the_groups_star_alone(app, sky: Sky):
    household = sky.household()
    sky.propose()
    with pytest.raises(NotTheGroupsStar), unchanged(app):
        sky.word(household, dimension="环境卫生")
    with pytest.raises(UnknownStar), unchanged(app):
        sky.word(household, dimension="文化生活")
    with pytest.raises(NotFoundHere), unchanged(app):
        sky.word(household, quarter=202601)
    sky.word(household)
    with pytest.raises(NobodyChosen), unchanged(app):
        sky.word(household)


# ---- notice and publishing


def test_the_notice_has_a_line_each_and_names_only_from_six_stars_up(sky: Sky):
    shining, quiet, shy = sky.household(), sky.household(), sky.household(board_opt_out=True)
    for one in (shining, shy):
        sky.shine(one)
    sky.close_months()
    sky.propose()
    sky.word(shining)
    told = sky.publish()
    assert (told["lines"], told["ends_on"]) == (3, "2026-07-17")
    lines = db.session.query(NoticeLine).order_by(NoticeLine.number).all()
    by_household = {sky.rating(one).notice_line: one for one in (shining, quiet, shy)}
    assert [(by_household[line.number].id, line.publish) for line in lines] == [
        (shining.id, "list"), (quiet.id, "never"), (shy.id, "never"),
    ]  # fmt: skip
    assert db.session.query(Notice).one().kind == "stars"
    assert (sky.period().state, sky.rating(quiet).state) == ("notice", "on_notice")


def test_open_months_and_an_unspoken_word_keep_stars_from_the_notice(app, sky: Sky):
    sky.village.created_at = NOW - timedelta(days=400)
    household = sky.household()
    sky.close_months(*MONTHS[:2])
    sky.propose()
    with pytest.raises(MonthStillOpen, match="6月") as told, unchanged(app):
        sky.publish()
    assert told.value.params == {"month": 202606}
    sky.close_months(MONTHS[2])
    with pytest.raises(WordStillMissing, match="孝老爱亲星"), unchanged(app):
        sky.publish()
    sky.word(household)
    sky.publish()


def test_months_before_the_village_began_need_no_closing(sky: Sky):
    household = sky.household()
    sky.propose()
    sky.word(household)
    assert sky.publish()["lines"] == 1


def test_published_after_the_notices_last_day_by_the_day(sky: Sky):
    household = sky.household()
    sky.propose()
    sky.word(household)
    sky.publish()
    with sky.day(5):
        assert sky.settle() == 0
        assert sky.period().state == "notice"
    with sky.day(6):
        assert daily.settle_village(sky.village.id) == 1
        assert sky.settle() == 0
    assert (sky.period().state, sky.period().published_on, sky.rating(household).state) == (
        "published", date(2026, 7, 18), "published",
    )  # fmt: skip
    assert db.session.query(Notice).one().settled_at is not None


def test_who_leaves_on_the_way_has_no_rating(sky: Sky):
    here, before, during = (sky.household() for _ in range(3))
    sky.propose()
    sky.word(here)
    participation_services.leave(sky.village.id, before.id, by=sky.id("village_admin"))
    assert sky.publish()["lines"] == 2
    participation_services.leave(sky.village.id, during.id, by=sky.id("village_admin"))
    with sky.day(6):
        assert sky.settle() == 1
    assert [sky.rating(one) is None for one in (here, before, during)] == [False, True, True]


@pytest.mark.parametrize("at", ["notice", "published"])
def test_after_the_review_nothing_changes_any_more(app, sky: Sky, at):
    household = sky.household()
    sky.propose()
    sky.word(household)
    sky.publish()
    if at == "published":
        with sky.day(6):
            sky.settle()
    for act in (sky.propose, sky.publish, lambda: sky.change(household, "环境卫生"), lambda: sky.word(household)):
        with pytest.raises(StarsMovedOn), unchanged(app):
            act()


def test_a_key_that_comes_twice_does_it_once(sky: Sky):
    sky.household()
    key = keys.new()
    first, second = (
        star_proposing.propose(sky.village.id, QUARTER, key=key, by=sky.id("village_admin")) for _ in range(2)
    )
    assert (first.result, first.is_repeat, second.is_repeat) == (second.result, False, True)
    assert db.session.query(StarPeriod).count() == 1


def test_other_villages_things_are_not_found(app, sky: Sky):
    household = sky.household()
    sky.propose()
    rating = sky.rating(household)
    stranger = factories.VillageFactory()
    with pytest.raises(NotFoundHere), unchanged(app):
        stars.change(
            stranger.id, rating.id, "孝老爱亲", to_held=True, why="好人家", key=keys.new(), by=sky.id("reviewer")
        )
    assert star_queries.rating_here(stranger.id, rating.id) is None
    assert star_queries.find_period(stranger.id, QUARTER) is None


# ---- lists


def test_movement_since_the_last_published_quarter(sky: Sky):
    household, new = sky.household(), None
    sky.score(household, "环境卫生", month=202601, home=5)
    sky.score(household, "爱党爱国", month=202604, home=5)
    sky.propose(202601)
    sky.word(household, quarter=202601)
    sky.publish(202601)
    with sky.day(6):
        sky.settle()
    new = sky.household()
    sky.propose()
    period = sky.period()
    earlier = star_list_queries.letters_before(period, [household.id, new.id])
    moved = star_list_queries.movement(sky.rating(household), period.scheme, earlier.get(household.id))
    assert (moved.gained, moved.lost) == (("爱党爱国",), ("孝老爱亲", "环境卫生"))
    assert star_list_queries.movement(sky.rating(new), period.scheme, earlier.get(new.id)) is None


def test_the_public_list_is_from_six_stars_up_the_most_first(sky: Sky):
    eight, seven, quiet, shy, gone = (
        sky.household(code=f"62062200000{n}", board_opt_out=n == 3) for n in range(5)
    )  # fmt: skip
    for one in (eight, seven, shy, gone):
        sky.shine(one)
    sky.whole(eight)
    participation_services.leave(sky.village.id, gone.id, by=sky.id("village_admin"))
    found = star_list_queries.listed(sky.period())
    assert [(row[0], row[1]) for row in found] == [(eight.id, 8), (seven.id, 7)]
    assert star_list_queries.counts(sky.period()) == {8: 1, 7: 3, 3: 1}
    assert quiet.id not in {row[0] for row in found}


def test_three_years_of_all_stars_are_recommended(sky: Sky):
    always, once_less, new = sky.household(), sky.household(), sky.household()
    scheme = star_schemes.scheme_kept(sky.village.id, QUARTER)
    for number, quarter in enumerate(quarters.back(QUARTER, 12)):
        notice = Notice(
            village_id=sky.village.id, number=number + 1, kind="stars", published_on=NOW.date(), ends_on=NOW.date(),
            published_at=NOW,
        )  # fmt: skip
        db.session.add(notice)
        db.session.flush()
        period = StarPeriod(
            village_id=sky.village.id, quarter=quarter, scheme_id=scheme.id, state="published", proposed_by_id=sky.id("reviewer"),
            proposed_at=NOW, notice_id=notice.id, published_on=NOW.date(),
        )  # fmt: skip
        db.session.add(period)
        db.session.flush()
        for household, letters in ((always, "1" * 8), (once_less, "1" * 7 + str(int(number != 7))), (new, "1" * 8)):
            if household is not new or number < 11:
                db.session.add(
                    StarRating(
                        village_id=sky.village.id, period_id=period.id, household_id=household.id, grid_id=sky.grid.id,
                        state="published", proposed=letters, held=letters, stars=letters.count("1"), marks=[],
                    )
                )  # fmt: skip
    db.session.commit()
    assert star_list_queries.to_recommend(sky.village.id) == [always.id]
    assert len(star_list_queries.history(new.id)) == 11


def test_the_scheme_that_comes_with_the_program_is_the_laws(app):
    """Eight subjects, their modes and thresholds, as product.md names them."""
    found = {each.dimension: (each.mode, each.home_at_least, each.deducted_at_most) for each in default_stars()}
    assert found == {
        "爱党爱国": ("score", 5, 5), "遵纪守法": ("clean", 0, 0), "勤劳致富": ("score", 10, 5), "孝老爱亲": ("review", 0, 0),
        "诚实守信": ("clean", 0, 0), "移风易俗": ("clean", 0, 0), "环境卫生": ("score", 5, 5), "邻里和睦": ("score", 5, 5),
    }  # fmt: skip
    assert [each.dimension for each in default_stars() if each.without_able] == ["勤劳致富"]
    assert db.session.query(StarScheme).count() == db.session.query(Tally).count() == 0
