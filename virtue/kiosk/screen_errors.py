"""What the desk of screens refuses, in the words the person reads."""

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule


class BadPairingCode(BrokenRule):
    """The digits have a slip in them."""

    sentence = _l("配对码是电视上显示的 9 位数字。请对着电视再看一遍。")


class PairingCodeTaken(BrokenRule):
    """A screen was paired by this code."""

    sentence = _l("这块屏已经配对过了。要换一个村用，先在原来的村里停用。")


class BadScreenName(BrokenRule):
    """Empty, too long, or a name that another screen of the village has."""

    sentence = _l("名称填 1 到 20 个字，不和别的屏重名，例如：村委会门口。")


class NoSlides(BrokenRule):
    """Nothing was chosen, or something that is no slide."""

    sentence = _l("至少选一页内容，给它一个先后。")


class BadSeconds(BrokenRule):
    """Too short to read, or as if it stood still."""

    sentence = _l("每页停 5 到 120 秒。")


class BadScreenHours(BrokenRule):
    """Only one of the two times, no time, or the same twice."""

    sentence = _l("开屏和关屏的时间要么都填（如 07:00 和 21:00，不能一样），要么都空着（整天开）。")


class BadAnnouncement(BrokenRule):
    """Title or text is missing or too long."""

    sentence = _l("标题填 2 到 20 个字，内容填 2 到 120 个字。")


class AnnouncementTellsNumbers(BrokenRule):
    """A telephone, ID or bank card number on a public wall."""

    sentence = _l("大屏上不放手机号、身份证号、银行卡号。请改成“到村委会问”。")


class JobUnchecked(BrokenRule):
    """Nobody vouched that the job is real."""

    sentence = _l("招工信息要先核实，写上哪个单位核实的，例如：镇就业服务站。")


class BadAnnouncementEnd(BrokenRule):
    """Over already, or as if it never ended. Params: most (days)."""

    sentence = _l("截止日期从今天起，最长 %(most)s 天。")


class NoChineseFont(BrokenRule):
    """Pictures are drawn with the system's font, and it has none."""

    sentence = _l("服务器上没有中文字体，画不了图片。请管理员装上 fonts-noto-cjk（或文泉驿）再来。")
    status = 503


class BadPictureSize(BrokenRule):
    """Wider or higher than any wall, or no number."""

    sentence = _l("宽和高各填 64 到 3840 的整数，照灯珠屏的说明填，例如 384 和 192。")


class NoSlideToDraw(BrokenRule):
    """Nothing was chosen, or nothing of it may lie on a stick today."""

    sentence = _l("选的内容现在没有能放进U盘的。七天内到期的个人信息不放。")
