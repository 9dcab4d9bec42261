"""Files: formats read, and files refused with a sentence."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.people.register_books import HEADINGS, TODAY, book, line, read
from virtue.people.register import guards
from virtue.people.register.parsing import Register, read_register
from virtue.people.register.problems import RefusedFile

FIXTURES = Path(__file__).parents[1] / "data" / "registers"
GOOD = book([line("王建国", code="0101"), line("李秀英", "配偶", "女", "1972.11")])


def refusal(content: bytes, name: str = "清水村.xlsx") -> str:
    """The code and the sentence of a refused file."""
    reading = read(content, name)
    assert reading.registers == []
    assert [error.params["file"] for error in reading.refused] == [name]
    assert str(reading.refused[0]).startswith(f"{name}：")
    return reading.refused[0].code


def repacked(**changes: bytes) -> bytes:
    """The good workbook with members replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return out.getvalue()


def sheet_with(cell: bytes) -> bytes:
    """The good workbook with one more cell at the end of its sheet."""
    path = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old:
        sheet = old.read(path)
    return repacked(**{path: sheet.replace(b"</sheetData>", b"<row>" + cell + b"</row></sheetData>")})


def people(register: Register) -> list[tuple]:
    return [(h.code, h.grid, m.name, m.relation, m.sex, m.birth_year, m.birth_month)
            for h in register.households for m in h.members]  # fmt: skip


FAMILY = [("0101", "第1网格", "王建国", "户主", "男", 1970, 3), ("0101", "第1网格", "李秀英", "配偶", "女", 1972, 11)]
TABLE = "\r\n".join(
    ["清水村户籍花名册", ",".join(HEADINGS), "第1网格,0101,王建国,王建国,户主,男,1970-03-09,x,,残疾",
     ",,,李秀英,配偶,女,1972.11,x,,"]
)  # fmt: skip


def test_a_workbook_is_read():
    register = read_register("a.xlsx", GOOD, today=TODAY)
    assert (register.village, register.village_from) == ("清水村", "unit")
    assert people(register) == FAMILY


