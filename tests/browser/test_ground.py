"""The browser tests' own ground: the page is served, looked at by axe, and faults are heard."""

from tests.browser.conftest import AXE, axe


def test_a_page_is_served_and_axe_looks_at_it(live, page):
    assert AXE.exists()
    answer = page.goto(live.url("/healthz"))
    assert answer.status == 200
    assert isinstance(axe(page), list)


def test_faults_in_the_page_are_heard(live, page):
    page.goto(live.url("/healthz"))
    page.evaluate("console.error('a fault')")
    page.evaluate("setTimeout(() => { throw new Error('another') }, 0)")
    page.wait_for_timeout(50)
    heard = " ".join(live.faults)
    live.faults.clear()
    assert "a fault" in heard
    assert "another" in heard
