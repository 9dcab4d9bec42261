"""The stars' pages: a quarter from proposal to published, a household's reasons, the public list, the passbook."""

from datetime import date

from tests import deeds, factories
from tests.honours.conftest import Sky
from tests.pages import Visitor, unchanged
from virtue.core import keys
from virtue.honours import star_schemes
from virtue.people import pin_services


def seats(visitor, sky: Sky, *names: str) -> list[Visitor]:
    return [visitor().sign_in(sky.staff[name]) for name in names]


def test_a_quarter_from_the_proposal_to_the_public_list(app, sky: Sky, visitor, page):
    shining, quiet = sky.household(head_name="王永智"), sky.household(head_name="赵桂英")
    sky.shine(shining)
    clerk, reviewer = seats(visitor, sky, "village_admin", "reviewer")
    empty = clerk("/stars")
    assert "还没有提名" in empty.words("#star-steps")
    done = clerk.submit(empty.select_one("#star-steps form"))
    shown = clerk(done.location)
    assert [row[0].split()[0] for row in shown.rows("#ratings")] == ["王*智家", "赵*英家"]
    asked = reviewer("/stars?quarter=2026-q2")
    with unchanged(app):
        assert "理由" in reviewer.submit(asked.select_one("#word"), 422, household=[str(shining.id)], why="").words(
            "main"
        )
    reviewer.submit(
        reviewer("/stars?quarter=2026-q2").select_one("#word"), household=[str(shining.id)], why="6月评议会"
    )
    forms = clerk("/stars?quarter=2026-q2").select("#star-steps form")
    published = clerk.submit(forms[-1])
    clerk(published.location)
    public = page(f"/v/{sky.village.slug}/notices/1")
    assert ("王某某家" in public.words("#lines"), "8 颗星" in public.words("#lines")) == (True, True)
    assert "赵" not in public.words("main")
    assert "另有 1 项" in public.words("#unpublished")
    rows = clerk("/notices/1", 302)
    assert len(clerk(rows.location).rows("#lines")) == 2
    assert "赵" not in clerk("/stars/notices/1/print").words("main")
    with sky.day(6):
        sky.settle()
        listed = page(f"/v/{sky.village.slug}/stars")
        assert "王某某家" in listed.words("#stars")
        assert "八星级文明户" in listed.words("#stars")
        assert quiet.tail not in listed.words("#stars")


def test_the_list_says_of_each_household_which_stars_it_lacks(sky: Sky, visitor):
    """More households than there are stars: what is missing is asked of the star, not of the row."""
    bright, *dark = [sky.household() for _number in range(10)]
    sky.shine(bright)
    sky.propose()
    (clerk,) = seats(visitor, sky, "village_admin")
    rows = clerk("/stars").rows("#ratings")
    assert rows[0][1] == "7 没有：孝老爱亲星"
    lacking = "3 没有： 爱党爱国星 、 勤劳致富星 、 孝老爱亲星 、 环境卫生星 、 邻里和睦星"
    assert [row[1].replace(" ", "") for row in rows[1:]] == [lacking.replace(" ", "")] * len(dark)


def test_a_rating_tells_its_reasons_and_what_is_missing(sky: Sky, visitor):
    household = sky.household()
    sky.score(household, "环境卫生", home=3)
    sky.propose()
    (reviewer,) = seats(visitor, sky, "reviewer")
    shown = reviewer(f"/stars/ratings/{sky.rating(household).id}")
    assert "家美积分还差 2 分（要 5 分，有 3 分）" in shown.words("#stars")
    form = shown.select_one("#change form")
    refused = reviewer.submit(form, 422, dimension="遵纪守法", to="0", why="听说不好")
    assert "要摘星，请走“摘星”" in refused.words(".form-error")
    reviewer.submit(form, dimension="环境卫生", to="1", why="帮邻居清渠", key=keys.new())
    assert "帮邻居清渠" in reviewer(f"/stars/ratings/{sky.rating(household).id}").words("#stars")


def test_own_kin_sees_no_form(sky: Sky, visitor):
    household = sky.household()
    sky.propose()
    sky.staff["reviewer"].member_id = household.members[0].id
    (reviewer,) = seats(visitor, sky, "reviewer")
    shown = reviewer(f"/stars/ratings/{sky.rating(household).id}")
    assert shown.select_one("#change") is None
    assert "要由别人评" in shown.words("main")


def test_a_removal_is_told_answered_and_signed_on_pages(sky: Sky, visitor, page):
    household = sky.household()
    sky.shine(household)
    sky.propose()
    rating_id = sky.rating(household).id
    reviewer, member = seats(visitor, sky, "reviewer", "committee")
    url = f"/stars/ratings/{rating_id}"
    reviewer.submit(reviewer(url).select("#change form")[-1], dimension="环境卫生", why="渠边乱倒")
    told = member(url)
    member.submit(told.select_one("section[id^=removal] form"), how="in_person")
    card = factories.card_of(household, by=sky.staff["village_admin"])
    page(f"/c/{factories.digits_of(card)}", 303)
    assert "未参评" in page("/passbook").words("#own-stars")
    with sky.day(4):
        (second,) = seats(visitor, sky, "second")
        signed = second.submit(second(url).select("section[id^=removal] form")[1])
        assert second(signed.location).status == 200
    assert sky.removal(1).first_by_id == sky.id("second")


