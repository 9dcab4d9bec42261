"""Passwords: argon2id, and which ones are too easy to guess.

Hashing takes some 70 ms on purpose, so it is done before the write transaction begins, never inside.
"""

import secrets
import unicodedata
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l

from virtue.errors import BrokenRule

SHORTEST = 8
LONGEST = 128
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# What people choose first, in China and elsewhere; runs and repetitions are found by rule.
_COMMON = """
    password password1 passw0rd p@ssw0rd p@ssword iloveyou sunshine princess football welcome welcome1
    admin123 admin888 admin1234 administrator root1234 test1234 guest123 abc12345 abcd1234 abc123456 a1234567
    a12345678 a123456789 aa123456 aa12345678 aaa123456 qwertyui qwerty123 qwertyuiop qwer1234 asdfghjk asdfghjkl
    zxcvbnm1 1qaz2wsx 1q2w3e4r 1q2w3e4r5t qazwsxedc q1w2e3r4 woaini123 woaini520 woaini1314 5201314520 13145200
    520131400 woaizhongguo zhongguo 1qazxsw2 qq123456 wang1234 zhang123 letmein1 changeme 12341234 123123123
    11223344 112233445566 147258369 159357159 password123 88889999 66668888 virtue123
"""
COMMON = frozenset(_COMMON.split())

_SPEAKABLE = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


class WeakPassword(BrokenRule):
    """Too short, too common, or the user's own name."""

    sentence = _l("这个密码太容易被猜到。请用至少 8 个字符，不要用用户名、连号或常见的密码。")


def normal(password: str) -> str:
    """A password as it counts: an input method's full-width letters and digits are the plain ones."""
    return unicodedata.normalize("NFKC", password)


def digest(password: str) -> str:
    """The hash that is stored."""
    return _hasher.hash(normal(password))


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the right one; takes as long when there is no hash to compare with."""
    try:
        _hasher.verify(stored or _nobodys_hash(), normal(password)[: LONGEST * 4])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def check_strength(password: str, username: str) -> None:
    """Raise ``WeakPassword`` for what a stranger would try first."""
    word = normal(password).casefold()
    if not SHORTEST <= len(word) <= LONGEST:
        raise WeakPassword
    if word in COMMON or username.casefold() in {word, word[::-1]} or _is_run(word):
        raise WeakPassword
    # The name with a few digits behind it is the second thing that is tried.
    rest = word.replace(username.casefold(), "")
    if len(username) > 2 and rest != word and (rest.isdigit() or len(rest) < 3):
        raise WeakPassword


def _is_run(word: str) -> bool:
    """12345678, abcdefgh, 88888888, abababab: one step repeated, or at most two different characters."""
    steps = {ord(after) - ord(before) for before, after in pairwise(word)}
    return len(steps) == 1 or len(set(word)) <= 2


def one_time() -> str:
    """A password to read out once: three groups that can't be misheard or misread."""
    letters = "".join(secrets.choice(_SPEAKABLE) for _ in range(4))
    first = "".join(secrets.choice(_DIGITS) for _ in range(4))
    second = "".join(secrets.choice(_DIGITS) for _ in range(4))
    return f"{letters}-{first}-{second}"
