"""The audit trail in plain words: what each action says on the page. A test holds that none is missing."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from virtue.awarding.words import FOUND, OUTCOMES
from virtue.staff.roles import ROLE_NAMES

ACTIONS: dict[str, Any] = {
    "awarding.add_rule": _l("在草案里加了一项细则"),
    "awarding.adopt_book": _l("启用了一版积分细则"),
    "awarding.amend": _l("评议时改了一项的分数"),
    "awarding.answer": _l("记下了本户的陈述申辩"),
    "awarding.approve": _l("评议通过了一项"),
    "awarding.book": _l("当场入账了一项"),
    "awarding.book_call_off": _l("取消了一版细则的生效日期"),
    "awarding.book_call_off_trial": _l("取消了一版细则的试运行"),
    "awarding.book_confirm": _l("镇里审核同意了一版细则"),
    "awarding.book_enter_paper": _l("填了镇里对细则的批复"),
    "awarding.book_file": _l("记下了细则的备案文号"),
    "awarding.book_open_comments": _l("开始就细则草案征求意见"),
    "awarding.book_openings": _l("第二人核对，期初余额入账"),
    "awarding.book_put_in_force": _l("定了细则的生效日期"),
    "awarding.book_record_vote": _l("记下了村民对细则的表决"),
    "awarding.book_revise": _l("把细则退回草案修改"),
    "awarding.book_send_back": _l("镇里退回了一版细则"),
    "awarding.book_start": _l("一版细则开始生效"),
    "awarding.book_submit": _l("把细则草案送镇里审核"),
    "awarding.book_try_out": _l("定了细则的试运行日期"),
    "awarding.book_withdraw": _l("撤回了一版细则"),
    "awarding.change_rule": _l("改了草案里的一项细则"),
    "awarding.close_event": _l("关闭了一场活动"),
    "awarding.comment": _l("记下了对细则草案的意见"),
    "awarding.countersign": _l("第二人核对了月评"),
    "awarding.decide": _l("评议了一项扣分"),
    "awarding.draw": _l("抽签请村民代表评议"),
    "awarding.draw_spot_checks": _l("抽出了上个月要到现场核的事项"),
    "awarding.drop": _l("撤销了一项扣分"),
    "awarding.enter_sheet": _l("录入了一张纸表"),
    "awarding.freeze": _l("因异议冻结了一行公示"),
    "awarding.hand_over": _l("把一项扣分交到镇里评议"),
    "awarding.lead": _l("登记了一条扣分线索"),
    "awarding.move_rule": _l("挪动了草案里的一项细则"),
    "awarding.new_draft": _l("起草了一版细则"),
    "awarding.offer": _l("把扣分告知放进了积分存折"),
    "awarding.mark": _l("月评时评了一户"),
    "awarding.open_event": _l("开了一场活动"),
    "awarding.print_sheet": _l("打印了编号的纸表"),
    "awarding.propose": _l("申报了一项加分"),
    "awarding.propose_openings": _l("录入了期初余额"),
    "awarding.publish": _l("发布了公示"),
    "awarding.publish_booked": _l("公示了当场入账的"),
    "awarding.reject": _l("评议没有通过一项"),
    "awarding.remove_rule": _l("删去了草案里的一项细则"),
    "awarding.rename_draft": _l("改了草案的名称"),
    "awarding.reopen": _l("重新打开了没有通过的一项"),
    "awarding.repair": _l("记下已经改好"),
    "awarding.repair_failed": _l("复查还没改好"),
    "awarding.resubmit": _l("补充后重新提交了一项"),
    "awarding.reverse": _l("冲回了已入账的一项"),
    "awarding.send_back": _l("退回了一项，请补充"),
    "awarding.settle": _l("公示期满，入账"),
    "awarding.spot_check": _l("记下了抽查的结果"),
    "awarding.take_back": _l("撤回了刚申报的一项"),
    "awarding.tell": _l("向本户送达了扣分告知"),
    "awarding.thaw": _l("异议办结，恢复了一行公示"),
    "awarding.undo": _l("撤回了刚入账的一项"),
    "awarding.verify": _l("核实了一条扣分线索"),
    "awarding.void_sheet": _l("作废了一张纸表"),
    "awarding.withdraw": _l("异议成立，撤下了一行公示"),
    "honours.answer_star": _l("记下了本户对摘星的陈述申辩"),
    "honours.change_scheme": _l("定了新的评星办法"),
    "honours.drop_removal": _l("撤销了一件摘星"),
    "honours.freeze_board": _l("让一块榜停在当天的得分"),
    "honours.freeze_stars": _l("因异议冻结了一户的星级"),
    "honours.give_star": _l("评给了一颗星"),
    "honours.lift_board": _l("让一块榜继续排"),
    "honours.propose_stars": _l("提名了一个季度的星级"),
    "honours.publish_removals": _l("公示了摘星"),
    "honours.publish_stars": _l("公示了一个季度的星级"),
    "honours.red_over": _l("红榜上的一条到期下榜"),
    "honours.red_pick": _l("挑了一条上红榜"),
    "honours.red_take_down": _l("从红榜上撤下一条"),
    "honours.remove_star": _l("提出摘一颗星"),
    "honours.settle_stars": _l("公示期满，发布了星级"),
    "honours.sign_removal": _l("同意了一件摘星"),
    "honours.take_star": _l("取下了一颗星"),
    "honours.tell_star": _l("向本户送达了摘星告知"),
    "honours.thaw_stars": _l("异议办结，恢复了一户的星级公示"),
    "job.start": _l("开始了一件耗时的办理"),
    "ledger.sign_month": _l("在月结上签了字"),
    "dividends.answer": _l("答复了对试算表的异议"),
    "dividends.change": _l("改了一笔分红的草稿"),
    "dividends.check": _l("镇里审核同意了一笔分红"),
    "dividends.close": _l("办结了一笔分红的发放"),
    "dividends.draft": _l("起草了一笔分红"),
    "dividends.export": _l("下载了一笔分红的发放表"),
    "dividends.open": _l("公开了一笔分红的试算表"),
    "dividends.pay": _l("记下一户的分红已经发放"),
    "dividends.revise": _l("把一笔分红退回草稿"),
    "dividends.send_back": _l("镇里退回了一笔分红"),
    "dividends.set_months": _l("写明了一户按几个月分红"),
    "dividends.sign": _l("村监会签字定下了一笔分红"),
    "dividends.vote": _l("记下了对一笔分红的表决"),
    "dividends.withdraw": _l("撤销了一笔分红"),
    "honours.campaign_answer": _l("答复了对评选结果的异议"),
    "honours.campaign_begin": _l("开始了一次评选的投票或打分"),
    "honours.campaign_cancel": _l("取消了一次评选"),
    "honours.campaign_check": _l("审核了一位候选人"),
    "honours.campaign_close": _l("关了票箱，加了封"),
    "honours.campaign_count": _l("计了票"),
    "honours.campaign_give": _l("给评上的录入了荣誉"),
    "honours.campaign_judge": _l("给候选人打了分"),
    "honours.campaign_nominate": _l("推荐了一位候选人"),
    "honours.campaign_open": _l("开了一次评选"),
    "honours.campaign_paper": _l("发了一张纸选票"),
    "honours.campaign_print": _l("编印了纸选票"),
    "honours.campaign_publish": _l("公示了评选结果"),
    "honours.campaign_read": _l("录了一张纸选票"),
    "honours.campaign_recount": _l("重新数了一遍票"),
    "honours.campaign_vote": _l("一户投了票"),
    "honours.campaign_withdraw": _l("记下一位候选人退出"),
    "honours.confirm": _l("第二人核对了一项荣誉"),
    "honours.consent": _l("记下了一项荣誉可以展示"),
    "honours.drop": _l("撤掉了一项录错的荣誉"),
    "honours.enter": _l("录入了一项荣誉"),
    "honours.revoke": _l("取消了一项荣誉"),
    "honours.take_titles": _l("采用了县里的荣誉称号"),
    "honours.wall": _l("改了好人墙上写的"),
    "honours.withdraw_consent": _l("记下了一项荣誉不再展示"),
    "notices.name_settler": _l("指定了异议的处理人"),
    "notices.object": _l("收到一件异议"),
    "notices.open_seal": _l("打开了异议里封存的姓名"),
    "notices.settle_objection": _l("办结了一件异议"),
    "notices.take_back_objection": _l("记下一件异议被收回"),
    "office.change_settings": _l("改了本村设置"),
    "office.start_step": _l("走完了初次设置的一步"),
    "people.add_household": _l("新立了一户"),
    "people.add_member": _l("登记了一位家庭成员"),
    "people.change_by_import": _l("导入名册时更新了一户"),
    "people.choose_pin": _l("本户换了密码"),
    "people.come_back": _l("本户恢复参加"),
    "people.correct_household": _l("更正了户的登记"),
    "people.correct_member": _l("更正了家庭成员的登记"),
    "people.declare_recusal": _l("登记了亲属回避"),
    "people.end_card": _l("注销了积分卡"),
    "people.end_household": _l("办了销户"),
    "people.end_recusal": _l("解除了亲属回避"),
    "people.give_consent": _l("记下了本户的同意"),
    "people.import_register": _l("导入了名册"),
    "people.issue_door_codes": _l("发了门牌码"),
    "people.issue_card": _l("发了积分卡"),
    "people.leave": _l("本户暂不参加"),
    "people.make_head": _l("换了户主"),
    "people.mark_found": _l("解除了积分卡挂失"),
    "people.mark_lost": _l("办了积分卡挂失"),
    "people.note_back": _l("记下家庭成员回来了"),
    "people.note_gone": _l("记下家庭成员迁出或去世"),
    "people.note_handed_over": _l("记下积分卡已交到本户"),
    "people.note_printed": _l("打印了积分卡"),
    "people.opt_into_board": _l("本户同意上排名"),
    "people.opt_out_of_board": _l("本户不上排名"),
    "people.reissue": _l("补了积分卡"),
    "people.reset_pin": _l("重置了本户密码"),
    "people.withdraw_consent": _l("记下本户收回同意"),
    "places.add_grid": _l("新设了网格"),
    "places.add_village": _l("新设了村"),
    "places.join_township": _l("把村归到了镇里"),
    "staff.add_user": _l("加了工作人员"),
    "staff.change_password": _l("改了自己的密码"),
    "staff.choose_village": _l("换到本村工作"),
    "staff.deactivate": _l("停用了账号"),
    "staff.end_role": _l("结束了一项职责"),
    "staff.first_admin": _l("建立了第一个账号"),
    "staff.grant_role": _l("加了一项职责"),
    "staff.name_member": _l("登记了账号是谁家的人"),
    "staff.reactivate": _l("恢复了账号"),
    "staff.rename_user": _l("改了账号的姓名"),
    "staff.reset_password": _l("重设了密码"),
    "staff.sign_in": _l("登录"),
    "staff.sign_out": _l("退出登录"),
    "staff.sign_out_everywhere": _l("在所有设备上退出登录"),
    "store.add_days": _l("添加了超市的集日"),
    "store.add_barcode": _l("给商品加了一个条码"),
    "store.add_donor": _l("登记了捐赠人"),
    "store.add_item": _l("新增了一种商品"),
    "store.close_day": _l("做了日结"),
    "store.draft_sheet": _l("填了季度公开表"),
    "store.book_take": _l("核对了盘点，入账"),
    "store.cancel_take": _l("取消了一次盘点"),
    "store.count": _l("盘点时记下了点的数"),
    "store.hand_in_take": _l("盘点点完，交了"),
    "store.join_take": _l("参加了一次盘点"),
    "store.open_take": _l("开始了一次盘点"),
    "store.recount": _l("盘点复点了一种商品"),
    "store.send_back_take": _l("村监会退回了盘点"),
    "store.sign_take": _l("村监会在盘点上签字，入账"),
    "store.submit_take": _l("把盘点交村监会签字"),
    "store.call_back": _l("取消了店之间的调货"),
    "store.change_donor": _l("改了捐赠人的登记"),
    "store.confirm_delivery": _l("第二人点过，确认入库"),
    "store.drop_barcode": _l("去掉了商品的一个条码"),
    "store.edit_store": _l("改了超市的名称或地点"),
    "store.enter_delivery": _l("登记了一张入库单"),
    "store.give_to_store": _l("把商品调给别的店"),
    "store.edit_item": _l("改了商品的资料"),
    "store.end_pause": _l("提前结束了超市暂停"),
    "store.enter_money": _l("记了一笔买货的钱"),
    "store.import_goods": _l("导入了商品"),
    "store.open": _l("开了积分超市"),
    "store.park": _l("暂存了一篮没办完的商品"),
    "store.pause": _l("让超市暂停开门"),
    "store.enter_paper": _l("录入了一张纸条（补录）"),
    "store.print_paper": _l("印了一批带编号的纸条"),
    "store.void_paper": _l("作废了一张纸条"),
    "store.receive": _l("入库了商品"),
    "store.bring_back": _l("把没送成的预约拿回了超市"),
    "store.deliver": _l("把预约的商品送到了家"),
    "store.fetch": _l("核销了一份预约"),
    "store.hand_out": _l("把预约交给志愿者送"),
    "store.name_helper": _l("改了预约的代领人"),
    "store.reservation_cancelled": _l("取消了一份预约"),
    "store.reservation_expired": _l("预约到期没取，自动放回"),
    "store.reserve": _l("预约了商品"),
    "store.wish": _l("许了一个心愿"),
    "store.unwish": _l("去掉了一个心愿"),
    "store.redeem": _l("兑换了商品"),
    "store.remove_day": _l("去掉了超市的一个集日"),
    "store.refuse_delivery": _l("退回了一张入库单"),
    "store.return": _l("退回了一张兑换单"),
    "store.set_hours": _l("定了超市每周的开门时间"),
    "store.set_price": _l("定了商品的价格"),
    "store.sign_close": _l("在日结上签了字"),
    "store.sign_money": _l("在一笔买货的钱上签了字"),
    "store.sign_sheet": _l("签字公开了季度公开表"),
    "store.show_picture": _l("换了商品的图片"),
    "store.take_over": _l("收下了别的店调来的商品"),
    "store.take_up": _l("接着办了暂存的一篮"),
    "store.take_seat": _l("选了在哪家店办理"),
    "store.write_off": _l("报损了商品"),
    "store.year_announce": _l("公布了年底积分作废"),
    "store.year_carry": _l("把没办完的事转到下年"),
    "store.year_closed": _l("年结的积分作废全部入账"),
    "store.year_sign": _l("在年结上签了字"),
    "store.year_withdraw": _l("撤回了年底积分作废的公布"),
}

GROUPS = {
    "awarding": _l("加分、评议、扣分"),
    "honours": _l("星级和荣誉"),
    "notices": _l("异议"),
    "store": _l("积分超市"),
    "people": _l("农户和积分卡"),
    "staff": _l("账号和登录"),
    "ledger": _l("账"),
    "places": _l("村和网格"),
    "office": _l("设置"),
    "job": _l("耗时的办理"),
    "dividends": _l("分红"),
}
"""The first word of an action: the rooms, as a filter."""


SUBJECTS = {
    "batch": _l("批次"), "board_freeze": _l("停住的榜"), "campaign": _l("评选"), "card": _l("积分卡"), "deed": _l("事项"), "delivery": _l("入库单"), "donor": _l("捐赠人"),
    "event": _l("活动"), "fund_money": _l("买货的钱"), "grid": _l("网格"), "honour": _l("荣誉"), "household": _l("农户"),
    "item": _l("商品"), "job": _l("办理编号"), "member": _l("家庭成员"), "month": _l("月份"), "notice": _l("公示"),
    "objection": _l("异议"), "order": _l("兑换单"), "paper_slip": _l("停电纸条"), "parked_basket": _l("暂存的一篮"), "pot": _l("分红"), "public_sheet": _l("公开表"), "recusal": _l("回避登记"), "red_pick": _l("红榜条目"),
    "register": _l("名册"), "rulebook": _l("细则"), "star_period": _l("季度星级"), "star_rating": _l("一户的星级"),
    "star_removal": _l("摘星"), "star_scheme": _l("评星办法"), "stock_transfer": _l("调货"), "stocktake": _l("盘点"), "store": _l("超市"),
    "store_close": _l("日结"), "user": _l("账号"), "village": _l("村"), "year_close": _l("年结"),
}  # fmt: skip
"""What an action is about, before its number."""

DETAILS = {
    "households": _l("户数"), "quarter": _l("从哪月起的季度"), "from_quarter": _l("从哪月起用"), "star": _l("第几颗星"), "stars": _l("几颗星"),
    "points": _l("分"), "difference": _l("差"), "rule": _l("细则编号"), "deeds": _l("项数"), "role": _l("职责"), "quantity": _l("数量"),
    "version": _l("第几版"), "rules": _l("细则项数"), "pieces": _l("件数"), "lines": _l("行数"), "new": _l("新增"),
    "changed": _l("更新"), "unchanged": _l("不变"), "user": _l("账号"), "member": _l("家庭成员"), "grid": _l("网格"),
    "amount_fen": _l("金额（分钱）"), "cash_fen": _l("现金应有（分钱）"), "code": _l("户号"), "collective_fen": _l("集体的钱（分钱）"),
    "cost_fen": _l("进价（分钱）"), "counted_fen": _l("现金点出（分钱）"), "day": _l("日期"), "days": _l("日子"),
    "drawn": _l("抽到的账号"), "first": _l("从"), "item_id": _l("商品"), "last": _l("到"), "number": _l("编号"),
    "proof": _l("凭什么"), "second": _l("在场确认的账号"), "orders": _l("兑换单数"), "outcome": _l("结果"), "outside_hours": _l("不在开门时间"), "pool": _l("参加抽签的账号"),
    "reason": _l("原因"), "returns": _l("撤单数"), "seed": _l("种子"), "source": _l("来源"), "step": _l("步骤"),
    "ballots": _l("票数"), "entered": _l("录入项数"), "is_equal": _l("和上次一样"), "is_fit": _l("符合条件"), "scored": _l("打分人数"),
    "seats": _l("名额"), "title": _l("荣誉称号"), "way": _l("投票方式"), "thanks": _l("致谢"), "total_fen": _l("金额（分钱）"), "trial": _l("试运行"), "unit": _l("积分种类"), "year": _l("年份"), "until": _l("到哪天"), "board": _l("哪块榜"), "period": _l("时段"),
}  # fmt: skip
"""The numbers and codes that say more; others show the name they are kept under."""


def sentence(action: str) -> str:
    """An action in words; an unknown one shows its code, so that nothing is hidden."""
    return str(ACTIONS.get(action, action))


def group(action: str) -> str:
    """The room of an action."""
    return action.split(".", 1)[0]


def in_words(subject: str | None, subject_id: int | None, details: Mapping[str, Any]) -> str:
    """The codes and numbers of a row: what it is about, and what more is kept."""
    parts = [f"{SUBJECTS.get(subject or '', subject)} {subject_id}"] if subject_id is not None else []
    parts += [f"{DETAILS.get(name, name)} {_shown(value)}" for name, value in details.items() if value is not None]
    return " · ".join(parts)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(_l("是") if value else _l("否"))
    if isinstance(value, list):
        return "、".join(map(_shown, value))
    if isinstance(value, dict):
        return "、".join(f"{_shown(name)} {_shown(number)}" for name, number in value.items())
    if isinstance(value, str):
        return str(
            ROLE_NAMES.get(value)
            or UNITS.get(value)
            or OUTCOMES.get(value)
            or FOUND.get(value)
            or STOCK.get(value)
            or value
        )
    return str(value)


UNITS = {"home": _l("家美积分"), "civility": _l("文明积分")}

STOCK = {
    "bought": _l("购买"), "donated": _l("捐赠"), "opening": _l("期初"), "broken": _l("破损"), "expired": _l("过期"),
    "lost": _l("丢失"), "pin": _l("农户输了密码"), "second": _l("另一位工作人员在场"), "named": _l("写名字感谢"), "anonymous": _l("匿名"),
}  # fmt: skip
