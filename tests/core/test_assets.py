"""The files of ``static/``: packed, kept under the address of their version, asked for anew under any other."""

import gzip
import re

import pytest
from flask import url_for

from tests.rules import source


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_is_packed_and_kept_under_its_version_alone(app, page):
    with app.test_request_context():
        url = url_for("static", filename="app.css")
    bare = url.partition("?")[0]
    plain = (source.ROOT / "static/app.css").read_bytes()
    packed = page.raw("GET", url, headers={"Accept-Encoding": "gzip"})
    assert (packed.status_code, packed.headers["Content-Encoding"], packed.mimetype) == (200, "gzip", "text/css")
    assert gzip.decompress(packed.data) == plain
    assert len(packed.data) < len(plain) / 3
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Accept-Encoding" in packed.headers["Vary"]
    for address in (bare, f"{bare}?v=00000000"):
        assert page.raw("GET", address).headers["Cache-Control"] == "no-cache"
    whole = page.raw("GET", url)
    assert (whole.data, whole.headers.get("Content-Encoding")) == (plain, None)
    again = page.raw("GET", url, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for nothing in ("/static/none.css", "/static/../config.py", "/static/%2e%2e/config.py", "/static/js"):
        assert page.raw("GET", nothing).status_code == 404


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_module_has_one_address_on_a_page(app, page):
    """A browser runs a module once for each address: two of the scanner's would hear every scan twice."""
    with app.test_request_context():
        urls = {
            path.name: url_for("static", filename=f"js/{path.name}")
            for path in (source.ROOT / "static/js").glob("*.js")
        }
    imported = set()
    for name, url in urls.items():
        text = page.raw("GET", url).text
        plain = (source.ROOT / "static/js" / name).read_text(encoding="utf-8")
        found = re.findall(r'import[^"\n]*"\./([^"]+)"', text)
        assert len(found) == len(re.findall(r'^import [^"\n]*"\./', plain, re.MULTILINE))
        assert re.sub(r"\?v=[0-9a-f]{8}", "", text) == plain
        imported |= {f"/static/js/{address}" for address in found}
    assert "scanner.js" in "".join(imported)
    assert imported <= set(urls.values())
