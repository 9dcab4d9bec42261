"""What happens in the demo village: how often which rule, which goods, which misfortunes. Data, not code."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Activity:
    """A kind of event: its names, its place, its rule, and how many cards are scanned."""

    name: str
    place: str
    rule: str
    fewest: int
    most: int


ACTIVITIES = (
    Activity("渠道清理", "三支渠", "J05", 90, 150),
    Activity("义务植树", "村北林带", "J11", 60, 110),
    Activity("志愿服务日", "村委会院子", "J10", 70, 120),
    Activity("村民议事会", "文化广场", "J23", 110, 170),
    Activity("种植养殖培训", "农民夜校", "J22", 60, 110),
    Activity("妇女议事会", "妇女之家", "J25", 40, 70),
    Activity("广场文艺演出", "文化广场", "J32", 70, 130),
    Activity("普法学习", "法律服务室", "J35", 50, 90),
)

SCANS = {
    "J04": 5, "J06": 5, "J09": 4, "J13": 3, "J14": 9, "J15": 2, "J16": 10, "J17": 4, "J24": 3, "J26": 2, "J27": 1, "J28": 1,
    "J31": 5, "J34": 3, "W07": 1, "W08": 4, "W10": 3, "W11": 1, "W13": 1, "W14": 1, "W09": 1, "W12": 1, "W01": 1,
}  # fmt: skip
"""Rules proposed by scan, with how often one comes up against another."""

STORIES = {
    "J04": "带头清扫村口公交站。",
    "J06": "带领七户清理渠道垃圾两公里。",
    "J09": "自家门前栽活三十棵白杨。",
    "J13": "修好广场上坏了的健身器材。",
    "J14": "雪夜帮邻居抢修温室棚膜。",
    "J16": "连续三个月给独居老人送水送饭。",
    "J24": "提议的晒场照明已经装上。",
    "J27": "嫁女不要彩礼，只办一桌茶。",
    "J28": "厚养薄葬，丧事一天办完。",
    "J34": "拾到钱包，送还失主。",
    "W01": "跳进水渠救起落水的孩子。",
    "W07": "给村小学捐书一百册。",
    "W08": "出工十天修好三组的桥。",
    "W13": "儿子应征入伍。",
}
"""What a reviewer writes for the red board."""

WORDS = {
    "J14": "帮隔壁老人家收完了玉米",
    "J16": "每天给村西独居老人送饭",
    "J31": "拍到渠边护栏断了，已报",
    "J34": "捡到钱包交到村委会",
}
"""What a proposer writes."""

DEDUCTIONS = (
    ("D01", "门前公共通道堆放秸秆两处"),
    ("D02", "房前屋后卫生差，复查没有改"),
    ("D03", "羊群散养进了林带"),
    ("D04", "往渠里倒垃圾"),
    ("D05", "地头焚烧秸秆"),
    ("D09", "倒车撞坏公共护栏"),
    ("D26", "门前三包复查仍没有落实"),
)
"""Rules and leads of deductions."""

REJECTIONS = ("没有照片，也没有人证明", "同一件事已经记过", "不是本人做的")
"""Why reviewers say no."""

CLAIMS = (
    ("J04", "把村口公交站扫干净了，垃圾装了两袋", True),
    ("J34", "在广场捡到一部手机，已经还了", False),
    ("J06", "清了门前一段渠，捞出来三筐草", True),
    ("J16", "每天给村西独居老人送饭", False),
)
"""What households claim in their passbooks: rule, words, whether with a photo."""

OBJECTIONS = ("那天他家没有人去", "记的不是这一户，是隔壁家", "只去了半天，分记多了", "这件事上个月已经公示过")
"""What neighbours object to a line of a notice."""
