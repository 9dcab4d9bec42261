"""EAN-13: the barcode of goods, and codes of our own for goods that have none."""

OWN_PREFIX = "21"
"""20-29 are free for use inside a shop."""


def check_digit(body: str) -> str:
    """The digit that closes twelve others."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return str(-total % 10)


def is_ean13(code: str) -> bool:
    """Whether these are 13 digits with the right check digit."""
    return len(code) == 13 and code.isascii() and code.isdigit() and check_digit(code[:12]) == code[12]


def own_code(number: int) -> str:
    """A barcode of our own for the ``number``-th good without one."""
    body = f"{OWN_PREFIX}{number:010d}"
    return body + check_digit(body)
