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


_LEFT = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
_PARITY = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")
_SWAP = str.maketrans("01", "10")
MODULES = 95
"""So many equally wide bars and gaps an EAN-13 has."""


def modules(code: str) -> str:
    """A barcode as 95 signs, 1 for a bar and 0 for a gap. Raises ValueError for what is no EAN-13."""
    if not is_ean13(code):
        raise ValueError(f"no EAN-13: {code}")
    left = ""
    for digit, parity in zip(code[1:7], _PARITY[int(code[0])], strict=True):
        plain = _LEFT[int(digit)]
        left += plain if parity == "L" else plain.translate(_SWAP)[::-1]
    right = "".join(_LEFT[int(digit)].translate(_SWAP) for digit in code[7:])
    return f"101{left}01010{right}101"


def bars(code: str) -> list[tuple[int, int]]:
    """Where each bar begins, and how wide it is, in modules."""
    drawn: list[tuple[int, int]] = []
    for place, sign in enumerate(modules(code)):
        if sign == "0":
            continue
        if drawn and sum(drawn[-1]) == place:
            drawn[-1] = (drawn[-1][0], drawn[-1][1] + 1)
        else:
            drawn.append((place, 1))
    return drawn
