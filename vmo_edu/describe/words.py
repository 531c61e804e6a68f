"""Small pieces of English that all descriptions share: sides, amounts, comparisons.

Rounding happens here, so that words, readouts and alternative text agree.
"""

from __future__ import annotations

from collections.abc import Sequence


def number(value: float, digits: int = 0) -> str:
    """Return a number as a reader expects it: rounded, a real minus sign, never "-0".

    Examples
    --------
    >>> number(-0.04, 1), number(-3.26, 1), number(71.6)
    ('0.0', '−3.3', '72')
    """
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = f"{0:.{digits}f}"
    return text.replace("-", "−")


def signed(value: float, digits: int = 0) -> str:
    """Return a change with its sign, none where it rounds to 0.

    Examples
    --------
    >>> signed(12.9, 1), signed(-15), signed(0.2)
    ('+12.9', '−15', '0')
    """
    text = number(value, digits)
    return text if text.startswith("−") or float(text) == 0 else f"+{text}"


def whole_parts(parts: Sequence[float]) -> list[int]:
    """Return the parts as whole numbers that add up to their rounded sum: the largest remainders are rounded up.

    Examples
    --------
    >>> whole_parts([5.7, 3.6]), whole_parts([16.4, 7.3, 6.8])
    ([6, 3], [16, 7, 7])
    """
    whole = [int(part // 1) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda i: whole[i] - parts[i])
    for i in by_remainder[: round(sum(parts)) - sum(whole)]:
        whole[i] += 1
    return whole


def side(value: float, unit: str, digits: int = 1, nothing: str = "centred") -> str:
    """Return a signed lateral amount in words.

    Examples
    --------
    >>> side(3.21, "mm"), side(-2.0, "mm"), side(0.01, "mm")
    ('3.2 mm lateral', '2.0 mm medial', 'centred')
    """
    if abs(value) < 0.5 * 10**-digits:
        return nothing
    return f"{number(abs(value), digits)} {unit} {'lateral' if value > 0 else 'medial'}"


def way(value: float) -> str:
    """Return the side of a signed lateral amount.

    Examples
    --------
    >>> way(2.0), way(-0.1)
    ('lateral', 'medial')
    """
    return "lateral" if value >= 0 else "medial"


def sided(value: float, unit: str, digits: int = 1) -> tuple[str, str]:
    """Return a signed lateral amount for a number tile: amount, and unit with its side (none where it rounds to 0).

    Examples
    --------
    >>> sided(-3.21, "mm"), sided(0.01, "mm")
    (('3.2', 'mm medial'), ('0.0', 'mm'))
    """
    amount = number(abs(value), digits)
    return amount, unit if float(amount) == 0 else f"{unit} {way(value)}"


def strength(activation: float) -> str:
    """Return how hard a head works, in words.

    Examples
    --------
    >>> strength(0), strength(0.5), strength(1), strength(1.4)
    ('is off', 'works at 50 %', 'works normally', 'works at 140 %')
    """
    if activation < 0.005:
        return "is off"
    if abs(activation - 1) < 0.005:
        return "works normally"
    return f"works at {number(100 * activation)} %"


def listed(items: Sequence[str], last: str = "and") -> str:
    """Return items as an English list.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    items = list(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def sentence(text: str) -> str:
    """Return text with a capital first letter and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
