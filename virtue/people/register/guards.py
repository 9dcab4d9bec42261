"""Is it safe to open? Looked at before any parser sees the file.

A workbook is a zip: its members are inflated here once, with a limit, because the sizes written in its
directory may lie; and cells far out are looked for, because a parser makes room for everything between
the first cell and the last.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from virtue.people.register.problems import (
    FileBombed,
    FileBroken,
    FileEmpty,
    FileEncrypted,
    FileHasMacros,
    FileTooBig,
    UnknownFormat,
)

MAX_BYTES = 20 * 1024 * 1024
MAX_INFLATED = 120 * 1024 * 1024
MAX_RATIO = 150
MAX_ROWS = 100_000
MAX_COLUMNS = 52
MAX_CELLS = 2_000_000
MAX_SHEETS = 60
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# A cell with something in it beyond column AZ or row 99,999; styled empty ones (<c .../>) do no harm.
_FAR = re.compile(rb'<c r="(?:[A-Z]{3,}|[B-Z][A-Z]|[A-Z]*[0-9]{6,})[^>]*[^/]>')
_ANY_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*[^/])>")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)([0-9]+)""")


def check(name: str, content: bytes) -> str:
    """Refuse what must not be opened; say what it is: ``workbook`` or ``text``."""
    if not content:
        raise FileEmpty(file=name)
    if len(content) > MAX_BYTES:
        raise FileTooBig(file=name)
    suffix = name.lower().rpartition(".")[2]
    if content.startswith(ZIP):
        _check_zip(name, content)
        return "workbook"
    if content.startswith(OLE):
        _check_ole(name, content)
        return "workbook"
    if suffix in {"xlsm", "xltm", "xlam"}:
        raise FileHasMacros(file=name)
    if suffix in {"xlsx", "xls"}:
        raise FileBroken(file=name)
    if suffix not in {"csv", "txt"} or b"\0" in content[:4096]:
        raise UnknownFormat(file=name)
    return "text"


def _check_ole(name: str, content: bytes) -> None:
    if _utf16("EncryptedPackage") in content:
        raise FileEncrypted(file=name)
    if _utf16("_VBA_PROJECT") in content:
        raise FileHasMacros(file=name)
    if _utf16("Workbook") not in content and _utf16("Book") not in content:
        raise UnknownFormat(file=name)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _check_zip(name: str, content: bytes) -> None:
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise FileBroken(file=name) from error
    paths = [member.filename.lower() for member in members]
    if any(member.flag_bits & 1 for member in members):
        raise FileEncrypted(file=name)
    if any("vbaproject" in path or "macrosheets/" in path for path in paths) or name.lower().endswith("xlsm"):
        raise FileHasMacros(file=name)
    if "xl/workbook.xml" not in paths:
        raise UnknownFormat(file=name)
    if len(members) > 2_000 or sum("worksheets/sheet" in path for path in paths) > MAX_SHEETS:
        raise FileBombed(file=name)
    for member, inflated in _inflated(name, content, members):
        if b"macroEnabled" in inflated and member.filename == "[Content_Types].xml":
            raise FileHasMacros(file=name)
        if "worksheets/" in member.filename.lower():
            _check_sheet(name, inflated)


def _inflated(name: str, content: bytes, members: list[zipfile.ZipInfo]) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """Each member with its true contents; refuses as soon as all together grow beyond the limit."""
    if sum(member.file_size for member in members) > MAX_INFLATED:
        raise FileBombed(file=name)
    total = 0
    for member in members:
        packed = _packed(name, content, member)
        if member.compress_type == zipfile.ZIP_DEFLATED:
            try:
                inflated = zlib.decompressobj(-15).decompress(packed, MAX_INFLATED - total + 1)
            except zlib.error as error:
                raise FileBroken(file=name) from error
        elif member.compress_type == zipfile.ZIP_STORED:
            inflated = bytes(packed)
        else:
            raise FileBroken(file=name)
        total += len(inflated)
        if total > MAX_INFLATED or total > max(MAX_RATIO * len(content), 10_000_000):
            raise FileBombed(file=name)
        if len(inflated) != member.file_size:
            raise FileBroken(file=name)
        yield member, inflated


def _packed(name: str, content: bytes, member: zipfile.ZipInfo) -> memoryview:
    """A member's bytes as they lie in the file."""
    start = member.header_offset
    header = content[start : start + 30]
    if len(header) < 30 or not header.startswith(ZIP):
        raise FileBroken(file=name)
    name_size, extra_size = struct.unpack("<HH", header[26:30])
    start += 30 + name_size + extra_size
    if start + member.compress_size > len(content):
        raise FileBroken(file=name)
    return memoryview(content)[start : start + member.compress_size]


def _check_sheet(name: str, sheet: bytes) -> None:
    if sheet[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in sheet[:200]:
        raise FileBroken(file=name)
    cells = sheet.count(b"<c ")
    usual = cells == sheet.count(b'<c r="') and not any(
        mark in sheet for mark in (b":c ", b"<c\n", b"<c\t", b"<c\r", b"<c>")
    )
    if cells > MAX_CELLS or sheet.count(b"<c>") > MAX_CELLS or sheet.count(b"<row") > 1_200_000:
        raise FileBombed(file=name)
    if usual:
        if _FAR.search(sheet):
            raise FileBombed(file=name)
        return
    for attributes in _ANY_CELL.finditer(sheet):
        place = _PLACE.search(attributes[1])
        if place and (_column(place[1]) > MAX_COLUMNS or len(place[2]) > 5):
            raise FileBombed(file=name)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number
