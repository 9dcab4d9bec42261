"""What can be wrong with a register, in sentences a clerk can act on.

A problem keeps its kind and plain parameters, not a sentence: it lies in a file between dry run and import
and is read in the reader's language later.
"""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule

SENTENCES = {
    "NoHousehold": _l("这个人不属于任何一户：这一行和上面都没有户编号。"),
    "BadCode": _l("户编号只能是数字，最多20位。"),
    "CodeLooksLikeId": _l("这里写的像是身份证号，不能当户编号。"),
    "NoHead": _l("户编号%(code)s这一户没有户主。请在“与户主关系”一栏写明谁是户主。"),
    "TwoHeads": _l("户编号%(code)s这一户有两个户主：第%(first)s行和第%(second)s行。"),
    "CodeTwice": _l("户编号%(code)s用了两次，户主不是同一个人：另一处在%(place)s第%(first)s行。"),
    "HouseholdTwice": _l("户编号%(code)s这一户写了两遍：另一处在%(place)s第%(first)s行。"),
    "HeadDiffers": _l("“户主姓名”一栏写的人，和成员里关系是户主的人（第%(first)s行）不是同一个。"),
    "NoGrid": _l("没有写这一户属于哪个网格。"),
    "TwoGrids": _l("同一户写了两个网格。"),
    "BadGrid": _l("网格的名称太长，或者不像网格的名称。"),
    "NoName": _l("没有写姓名。"),
    "OddName": _l("这里写的不像姓名。"),
    "NoRelation": _l("没有写与户主关系。"),
    "OddRelation": _l("看不懂这个与户主关系。请写配偶、儿子、女儿、父亲这样的称呼。"),
    "NoSex": _l("没有写性别。"),
    "UnknownSex": _l("性别只能是男或女。"),
    "UnreadableBirth": _l("看不懂这个出生日期。请写成1985-03-07、1985年3月或1985这样。"),
    "ImpossibleBirth": _l("没有这一天。请核对出生日期。"),
    "FutureBirth": _l("出生日期还没有到。请核对。"),
    "AmbiguousBirth": _l("看不出是1月还是10月。请写成1985-01或1985-10。"),
    "HouseholdEnded": _l("户编号%(code)s这一户已经注销，花名册里又有它。"),
    "TwoVillages": _l("一份花名册里有两个村。请每个村分开一份，或在导入时写明是哪个村。"),
}

NOTES = {
    "SheetSkipped": _l("工作表“%(sheet)s”里没有花名册的表头，没有读。"),
    "TotalDiffers": _l("第%(row)s行的合计写的是%(said)s，实际读到%(counted)s。"),
    "OtherVillageInName": _l("文件名里写的是%(other)s，表里写的是%(village)s，按表里的算。"),
    "PhonesOdd": _l("有%(count)s个联系电话不像电话号码，没有保存。"),
    "BirthsUnknown": _l("有%(count)s个人没有写出生日期。"),
    "HeadingTwice": _l("“%(heading)s”一栏出现了两次，只读第一次的。"),
}


class Problem(NamedTuple):
    """One thing to correct: where it stands, and what it is."""

    file: str
    sheet: str
    row: int
    column: str
    """The heading as the sheet has it; empty where the whole row is meant."""
    kind: str
    params: dict[str, Any]

    @property
    def sentence(self) -> str:
        """What is wrong and what to do."""
        return str(SENTENCES[self.kind]) % self.params


class Note(NamedTuple):
    """Something the reader should know; nothing has to be corrected."""

    file: str
    kind: str
    params: dict[str, Any]

    @property
    def sentence(self) -> str:
        """What was found."""
        return str(NOTES[self.kind]) % self.params


class RefusedFile(BrokenRule):
    """A file that is not read at all."""

    sentence = _l("%(file)s：这个文件不能导入。")


class FileTooBig(RefusedFile):
    """Over 20 MB as it is."""

    sentence = _l("%(file)s：文件超过20 MB，不像一个村的花名册。请只留花名册这一张表再试。")


class FileEmpty(RefusedFile):
    """Not a byte in it."""

    sentence = _l("%(file)s：文件是空的。")


class FileBroken(RefusedFile):
    """The format says one thing, the bytes another."""

    sentence = _l("%(file)s：文件坏了，打不开。请在表格软件里打开，另存为.xlsx再试。")


class FileEncrypted(RefusedFile):
    """Needs a password."""

    sentence = _l("%(file)s：文件加了密码。请先去掉密码再导入。")


class FileBombed(RefusedFile):
    """Small outside, huge inside."""

    sentence = _l("%(file)s：文件展开后大得不正常，没有打开。请把花名册复制到一张新表再试。")


class FileHasMacros(RefusedFile):
    """Carries programs."""

    sentence = _l("%(file)s：文件里带有宏程序，没有打开。请另存为不带宏的.xlsx再试。")


class UnknownFormat(RefusedFile):
    """Neither workbook nor table of text."""

    sentence = _l("%(file)s：只能导入.xlsx、.xls和.csv文件。")


class NotARegister(RefusedFile):
    """No row looks like a register's headings."""

    sentence = _l("%(file)s：没有找到花名册的表头（户编号、姓名、与户主关系……），这不像户籍花名册。")


class ColumnMissing(RefusedFile):
    """A heading row was found, but not all that is needed."""

    sentence = _l("%(file)s：表头里缺少这些栏：%(columns)s。")


class NoVillage(RefusedFile):
    """Nobody says which village it is."""

    sentence = _l("%(file)s：看不出是哪个村的。请在“填表单位”写上村名，或在导入时写明是哪个村。")


class RegisterOfOtherVillage(RefusedFile):
    """The file is another village's than the one the importer works in."""

    sentence = _l("%(file)s：这是%(village)s的花名册，不是%(here)s的。如果只是村名写错了，请勾选“按本村导入”再试。")


class NoFiles(BrokenRule):
    """Nothing was chosen."""

    sentence = _l("请先选择花名册文件。")


class TooManyFiles(BrokenRule):
    """More than a county has villages."""

    sentence = _l("一次最多选50个文件。")


class RowsGone(BrokenRule):
    """The hour between dry run and import is over."""

    sentence = _l("试导入已经超过一小时，读到的内容已删除，什么都没有写。请重新选择文件。")
