"""House rules about texts: templates parse, everything is translated, Chinese punctuation beside Chinese."""

import re
import string
import subprocess
import sys
import tomllib

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import StrictUndefined

from tests.pages import BESIDE_HAN
from tests.rules import source

CATALOGUE = source.VIRTUE / "translations/en/LC_MESSAGES/messages.po"
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


@pytest.fixture
def database():
    return "sqlite"


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Every text that can be translated, and where it stands first."""
    mappings = tomllib.loads((source.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {
        mapping["pattern"]: {name: value for name, value in mapping.items() if name not in {"pattern", "method"}}
        for mapping in mappings
    }
    found = extract_from_dir(
        source.ROOT,
        methods,
        options,
        keywords={**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)},
        directory_filter=lambda folder: not folder.rsplit("/", 1)[-1].startswith((".", "node_modules")),
    )
    result: dict[str, str] = {}
    for file, line, message, _, _ in found:
        for text in message if isinstance(message, tuple) else (message,):
            result.setdefault(text, f"{file}:{line}")
    return result


@pytest.fixture(scope="module")
def english() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text))


def test_every_template_parses(app):
    assert app.jinja_env.undefined is StrictUndefined
    names = [path.relative_to(source.TEMPLATES).as_posix() for path in source.templates()]
    for name in names:
        app.jinja_env.get_template(name)


def test_a_rule_is_named_by_its_filter():
    """``rule|rule_name`` knows the English name; the bare column is Chinese on an English page."""
    bare = re.compile(r"\.rule_name\b|\brule\.name\b")
    wrong = []
    for path in source.templates():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            wrong += [f"{path.name}:{number}: {found}" for found in bare.findall(line)]
    assert wrong == []


def test_every_text_has_an_english_one(texts, english):
    missing = []
    for text, place in texts.items():
        message = english.get(text)
        if (
            message is None
            or message.fuzzy
            or not (message.string if isinstance(message.string, str) else all(message.string))
        ):
            missing.append(f"{place}: {text}")
    assert missing == []


def test_english_texts_keep_the_placeholders(texts, english):
    wrong = []
    for text in texts:
        message = english.get(text)
        if message is not None and isinstance(message.string, str) and message.string:
            if placeholders(message.string) - placeholders(text):
                wrong.append(f"{text} -> {message.string}")
    assert wrong == []


def test_the_catalogue_has_no_leftovers(texts, english):
    leftovers = [message.id for message in english if message.id and message.id not in texts]
    assert [text for text in leftovers if not isinstance(text, tuple)] == []


def test_source_texts_are_chinese(texts):
    """Without a catalogue a villager still reads Chinese: the msgid is the Chinese text."""
    foreign = [f"{place}: {text}" for text, place in texts.items() if not HAN.search(text) and has_words(text)]
    assert foreign == []


def has_words(text: str) -> bool:
    bare = re.sub(r"%\(\w+\)[sd]|<[^>]+>", "", text)
    return sum(letter in string.ascii_letters for letter in bare) > 3 and not bare.strip().isupper()


def test_no_ascii_punctuation_beside_han_in_texts(texts):
    wrong = [f"{place}: {text}" for text, place in texts.items() if BESIDE_HAN.search(text)]
    assert wrong == []


def test_templates_say_nothing_untranslated():
    """Han characters in a template stand in a translated text, in a comment, or in data."""
    wrong = []
    for path in source.templates():
        # A language calls itself by its own name.
        text = path.read_text(encoding="utf-8").replace(">中文<", "><")
        text = re.sub(r"\{#.*?#\}|<!--.*?-->", lambda found: "\n" * found.group().count("\n"), text, flags=re.DOTALL)
        text = re.sub(
            r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", lambda found: "\n" * found.group().count("\n"), text, flags=re.DOTALL
        )
        text = re.sub(
            r"(\"|')(?:(?!\1)[^\\\n]|\\.)*\1", lambda found: "" if HAN.search(found.group()) else found.group(), text
        )
        wrong += [
            f"{path.relative_to(source.ROOT)}:{number}: {line.strip()[:60]}"
            for number, line in enumerate(text.splitlines(), 1)
            if HAN.search(line)
        ]
    assert wrong == []


def test_templates_have_no_habits_of_htmx_2():
    checked = subprocess.run(
        [sys.executable, source.ROOT / "tools/upgrade-check.py", source.TEMPLATES],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
