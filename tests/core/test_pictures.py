"""What becomes of an uploaded photo: read, turned, scaled, stripped; or refused, whatever it was made to do."""

import io
import os
import stat
import struct
import time
import zlib

import pytest
from PIL import Image
from sqlalchemy import select

from tests import factories, photos
from tests.pages import unchanged
from virtue.core import files, picture_queries, pictures
from virtue.core.models import PictureMark, StoredFile
from virtue.core.pictures import AnimatedPicture, NotAPicture, PictureTooLarge, clean_picture
from virtue.extensions import db
from virtue.transactions import atomic

PAYLOADS = (b"<?php system($_GET[0]); ?>", b"<script>alert(1)</script>", b"<svg onload=alert(1)>")


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_kind_becomes_a_jpeg_without_metadata(kind):
    data = photos.photo(1, kind, (2400, 1800))
    assert photos.MAKER in data
    cleaned = clean_picture(data)
    picture = opened(cleaned.data)
    assert (picture.format, picture.size) == ("JPEG", (1600, 1200))
    assert (cleaned.width, cleaned.height) == (1600, 1200)
    for kept in (cleaned.data, cleaned.thumb):
        assert dict(opened(kept).getexif()) == {}
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(opened(kept).info)
        assert photos.MAKER not in kept
        assert photos.PLACE not in kept
    assert max(opened(cleaned.thumb).size) == 240


def test_a_small_one_isnt_blown_up():
    assert clean_picture(photos.photo(1, size=(320, 200))).width == 320


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (1, 1)), (6, (1, 0)), (8, (0, 1))])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_is_turned_upright(kind, orientation, corner):
    """A red corner that was photographed top left is found where the camera's note says."""
    picture = Image.new("RGB", (400, 200), "white")
    picture.paste("red", (0, 0, 60, 60))
    cleaned = opened(clean_picture(photos.encoded(picture, kind, exif=photos.tell_tale(orientation))).data)
    assert cleaned.size == ((200, 400) if orientation in {6, 8} else (400, 200))
    x = 20 if corner[0] == 0 else cleaned.width - 20
    y = 20 if corner[1] == 0 else cleaned.height - 20
    red, green, blue = cleaned.getpixel((x, y))
    assert (red > 200, green < 60, blue < 60) == (True, True, True)


def test_what_is_transparent_turns_white():
    picture = opened(clean_picture(photos.encoded(Image.new("RGBA", (100, 100), (0, 0, 0, 0)), "PNG")).data)
    assert picture.getpixel((50, 50)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "I;16"])
