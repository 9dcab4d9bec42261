"""Words that often stand in rules on forbidden subjects. They only warn: a word isn't a rule, people look again."""

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.awarding.rule_words import FORBIDDEN

_WORDS: dict[str, str] = {
    "belief": "宗教 信教 信仰 烧香 拜佛 教堂 寺庙 邪教 礼拜",
    "speech": "言论 发帖 朋友圈 造谣 抹黑 谩骂 点赞 转发",
    "petitioning": "信访 上访 越级 举报 缠访 告状 投诉 闹访",
    "health": "疾病 患病 残疾 精神病 体检 疫苗 艾滋 传染病 健康 住院",
    "births": "生育 二胎 三胎 二孩 三孩 怀孕 超生 计划生育 节育",
    "poverty": "低保 贫困 脱贫 特困 困难户 五保 救助",
    "marriage": "离婚 结婚 夫妻 婚姻 吵架 家庭纠纷 出轨",
    "land_consent": "征地 拆迁 搬迁 流转 补偿款 安置",
    "police_record": "吸毒 涉毒 欠款 欠债 失信 老赖 判刑 拘留 犯罪 前科 家暴 监护 涉案 赌博",
}

OTHERS = {
    "党员": _l("身份不计分：做了什么才计分"),
    "干部": _l("身份不计分：做了什么才计分"),
    "罚款": _l("积分不抵罚款"),
    "罚金": _l("积分不抵罚款"),
    "医保": _l("积分不影响医保、社保和任何应得的待遇"),
    "社保": _l("积分不影响医保、社保和任何应得的待遇"),
    "缴费": _l("积分不影响医保、社保和任何应得的待遇"),
}
"""Words on what isn't a subject of its own."""


def warnings(row: Mapping[str, str]) -> list[str]:
    """What a person should look at again in a rule's name and standard: the word, and why it is touchy."""
    text = f"{row.get('name') or ''} {row.get('standard') or ''}"
    found = [
        (word, str(FORBIDDEN[subject])) for subject, listed in _WORDS.items() for word in listed.split() if word in text
    ]
    found += [(word, str(why)) for word, why in OTHERS.items() if word in text]
    return [gettext("写着“%(word)s”：%(why)s。请再看一遍这一项。", word=word, why=why) for word, why in found]