def test_the_passbook_shows_own_stars_with_the_card_and_why_with_the_pin(sky: Sky, page):
    household = sky.household()
    sky.shine(household)
    sky.whole(household)
    card = factories.card_of(household, by=sky.staff["village_admin"])
    with sky.day(7):
        page(f"/c/{factories.digits_of(card)}", 303)
        assert "8 颗星" in page("/passbook").words("#own-stars")
        assert page("/passbook/stars", 303).location.endswith("/passbook/pin")


def test_a_new_version_of_the_scheme(app, sky: Sky, visitor):
    sky.household()
    sky.propose()
    clerk, reviewer = seats(visitor, sky, "village_admin", "reviewer")
    shown = clerk("/stars/scheme")
    assert len(shown.select("#scheme li")) == 8
    form = shown.select_one("#new-version form")
    with unchanged(app):
        refused = clerk.submit(form, 422, listed_from="9", why="村民会议定的")
        assert "公开榜" in refused.words(".form-error")
        reviewer.post("/stars/scheme", {"key": keys.new()}, 403)
    fresh = clerk("/stars/scheme").select_one("#new-version form")
    clerk.submit(fresh, **{"name-8": "", "title": "七星户", "listed_from": "5", "why": "村民会议定的"})
    scheme = star_schemes.scheme_shown(sky.village.id, 202607)
    assert (scheme.version, scheme.title, len(scheme.stars), scheme.from_quarter) == (2, "七星户", 7, 202607)
    assert sky.period().scheme.version == 1


def test_vetoes_and_the_list_to_recommend(sky: Sky, visitor):
    household = sky.household()
    (supervisor,) = seats(visitor, sky, "supervisor")
    assert "没有否决" in supervisor("/stars/vetoes").words("main")
    sky.veto(household, "诚实守信", date(2026, 5, 1), date(2026, 12, 1))
    assert supervisor("/stars/vetoes").rows("#vetoes")[0][2] == "古乡行罚〔2026〕9号"
    assert "三年" in supervisor("/stars/recommend").words("main")


def test_unknown_quarters_and_ratings_are_not_found(sky: Sky, visitor):
    (clerk,) = seats(visitor, sky, "village_admin")
    for url in ("/stars?quarter=2026-q9", "/stars/ratings/99", "/stars/notices/7"):
        clerk(url, 404)


def test_who_is_about_to_lose_a_star_is_found(sky: Sky, visitor):
    bright, fine = sky.household(), sky.household()
    sky.shine(bright)
    sky.close_months()
    sky.whole(bright, fine)
    sky.score(fine, "遵纪守法", month=202607, deducted=5)
    listed = "/stars?quarter=2026-q2&only=warned"

    def tails(days: int) -> list[str]:
        with sky.day(days):
            (clerk,) = seats(visitor, sky, "village_admin")
            return [row[0].split()[-1] for row in clerk(listed).rows("#ratings")]

    # A deduction costs a star at once; missing points are a risk in the quarter's last month alone.
    assert tails(7) == [fine.tail]
    assert sorted(tails(60)) == sorted([bright.tail, fine.tail])


def test_each_star_opens_the_deeds_it_comes_from(sky: Sky, visitor):
    household, other = sky.household(head_name="王永智"), sky.household()
    rules = [
        deeds.rule_of(sky.village.id, name="庭院整洁", unit="home", points=6, dimension="环境卫生"),
        deeds.rule_of(sky.village.id, name="乱倒垃圾", unit="civility", route="deduction", dimension="环境卫生"),
        deeds.rule_of(sky.village.id, name="邻里帮工", unit="home", points=5, dimension="邻里和睦"),
    ]
    may = {"happened_on": date(2026, 5, 10)}
    deeds.settled(household, rules[0], **may)
    deeds.settled(household, rules[1], points=-7, **may)
    deeds.settled(household, rules[2], **may)
    sky.score(household, "环境卫生", home=6, deducted=7)
    sky.score(household, "邻里和睦", home=5)
    sky.veto(household, "诚实守信", date(2026, 4, 1), date(2026, 12, 31))
    sky.propose()
    sky.word(other)
    (clerk,) = seats(visitor, sky, "village_admin")
    rating = sky.rating(household)
    shown = clerk(f"/stars/ratings/{rating.id}")
    links = [a["href"] for a in shown.select("#stars a.why")]
    assert len(links) == 8
    hygiene = clerk(links[6])
    assert "环境卫生星：没有" in hygiene.words("#star")
    assert [row[-1] for row in hygiene.rows(".why-sum")] == ["+6", "−7"]
    assert "庭院整洁" in hygiene.words("main")
    assert "邻里帮工" not in hygiene.words("main")
    assert "又有更正" not in hygiene.words("main")
    assert "否决：古乡行罚〔2026〕9号" in clerk(links[4]).words("main")
    assert "没有一件事算在这颗星里" in clerk(links[3]).words("main")
    sky.score(household, "环境卫生", home=1)
    sky.propose()
    assert "又有更正" in clerk(links[6]).words("main")
    clerk(f"/stars/ratings/{rating.id}/stars/9", 404)
    (member,) = seats(visitor, sky, "committee")
    member(links[6], 403)

    phone = visitor()
    pin_services.choose_pin(household.id, "250814")
    phone(f"/c/{factories.digits_of(factories.card_of(household, by=sky.staff['village_admin']))}", 303)
    phone.submit(phone("/passbook/pin").select_one("main form"), pin="250814")
    phone(f"/passbook/stars/{rating.id}/7", 404)
    sky.close_months()
    sky.publish()
    own = [a["href"] for a in phone("/passbook/stars").select("#hanging a.why")]
    assert len(own) == 8
    assert "第1号公示上，第" in phone(own[6]).words("main")
    phone(f"/passbook/stars/{sky.rating(other).id}/7", 404)