def test_odd_colours_are_read(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert clean_picture(photos.encoded(Image.new(mode, (64, 48)), kind)).width == 64


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + b"\x00" * 40,
        b"%PDF-1.7\n",
        b"PK\x03\x04" + b"\x00" * 40,
        b"\xff\xd8\xff\xe0" + b"\x00" * 100,
        b"\x00\x00\x00\x18ftypheic" + b"\x00" * 60,
    ],
    ids=["empty", "text", "svg", "html", "gif", "pdf", "zip", "jpeg-head", "heic-head"],
)
def test_what_isnt_a_photo_is_refused(data):
    with pytest.raises(NotAPicture):
        clean_picture(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_half_a_photo_is_refused(kind):
    data = photos.photo(1, kind)
    with pytest.raises(NotAPicture):
        clean_picture(data[: len(data) // 2])


def test_more_than_twelve_megabytes_is_refused():
    assert str(PictureTooLarge.status) == "413"
    with pytest.raises(PictureTooLarge):
        clean_picture(photos.photo() + b"\x00" * pictures.MOST_BYTES)


def _png_that_claims(width: int, height: int) -> bytes:
    """A few bytes whose head promises a huge picture."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (50_000, 1), (1, 50_000), (8_000, 8_000)])
def test_a_bomb_is_refused_before_it_is_opened(width, height):
    before = time.process_time()
    with pytest.raises(PictureTooLarge):
        clean_picture(_png_that_claims(width, height))
    assert time.process_time() - before < 1


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_an_animation_is_refused(kind):
    frames = [photos.scene(seed, (64, 48)) for seed in range(3)]
    data = photos.encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(AnimatedPicture):
        clean_picture(data)


def test_a_phones_extra_frames_are_left_behind():
    """Some phones put a second picture behind the first (MPO); the first is the photo."""
    frames = [photos.scene(seed) for seed in range(2)]
    data = photos.encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert clean_picture(data).look == clean_picture(photos.encoded(frames[0])).look


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_hides_in_a_photo_stays_behind(payload):
    data = photos.encoded(photos.scene(), comment=payload) + payload
    cleaned = clean_picture(data)
    assert payload in data
    assert payload not in cleaned.data + cleaned.thumb


def test_the_same_photo_is_known_again():
    look = clean_picture(photos.photo(7, size=(3000, 2250))).look
    assert clean_picture(photos.photo(7, size=(3000, 2250))).look == look
    scaled = clean_picture(photos.photo(7, size=(1080, 810), quality=50))
    cut = clean_picture(photos.encoded(photos.scene(7, (3000, 2250)).crop((30, 24, 2970, 2226)), quality=70))
    for other in (scaled, cut):
        assert pictures.distance(look, other.look) <= pictures.NEARLY


def test_other_scenes_are_others():
    looks = [clean_picture(photos.photo(seed, size=(320, 240))).look for seed in range(40)]
    assert min(pictures.distance(a, b) for n, a in enumerate(looks) for b in looks[:n]) > pictures.NEARLY


def test_whatever_differs_in_seven_bits_shares_a_mark():
    look = "0123456789abcdef"
    for start in range(58):
        spread = sum(1 << (start + step * 9) % 64 for step in range(7))
        beside = sum(1 << start + step for step in range(min(7, 64 - start)))
        for changed in (spread, beside):
            other = f"{int(look, 16) ^ changed:016x}"
            assert pictures.distance(look, other) <= 7
            assert set(pictures.marks_near(look)) & set(pictures.marks(other))
    assert len(set(pictures.marks_near(look))) == 68


@pytest.fixture
def village(app):
    return factories.VillageFactory()


def keep(village, seed=1, **options):
    upload = files.keep_picture(clean_picture(photos.photo(seed, **options)))
    with atomic():
        return files.claim_picture(upload, village.id, by=None)


def test_it_lies_outside_static_for_us_alone(app, village):
    row = db.session.get(StoredFile, keep(village))
    for path in (files.path_of(row.name), files.path_of(row.name, small=True)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.parent == files.folder()
    assert stat.S_IMODE(files.folder().stat().st_mode) == 0o700
    assert str(app.static_folder) not in str(files.folder())
    assert len(row.name) == len("x" * 32 + ".jpg")
    other = db.session.get(StoredFile, keep(village))
    assert other.name != row.name
    assert (other.sha256, other.look) == (row.sha256, row.look)
    data = files.path_of(row.name).read_bytes()
    assert photos.MAKER not in data
    assert dict(opened(data).getexif()) == {}


def test_a_kept_photo_is_claimed_once(app, village):
    upload = files.keep_picture(clean_picture(photos.photo()))
    with atomic():
        files.claim_picture(upload, village.id, by=None)
    with unchanged(app), pytest.raises(files.PictureGone), atomic():
        files.claim_picture(upload, village.id, by=None)


def test_a_swept_photo_isnt_claimed(app, village):
    upload = files.keep_picture(clean_picture(photos.photo()))
    files.path_of(upload.name).unlink()
    with unchanged(app), pytest.raises(files.PictureGone), atomic():
        files.claim_picture(upload, village.id, by=None)


def test_what_nobody_claimed_is_swept_after_a_day(app, village, cli):
    claimed = db.session.get(StoredFile, keep(village)).name
    given_up, fresh = (files.keep_picture(clean_picture(photos.photo(seed))).name for seed in (2, 3))
    old = time.time() - files.ORPHAN_SECONDS - 60
    for name in (claimed, given_up):
        for small in (False, True):
            os.utime(files.path_of(name, small=small), (old, old))
    assert "清理无主文件 2 个" in cli("virtue", "daily").output
    assert {name: files.path_of(name).exists() for name in (claimed, given_up, fresh)} == {
        claimed: True,
        given_up: False,
        fresh: True,
    }
    assert files.path_of(claimed, small=True).exists()


def test_earlier_photos_of_the_village_that_look_the_same_are_found(app, village):
    first = keep(village, 1, size=(2000, 1500))
    keep(village, 2)
    keep(factories.VillageFactory(), 1, size=(2000, 1500))
    squeezed = keep(village, 1, size=(1080, 810), quality=50)
    again = keep(village, 1, size=(2000, 1500))
    found = picture_queries.earlier_alike(village.id, [first, squeezed, again])
    assert {key: [(one.file_id, one.is_same) for one in value] for key, value in found.items()} == {
        squeezed: [(first, False)],
        again: [(first, True), (squeezed, False)],
    }
    assert db.session.scalars(select(PictureMark.mark).where(PictureMark.file_id == first)).all() == sorted(
        pictures.marks(db.session.get(StoredFile, first).look)
    )
