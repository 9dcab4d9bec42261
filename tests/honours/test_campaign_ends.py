"""A campaign's ends: whom the desk asks at each step, and an objection to a winner from a passbook."""

from tests import factories
from tests.honours.ballots import DAYS, NOW, make_poll
from tests.office.test_desk import titles
from tests.pages import unchanged
from virtue import clock
from virtue.core import keys
from virtue.people import pin_services

WHO = ("village_admin", "reviewer", "committee", "supervisor", "other")
OF_CAMPAIGNS = ("评选", "票箱")


def test_the_desk_asks_who_takes_the_next_step_and_a_household_may_object(app, fast, visitor):
    with clock.set_to(NOW):
        poll = make_poll()
        poll.open()
        poll.nominees = [poll.nominate(one) for one in poll.households[:3]]

    def asked():
        found = {(who, title) for who in WHO for title in titles(visitor().sign_in(poll.staff[who]))}
        return {(who, title) for who, title in found if title.startswith(OF_CAMPAIGNS) or "评选" in title}

    with clock.set_to(NOW):
        # The committee nominated; the clerk and the reviewers may check.
        assert asked() == {("village_admin", "评选候选人等审核"), ("reviewer", "评选候选人等审核")}
        for one in poll.nominees:
            poll.check(one)
        assert asked() == set()
    with poll.day(DAYS["begin"]):
        assert asked() == {("village_admin", "评选推荐期满，等开始")}
        poll.step("begin", "village_admin")
    poll.fill([(1,), (1, 2), (2,), (1,), (3,)])
    with poll.day(DAYS["close"]):
        assert asked() == {("village_admin", "评选投票期满，等关箱")}
        poll.step("close", "village_admin")
        # Who closed doesn't count.
        assert asked() == {("supervisor", "票箱关了，等您计票"), ("other", "票箱关了，等您计票")}
        poll.step("count", "supervisor")
        assert asked() == {("village_admin", "评选计好票了，等公示")}
    with poll.day(DAYS["publish"]):
        poll.step("publish", "village_admin")
        assert asked() == set()

    home, url = poll.households[4], f"/passbook/votes/{poll.campaign_id}/objections"
    with poll.day(DAYS["object"]):
        phone = visitor()
        pin_services.choose_pin(home.id, "250814")
        card = factories.card_of(home, by=poll.staff["village_admin"])
        phone(f"/c/{factories.digits_of(card)}", 303)
        with unchanged(app):
            phone.post(url, {"line": "1", "words": "这家和邻居闹过纠纷", "key": keys.new()}, 303)
        phone.submit(phone("/passbook/pin").select_one("main form"), pin="250814")
        shown = phone("/passbook/votes")
        assert f"第1行 {poll.households[0].head_name}家 3 票" in shown.words(f"#result-{poll.campaign_id}")
        form = shown.select_one(f"#result-{poll.campaign_id} form")
        with unchanged(app):
            refused = phone.submit(form, 422, line="9", words="这家和邻居闹过纠纷")
            phone.post("/passbook/votes/999/objections", {"line": "1", "words": "这家不行", "key": keys.new()}, 404)
        assert "公示上没有这一行" in refused.words(".form-error")
        assert refused.select_one("textarea").text == "这家和邻居闹过纠纷"
        phone.submit(form, line="1", words="这家和邻居闹过纠纷", key=keys.new())
        assert "评选结果" in phone("/passbook/objections").words("main")
        # The supervisor counted, so the other one answers.
        assert asked() == {("other", "对评选结果的异议等答复")}
        poll.answer(1, "upheld_withdrawn", by="other")
        assert f"第3行 {poll.households[2].head_name}家 1 票" in phone("/passbook/votes").words(
            f"#result-{poll.campaign_id}"
        )
    with poll.day(DAYS["give"] + 1):
        assert asked() == {("village_admin", "评选公示期满，等登记荣誉")}
