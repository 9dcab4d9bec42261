from tests.factories import VillageFactory, keeper


def test_sign_in_and_out(page):
    page.sign_in(keeper(VillageFactory()))
    me = page("/me")
    assert "积分超市管理员" in me.words("main")
    page.post("/sign-out")
    assert page("/me", 303).location == "/sign-in?next=/me"
