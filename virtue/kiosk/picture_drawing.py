"""Pictures of slides for walls of lamps, drawn with the system's Chinese font; no browser is needed on the server."""

import io
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from flask_babel import gettext as _
from PIL import Image, ImageDraw, ImageFont

from virtue.formatting import day_long
from virtue.kiosk.picture_sheets import Sheet
from virtue.kiosk.screen_errors import NoChineseFont

FONTS = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("C:/Windows/Fonts/msyhbd.ttc", 0),
    ("C:/Windows/Fonts/simhei.ttf", 0),
    ("/System/Library/Fonts/PingFang.ttc", 0),
)
"""Where systems keep their Chinese fonts, and which face of the file is the simplified one."""
RED, GOLD, PAPER = "#8c1812", "#ffe2a0", "#fff6e2"
SMALLEST = 8


def zipped(sheets: Sequence[Sheet], village_name: str, width: int, height: int) -> bytes:
    """All pictures as PNG, numbered in their order, each with its last day in its name too. Raises ``NoChineseFont``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for place, sheet in enumerate(sheets, 1):
            name = f"{place:02d}-{sheet.name}-{sheet.last_day:%Y%m%d}.png"
            archive.writestr(name, drawn(sheet, village_name, width, height))
    return out.getvalue()


def drawn(sheet: Sheet, village_name: str, width: int, height: int) -> bytes:
    """One picture: title above, rows, and below until when it may be played."""
    picture = Image.new("RGB", (width, height), RED)
    pen = ImageDraw.Draw(picture)
    edge = max(2, min(width, height) // 40)
    inner = width - 2 * edge
    title = _fitting([sheet.title], inner, height // 8)
    pen.text((edge, edge), sheet.title, GOLD, font=title)
    foot_words = _("%(village)s · 放到%(day)s", village=village_name, day=day_long(sheet.last_day))
    foot = _fitting([foot_words], inner, height // 14)
    foot_top = height - edge - _line(foot)
    pen.text((edge, foot_top), foot_words, GOLD, font=foot)
    top = edge + _line(title) + edge
    _rows(pen, sheet, (edge, top, inner, foot_top - edge - top))
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG")
    return out.getvalue()


def _rows(pen: ImageDraw.ImageDraw, sheet: Sheet, box: tuple[int, int, int, int]) -> None:
    """All rows in a type as large as fits: the left side breaks into lines, the right one stands in its column."""
    left, top, wide, high = box
    size = max(SMALLEST, high // max(2, len(sheet.rows)))
    while True:
        font = font_of(size)
        right = max(int(font.getlength(row[1])) for row in sheet.rows)
        broken = [wrapped(row[0], font, wide - right - (size // 2 if right else 0)) for row in sheet.rows]
        needed = sum(len(lines) for lines in broken) * _line(font)
        if size <= SMALLEST or (needed <= high and right <= wide // 2 and all(broken)):
            break
        size = max(SMALLEST, size * 9 // 10)
    gap = max(0, high - needed) // (len(sheet.rows) + 1)
    at = top + gap
    for (_words, figure), lines in zip(sheet.rows, broken, strict=True):
        pen.text((left + wide - int(font.getlength(figure)), at), figure, GOLD, font=font)
        for line in lines:
            pen.text((left, at), line, PAPER, font=font)
            at += _line(font)
        at += gap


def wrapped(text: str, font: ImageFont.FreeTypeFont, wide: int) -> list[str]:
    """A text in lines no wider than so many pixels; between words where there are any. Empty when one sign is too wide."""
    lines, line = [], ""
    for word in _words(text):
        if line and font.getlength((line + word).rstrip()) > wide:
            lines.append(line.rstrip())
            line = ""
        line += word
        if font.getlength(line.rstrip()) > wide:
            return []
    return [*lines, line.rstrip()]


def _words(text: str) -> list[str]:
    """What must not be parted: a Latin word with its blank, a Han character with the punctuation after it."""
    found: list[str] = []
    for sign in text:
        is_bound = found and (
            sign in "，。：；？！）”、· " or (sign.isascii() and found[-1][-1].isascii() and found[-1][-1] != " ")
        )
        if is_bound:
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _fitting(texts: list[str], wide: int, size: int) -> ImageFont.FreeTypeFont:
    """The largest type, up to ``size``, in which these texts fit in one line each."""
    while size > SMALLEST and max(font_of(size).getlength(text) for text in texts) > wide:
        size = max(SMALLEST, size * 9 // 10)
    return font_of(max(SMALLEST, size))


def _line(font: ImageFont.FreeTypeFont) -> int:
    above, below = font.getmetrics()
    return above + below


@lru_cache(maxsize=64)
def font_of(size: int) -> ImageFont.FreeTypeFont:
    """The system's Chinese font in a size in pixels. Raises ``NoChineseFont``."""
    for path, face in FONTS:
        if Path(path).is_file():
            return ImageFont.truetype(path, size, index=face)
    raise NoChineseFont
