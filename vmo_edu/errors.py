"""Checks on what people type: every bad input becomes one sentence that names the input and what is allowed.

Used by every floor; imports nothing of the package.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable

import numpy as np


class InputError(ValueError):
    """An input outside what is allowed; the message names the input, its unit and the legal range."""


class UnknownInputError(InputError, TypeError):
    """A name that does not exist; the message lists the names that do."""


def _range(low: float, high: float, unit: str) -> str:
    return f"between {low:g} and {high:g}" + (f" {unit}" if unit else "")


def _got(value: object) -> str:
    """Return what was given as it may stand in a message: in one line, and not longer than the message."""
    try:
        text = " ".join(repr(value).split())
    except Exception:                                 # a number of many thousand digits has no text
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def check_number(name: str, value: object, low: float, high: float, unit: str = "") -> float:
    """Return `value` as a float if it is one finite number from `low` to `high`.

    Parameters
    ----------
    name : str
        What the reader calls this input; it opens the message.
    value : object
        The value as it was given. Booleans and text are refused.
    low, high : float
        Smallest and largest legal value, both allowed, in `unit`.
    unit : str
        Unit as it should be read in the message.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If the value is not a number, not finite or outside the range.

    Examples
    --------
    >>> check_number("flexion", 30, 0, 90, "degrees")
    30.0
    >>> check_number("vmo", -1, 0, 2)
    Traceback (most recent call last):
        ...
    vmo_edu.errors.InputError: vmo must be between 0 and 2; got -1
    """
    allowed = f"{name} must be {_range(low, high, unit)}; got {_got(value)}"
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise InputError(allowed)
    try:
        number = float(value)
    except OverflowError:                             # a whole number of more than 308 digits
        raise InputError(allowed) from None
    if not low <= number <= high:                     # NaN and infinity fail this comparison too
        raise InputError(allowed)
    return number


def check_whole(name: str, value: object, low: int, high: int, unit: str = "") -> int:
    """Return `value` as an int if it is one whole number from `low` to `high` (3.0 is one, 2.7 and True are not).

    Parameters
    ----------
    name, low, high, unit
        As in `check_number`.
    value : object
        The value as it was given.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If the value is not a whole number or lies outside the range.

    Examples
    --------
    >>> check_whole("observers", 2.7, 1, 1000)
    Traceback (most recent call last):
        ...
    vmo_edu.errors.InputError: observers must be a whole number between 1 and 1000; got 2.7
    """
    number = check_number(name, value, low, high, unit)
    if number != int(number):
        raise InputError(f"{name} must be a whole number {_range(low, high, unit)}; got {_got(value)}")
    return int(number)


def check_flag(name: str, value: object) -> bool:
    """Return `value` if it is True or False: "no" and NaN are neither, though Python takes them for true.

    Parameters
    ----------
    name : str
        What the reader calls this input.
    value : object
        The value as it was given.

    Returns
    -------
    bool

    Raises
    ------
    InputError
        If it is anything else.

    Examples
    --------
    >>> check_flag("stretch", "no")
    Traceback (most recent call last):
        ...
    vmo_edu.errors.InputError: stretch must be True or False; got 'no'
    """
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name} must be True or False; got {_got(value)}")
    return bool(value)


def check_array(name: str, value: object, low: float, high: float, unit: str = "") -> np.ndarray:
    """Return `value` as a one-dimensional float array whose numbers all lie from `low` to `high`.

    Parameters
    ----------
    name, low, high, unit
        As in `check_number`.
    value : number or sequence of numbers
        One number becomes an array of length 1.

    Returns
    -------
    numpy.ndarray
        One-dimensional, at least one element.

    Raises
    ------
    InputError
        If it is empty, has more than one dimension, or holds something that is not a legal number.

    Examples
    --------
    >>> check_array("flexion", [0, 30], 0, 90, "degrees")
    array([ 0., 30.])
    >>> check_array("flexion", [], 0, 90, "degrees")
    Traceback (most recent call last):
        ...
    vmo_edu.errors.InputError: flexion must hold at least one number between 0 and 90 degrees; got an empty list
    """
    span = _range(low, high, unit)
    if isinstance(value, (str, bytes)):
        raise InputError(f"{name} must be one number or a flat list of numbers {span}; got {_got(value)}")
    try:
        raw = np.atleast_1d(np.asarray(value))
    except ValueError:
        raw = np.empty((0, 0), object)
    if raw.ndim == 1 and raw.size == 0:
        raise InputError(f"{name} must hold at least one number {span}; got an empty list")
    mixed = isinstance(value, (list, tuple)) and any(isinstance(one, (bool, np.bool_)) for one in value)
    if raw.ndim != 1 or raw.dtype.kind not in "iuf" or mixed:
        raise InputError(f"{name} must be one number or a flat list of numbers {span}; got {_got(value)}")
    array = raw.astype(float)
    wrong = ~((array >= low) & (array <= high))
    if wrong.any():
        raise InputError(f"{name} must be {span}; got {array[wrong][0]:g}")
    return array


def check_choice(name: str, value: object, choices: Iterable[str]) -> str:
    """Return `value` if it is one of `choices`.

    Parameters
    ----------
    name : str
        What the reader calls this input.
    value : object
        The value as it was given.
    choices : iterable of str
        What is allowed.

    Returns
    -------
    str

    Raises
    ------
    UnknownInputError
        With the list of choices.

    Examples
    --------
    >>> check_choice("model", "cliff", ["rule", "linear"])
    Traceback (most recent call last):
        ...
    vmo_edu.errors.UnknownInputError: model must be one of 'rule', 'linear'; got 'cliff'
    """
    choices = list(choices)
    if not isinstance(value, str) or value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise UnknownInputError(f"{name} must be one of {listed}; got {_got(value)}")
    return value
