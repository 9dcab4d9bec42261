"""Whether anything on the slide that stands is cut off, stands out or overlaps."""

from playwright.sync_api import Page

_CHECK = """() => {
  const slide = document.querySelector(".slide.is-on");
  const faults = [];
  const frame = slide.getBoundingClientRect();
  for (const at of slide.querySelectorAll("*")) {
    const box = at.getBoundingClientRect();
    if (!box.width || !box.height || at.closest("svg")) continue;
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
      faults.push(`stands out: ${at.tagName} ${at.textContent.slice(0, 20)}`);
    const style = getComputedStyle(at);
    const isOver = at.scrollWidth > at.clientWidth + 2 || at.scrollHeight > at.clientHeight + 2;
    if (isOver && style.display !== "inline" && style.overflow !== "visible")
      faults.push(`cut off: ${at.tagName}.${at.className} ${at.textContent.slice(0, 20)}`);
  }
  const texts = [...slide.querySelectorAll("h1, h2, h3, p, li, th, td")].filter((at) => at.textContent.trim());
  const boxes = texts.map((at) => {
    const range = document.createRange();
    range.selectNodeContents(at);
    return range.getBoundingClientRect();
  });
  texts.forEach((one, i) => texts.forEach((other, j) => {
    if (j <= i || one.contains(other) || other.contains(one)) return;
    const [a, b] = [boxes[i], boxes[j]];
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (high > Math.min(a.height, b.height) * 0.2 && wide > Math.min(a.width, b.width) * 0.2)
      faults.push(`overlaps: ${one.textContent.slice(0, 12)} / ${other.textContent.slice(0, 12)}`);
  }));
  return faults;
}"""


def faults(page: Page) -> list[str]:
    """What is wrong with the slide that stands, in words; empty is well."""
    found: list[str] = page.evaluate(_CHECK)
    return found


def standing(page: Page) -> str:
    """The id of the slide that stands."""
    return page.locator(".slide.is-on").get_attribute("id") or ""


def turn(page: Page, seconds: int = 15) -> None:
    """Let the next slide come; the page's clock is installed."""
    page.clock.fast_forward(seconds * 1000 + 200)