def test_an_old_workbook_is_read():
    content = (FIXTURES / "old-format.xls").read_bytes()
    register = read_register("a.xls", content, today=TODAY)
    assert register.village_from == "title"
    assert people(register) == [(code, "第2网格", *rest) for code, _, *rest in FAMILY]
    assert register.forbidden == ["身份证号"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_of_text_is_read(encoding):
    register = read_register("a.csv", TABLE.encode(encoding), today=TODAY)
    assert people(register) == FAMILY
    assert "残疾" not in repr(register)


def test_a_table_of_text_with_tabs_is_read():
    assert people(read_register("a.txt", TABLE.replace(",", "\t").encode(), today=TODAY)) == FAMILY


def test_what_the_file_is_decides_not_its_name():
    assert people(read_register("a.csv", GOOD, today=TODAY)) == FAMILY


def test_sheets_without_headings_are_named_and_hidden_ones_left_alone():
    content = book([line("王建国", code="0101")], sheets={"说明": [["填表须知"]]})
    register = read(content).registers[0]
    assert [(note.kind, note.params) for note in register.notes] == [("SheetSkipped", {"sheet": "说明"})]


def test_a_register_over_two_sheets_is_one():
    more = [HEADINGS, line("赵四", code="0102", grid="第2网格")]
    register = read(book([line("王建国", code="0101")], sheets={"二网格": more})).registers[0]
    assert [(h.code, h.sheet, h.row) for h in register.households] == [("0101", "花名册", 4), ("0102", "二网格", 2)]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "清水村.xlsx", "FileEmpty"),
        (b"x" * (20 * 1024 * 1024 + 1), "清水村.csv", "FileTooBig"),
        (GOOD[: len(GOOD) // 2], "清水村.xlsx", "FileBroken"),
        (b"not a workbook", "清水村.xlsx", "FileBroken"),
        (b"not a workbook", "清水村.xls", "FileBroken"),
        (b"%PDF-1.7", "清水村.pdf", "UnknownFormat"),
        (b"\x89PNG\r\n\0\0\0", "清水村.csv", "UnknownFormat"),
        (b"\xff\xfe\xff\xff\x80\x81", "清水村.csv", "FileBroken"),
        (b"a,b\n1,2\n", "清水村.csv", "NotARegister"),
        ("姓名,与户主关系,性别,户编号\n".encode(), "清水村.csv", "ColumnMissing"),
        (TABLE.split("\r\n", 1)[1].encode(), "花名册.csv", "NoVillage"),
        (b"x", "清水村.xlsm", "FileHasMacros"),
        (GOOD, "清水村.xlsm", "FileHasMacros"),
        (repacked(**{"xl/vbaProject.bin": b"x"}), "清水村.xlsx", "FileHasMacros"),
        (repacked(**{"xl/macrosheets/sheet1.xml": b"x"}), "清水村.xlsx", "FileHasMacros"),
        (repacked(**{"[Content_Types].xml": b"ms-excel.sheet.macroEnabled.main+xml"}), "清水村.xlsx", "FileHasMacros"),
        (guards.OLE + "EncryptedPackage".encode("utf-16-le"), "清水村.xlsx", "FileEncrypted"),
        (guards.OLE + "_VBA_PROJECT_CUR".encode("utf-16-le"), "清水村.xls", "FileHasMacros"),
        (guards.OLE + "WordDocument".encode("utf-16-le"), "清水村.doc", "UnknownFormat"),
        (guards.OLE + "Workbook".encode("utf-16-le"), "清水村.xls", "FileBroken"),
        (repacked(**{"xl/workbook.xml": b"<workbook"}), "清水村.xlsx", "FileBroken"),
        (repacked(**{"xl/media/zeros": b"\0" * 130_000_000}), "清水村.xlsx", "FileBombed"),
        (repacked(**{"xl/media/zeros": b"\0" * 40_000_000}), "清水村.xlsx", "FileBombed"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else None,
)
def test_a_file_that_is_none_is_refused_with_a_sentence(content, name, code):
    assert refusal(content, name) == code


@pytest.mark.parametrize(
    "cell",
    [b'<c r="XFD9"><v>1</v></c>', b'<c r="A1048576"><v>1</v></c>', b"<c s='1' r='ZZ9' ><v>1</v></c>",
     b'<c\tr="A999999"><v>1</v></c>', b'<x:c r = "BA1"><v>1</v></x:c>'],
)  # fmt: skip
def test_a_far_out_cell_is_a_bomb(cell):
    assert refusal(sheet_with(cell)) == "FileBombed"


def test_a_styled_empty_cell_far_out_does_no_harm():
    register = read(sheet_with(b'<c r="XFD1048576" s="1"/>')).registers[0]
    assert people(register) == FAMILY


def test_sizes_that_lie_are_seen_through():
    # The directory says ten bytes; the stream goes on for two hundred million.
    content = bytearray(repacked(**{"xl/media/zeros": b"\0" * 1000}))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([packer.compress(b"\0" * 1_000_000) for _ in range(200)] + [packer.flush()])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        for member in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            bomb.writestr(member, b"x")
    content = out.getvalue()
    start = content.rindex(b"PK\x01\x02")
    place = struct.unpack("<I", content[start + 42 : start + 46])[0]
    head = content[place : place + 30 + len("xl/worksheets/sheet1.xml")]
    sizes = struct.pack("<III", 0, len(packed), 10)
    lying = content[:place] + head[:14] + sizes + head[26:] + packed
    directory = content[content.index(b"PK\x01\x02") :]
    last = directory.rindex(b"PK\x01\x02")
    directory = directory[: last + 16] + sizes + directory[last + 28 :]
    end = directory.rindex(b"PK\x05\x06")
    directory = directory[: end + 16] + struct.pack("<I", len(lying)) + directory[end + 20 :]
    assert refusal(lying + directory) == "FileBombed"


def test_an_encrypted_member_is_encrypted():
    content = bytearray(GOOD)
    start = content.index(b"PK\x01\x02")
    content[start + 8] |= 1
    assert refusal(bytes(content)) == "FileEncrypted"


def test_one_refused_file_does_not_hide_the_others():
    from virtue.people.register.parsing import read_registers

    reading = read_registers([("a.xlsx", GOOD), ("b.pdf", b"%PDF"), ("c.xlsx", b"")], today=TODAY)
    assert [register.file for register in reading.registers] == ["a.xlsx"]
    assert [error.code for error in reading.refused] == ["UnknownFormat", "FileEmpty"]


def test_every_refusal_has_a_sentence_of_its_own():
    kinds = RefusedFile.__subclasses__()
    assert len({str(kind.sentence) for kind in kinds}) == len(kinds)
