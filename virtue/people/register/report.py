"""What an import found and did: plain data that can lie in a file, and its words."""

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule
from virtue.people.register.problems import Note, Problem

FIELD_WORDS = {
    "added": _l("新增成员"),
    "grid": _l("网格"),
    "head": _l("户主"),
    "is_head": _l("户主"),
    "relation": _l("与户主关系"),
    "sex": _l("性别"),
    "birth_year": _l("出生年"),
    "birth_month": _l("出生月"),
    "phone": _l("联系电话"),
    "back": _l("又在户"),
    "order": _l("成员顺序"),
}
FROM_WORDS = {
    "option": _l("按导入时指定"),
    "unit": _l("按填表单位"),
    "title": _l("按标题"),
    "file": _l("按文件名"),
}


@dataclass(slots=True)
class FileReport:
    """One file: what was read, and which columns were left out."""

    file: str
    village: str
    village_from: str
    households: int
    people: int
    grids: int
    forbidden: list[str]
    ignored: list[str]
    phones_dropped: bool
    notes: list[Note]

    @property
    def village_from_words(self) -> str:
        """Where the village's name was found."""
        return str(FROM_WORDS[self.village_from])


@dataclass(slots=True)
class VillageReport:
    """One village: what is new, changed, unchanged, gone; counts are of households."""

    village: str
    is_new: bool
    new_grids: list[str]
    new: int
    new_people: int
    changed: int
    unchanged: int
    left_out: int
    changes: list[tuple[str, str, list[str]]]
    """Code, householder and the fields that differ, of each changed household."""
    gone: int
    gone_households: list[tuple[str, str]]
    """Code and householder of households that are kept but not on the sheet."""
    gone_members: list[tuple[str, str]]

    def changes_words(self, fields: list[str]) -> str:
        """The fields in words."""
        return "、".join(dict.fromkeys(str(FIELD_WORDS[name]) for name in fields))


@dataclass(slots=True)
class Report:
    """All of one call."""

    files: list[FileReport] = field(default_factory=list)
    villages: list[VillageReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    written: bool = False

    @property
    def refused_words(self) -> list[str]:
        """A sentence for each file that wasn't read."""
        return [str(BrokenRule.from_record(code, params)) for code, params in self.refused]

    @property
    def can_write(self) -> bool:
        """Whether all of it can be written."""
        return bool(self.files) and not self.problems and not self.refused

    @property
    def can_skip_bad(self) -> bool:
        """Whether it can be written once the households with mistakes are left out."""
        left = sum(file.households for file in self.files) - sum(village.left_out for village in self.villages)
        return bool(self.problems) and not self.refused and left > 0

    @property
    def changes_nothing(self) -> bool:
        """Whether the register kept says the same already."""
        return all(v.new == v.changed == 0 and not v.is_new and not v.new_grids for v in self.villages)

    def counts(self) -> dict[str, int]:
        """The sums, for the job's row and the audit: numbers only."""
        names = ("new", "changed", "unchanged", "gone", "left_out")
        counts = {name: sum(getattr(village, name) for village in self.villages) for name in names}
        return {**counts, "files": len(self.files), "problems": len(self.problems), "refused": len(self.refused)}


def lines(report: Report, *, most: int = 50) -> list[str]:
    """The report as lines of text, for the command line."""
    out = list(report.refused_words)
    for file in report.files:
        out.extend(_file_lines(file))
    out.extend(place_words(problem) + problem.sentence for problem in report.problems[:most])
    if len(report.problems) > most:
        out.append(gettext("……另有%(count)s处要改正。", count=len(report.problems) - most))
    for village in report.villages:
        out.extend(_village_lines(village, most))
    return out


def place_words(problem: Problem) -> str:
    """File, row and column of a mistake."""
    where = f"{problem.file} {problem.sheet}".strip()
    if problem.column:
        return gettext("%(where)s第%(row)s行“%(column)s”：", where=where, row=problem.row, column=problem.column)
    return gettext("%(where)s第%(row)s行：", where=where, row=problem.row)


def _file_lines(file: FileReport) -> list[str]:
    out = [
        gettext(
            "%(file)s：%(village)s（%(how)s），%(households)s户，%(people)s人，%(grids)s个网格。",
            file=file.file, village=file.village, how=file.village_from_words, households=file.households,
            people=file.people, grids=file.grids,
        )
    ]  # fmt: skip
    if file.forbidden:
        out.append("　" + gettext("没有读取、也不保存的栏：%(columns)s。", columns="、".join(file.forbidden)))
    if file.phones_dropped:
        out.append("　" + gettext("本村没有打开电话登记，联系电话没有保存。"))
    if file.ignored:
        out.append("　" + gettext("用不着的栏：%(columns)s。", columns="、".join(file.ignored)))
    out.extend(f"　{note.sentence}" for note in file.notes)
    return out


def _village_lines(village: VillageReport, most: int) -> list[str]:
    out = []
    if village.is_new:
        out.append(gettext("%(village)s：系统里还没有这个村，新建。", village=village.village))
    if village.new_grids:
        out.append(
            gettext("%(village)s：新建网格%(grids)s。", village=village.village, grids="、".join(village.new_grids))
        )
    out.append(
        gettext(
            "%(village)s：新增%(new)s户（%(people)s人），有变化%(changed)s户，没有变化%(unchanged)s户，"
            "花名册里没有了%(gone)s户，因有错没有导入%(left_out)s户。",
            village=village.village, new=village.new, people=village.new_people, changed=village.changed,
            unchanged=village.unchanged, gone=village.gone, left_out=village.left_out,
        )
    )  # fmt: skip
    for code, head, fields in village.changes[:most]:
        out.append(
            "　"
            + gettext(
                "有变化：%(code)s %(head)s（%(fields)s）", code=code, head=head, fields=village.changes_words(fields)
            )
        )
    for code, head in village.gone_households[:most]:
        out.append("　" + gettext("花名册里没有了（没有删除）：%(code)s %(head)s", code=code, head=head))
    for code, name in village.gone_members[:most]:
        out.append("　" + gettext("成员不在花名册里了（没有删除）：%(code)s %(name)s", code=code, name=name))
    return out
