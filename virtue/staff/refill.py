"""Puts what was typed back into the form of a page, without knowing the page: names, values, ticks, choices.

The page is rewritten as text, so that nothing else of it changes, and works with scripts off.
"""

from collections import defaultdict
from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser

_TYPED = {"text", "search", "tel", "number", "email", "url", "date", "month", "time", "datetime-local", "hidden"}
_NEVER = {"csrf_token"}


def refill(page: str, action: str, fields: Iterable[tuple[str, str]], address: str) -> str | None:
    """The page at ``address`` with the form that goes to ``action`` filled in; None when a field finds no place in it."""
    form = _Finder(action, address)
    form.feed(page)
    if not form.is_found:
        return None
    filler = _Filler(form, fields)
    filler.feed(page)
    filler.close()
    return "".join(filler.pieces) if filler.is_all_placed() else None


class _Finder(HTMLParser):
    """Where the form stands: the number of its tag, and its id for controls that stand elsewhere."""

    def __init__(self, action: str, address: str) -> None:
        super().__init__()
        self.action, self.address = action, address
        self.number, self.is_found, self._forms = -1, False, 0
        self.id: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "form":
            return
        have = dict(attrs)
        goes_here = self.action in {have.get("action") or self.address, have.get("hx-post")}
        if goes_here and not self.is_found and (have.get("method") or "").lower() == "post":
            self.is_found, self.number, self.id = True, self._forms, have.get("id")
        self._forms += 1


class _Filler(HTMLParser):
    """Copies the page piece by piece, with the controls of one form changed."""

    def __init__(self, form: _Finder, fields: Iterable[tuple[str, str]]) -> None:
        super().__init__(convert_charrefs=False)
        self.form = form
        self.pieces: list[str] = []
        self.left: dict[str, list[str]] = defaultdict(list)
        for name, value in fields:
            self.left[name].append(value)
        self._forms, self._is_inside, self._skips = 0, False, False
        self._details: list[int] = []
        self._choice: tuple[str, bool] | None = None

    def is_all_placed(self) -> bool:
        """Whether every value stands in the page now."""
        return not any(self.left.values())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        text = self.get_starttag_text() or ""
        if tag == "form":
            self._is_inside = self._forms == self.form.number
            self._forms += 1
            if self._is_inside:
                self._open_details()
        if tag == "option" and self._choice is not None:
            text = self._option(have)
        elif self._is_mine(have):
            text = self._control(tag, have, text)
        if tag == "details" and "open" not in have:
            self._details.append(len(self.pieces))
        elif tag == "details":
            self._details.append(-1)
        self.pieces.append(text)

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "select":
            self._choice = None
        elif tag == "textarea":
            self._skips = False
        elif tag == "details" and self._details:
            self._details.pop()
        self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._skips:
            self.pieces.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.pieces.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.pieces.append(f"<!{decl}>")

    def _is_mine(self, have: dict[str, str | None]) -> bool:
        if not have.get("name") or have["name"] in _NEVER or "disabled" in have:
            return False
        return have["form"] == self.form.id if have.get("form") else self._is_inside

    def _control(self, tag: str, have: dict[str, str | None], text: str) -> str:
        name = have["name"] or ""
        waiting = self.left[name]
        kind = (have.get("type") or "text").lower()
        if tag == "button" or (tag == "input" and kind in {"submit", "image"}):
            # Which button was pressed: it is pressed again by hand.
            if have.get("value", "") in waiting:
                waiting.remove(have.get("value") or "")
        elif tag == "input" and kind in {"checkbox", "radio"}:
            is_on = (have.get("value") or "on") in waiting
            if is_on:
                waiting.remove(have.get("value") or "on")
            return _tag(tag, {**_without(have, "checked"), **({"checked": None} if is_on else {})})
        elif tag == "input" and kind in _TYPED and waiting:
            return _tag(tag, {**have, "value": waiting.pop(0)})
        elif tag == "textarea" and waiting:
            self._skips = True
            return text + "\n" + escape(waiting.pop(0))
        elif tag == "select":
            self._choice = (name, "multiple" in have)
        return text

    def _option(self, have: dict[str, str | None]) -> str:
        name, is_multiple = self._choice or ("", False)
        waiting = self.left[name]
        is_on = "value" in have and (have["value"] or "") in (waiting if is_multiple else waiting[:1])
        if is_on:
            waiting.remove(have["value"] or "")
        return _tag("option", {**_without(have, "selected"), **({"selected": None} if is_on else {})})

    def _open_details(self) -> None:
        for place in self._details:
            if place >= 0:
                self.pieces[place] = self.pieces[place].replace("<details", "<details open", 1)


def _without(have: dict[str, str | None], name: str) -> dict[str, str | None]:
    return {key: value for key, value in have.items() if key != name}


def _tag(tag: str, attrs: dict[str, str | None]) -> str:
    return f"<{tag}" + "".join(f" {k}" if v is None else f' {k}="{escape(v)}"' for k, v in attrs.items()) + ">"
