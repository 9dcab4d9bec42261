"""The stars' slides: counts and households from six stars up, what they gained, never who lost one; they end."""

from tests.honours.conftest import QUARTER, sky  # noqa: F401  a fixture
from virtue import clock
from virtue.honours import star_quarters as quarters
from virtue.people import participation_services


def test_who_shines_what_was_gained_and_nobody_who_lost(sky, page):  # noqa: F811
    bright, rising, fallen, shy = (
        sky.household(head_name=name, code=f"62210000014{number}")
        for number, name in enumerate(("王永智", "赵桂英", "马占山", "李秀兰"), 1)
    )
    url = f"/kiosk/{sky.village.slug}/stars"
    assert "发布以后" in page(url).words("main")
    for one in (bright, fallen, shy):
        sky.shine(one)
    for dimension in ("爱党爱国", "邻里和睦"):
        sky.score(rising, dimension, home=5)
    sky.close_months()
    sky.whole(bright, rising, fallen, shy)
    after = quarters.after(QUARTER)
    for one in (bright, rising, shy):
        for dimension, points in (("爱党爱国", 5), ("环境卫生", 5), ("邻里和睦", 5), ("勤劳致富", 10)):
            sky.score(one, dimension, month=after, home=points)
    for dimension in ("爱党爱国", "邻里和睦"):
        sky.score(fallen, dimension, month=after, home=5)
    with sky.day(6):
        participation_services.opt_out_of_board(sky.village.id, shy.id, by=sky.id("village_admin"))
        shown = page(url)
        assert [row.get_text(" ", strip=True) for row in shown.select("#star-counts li")] == [
            "8 颗星 3 户",
            "6 颗星 1 户",
        ]
        first = shown.select("#wall-2 li")
        assert [row.b.contents[0] for row in first] == ["王某某家", "马某某家", "赵某某家"]
    with sky.day(95):
        sky.propose(after)
        sky.word(bright, rising, fallen, shy, quarter=after)
        sky.close_months(*quarters.months(after))
        sky.publish(after)
    with sky.day(101):
        sky.settle()
        rows = [row.get_text(" ", strip=True) for row in page(url).select("#wall-2 li")]
        assert rows == [
            "王某某家 尾号 0141 8 颗星", "赵某某家 尾号 0142 8 颗星 · 比上季多 2 颗", "马某某家 尾号 0143 6 颗星",
        ]  # fmt: skip
    last = quarters.span(quarters.after(quarters.after(after)))[1]
    days = (last - clock.today()).days
    with sky.day(days):
        assert len(page(url).select("[data-slide]")) == 2
    with sky.day(days + 1):
        assert page(url).select("[data-slide] li") == []
