"""A true camera for chromium: what it sees is a film of a card, held before it as a villager does."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserType

FRAME = (1280, 720)
TABLE = (96, 84, 70)
TILT = 4
FRAMES = 3


def held_up(card: bytes, width: int = 760) -> Image.Image:
    """One frame: the picture of a card, a little askew, before a table."""
    with Image.open(io.BytesIO(card)) as picture:
        shown = picture.convert("RGB")
    shown = shown.resize((width, round(width * shown.height / shown.width)), Image.Resampling.LANCZOS)
    shown = shown.rotate(TILT, Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE)
    frame = Image.new("RGB", FRAME, TABLE)
    frame.paste(shown, tuple((whole - part) // 2 for whole, part in zip(FRAME, shown.size, strict=True)))
    return frame


def film(frame: Image.Image, path: Path) -> Path:
    """A short film of one frame as chromium's fake camera reads it (YUV4MPEG2, colour at half size)."""
    light, blue, red = frame.convert("YCbCr").split()
    half = (frame.width // 2, frame.height // 2)
    planes = [light, blue.resize(half), red.resize(half)]
    picture = b"FRAME\n" + b"".join(plane.tobytes() for plane in planes)
    path.write_bytes(f"YUV4MPEG2 W{frame.width} H{frame.height} F10:1 Ip A1:1 C420jpeg\n".encode() + picture * FRAMES)
    return path


@contextmanager
def browser_that_sees(film_path: Path, browser_type: BrowserType, launch_args: dict) -> Iterator[Browser]:
    """A chromium of its own whose camera shows a film; nobody has to click the question whether it may."""
    seeing = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film_path}",
    ]
    browser = browser_type.launch(**{**launch_args, "args": [*launch_args["args"], *seeing]})
    yield browser
    browser.close()
