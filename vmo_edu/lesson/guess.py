"""Predict: a guess that the reader commits before the explorer answers, and its reveal later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from html import escape
from typing import Any

from vmo_edu.errors import InputError, check_choice, check_number
from vmo_edu.lesson.card import Card
from vmo_edu.lesson.questions import load
from vmo_edu.lesson.text import html, plain


class Prediction(Card):
    """A question with one guess. Made by `predict`."""

    def __init__(
        self,
        question: str,
        choices: Sequence[str],
        low: float | None,
        high: float | None,
        step: float,
        unit: str,
        answer: Any,
        why: str,
        tolerance: float | None,
    ):
        self._choices = tuple(choices)
        self._range = (low, high, unit)
        self._question, self._answer, self._why = question, answer, why
        self._tolerance = tolerance
        self._callbacks: list[tuple[Callable, tuple, dict]] = []
        spec = {
            "kind": "predict",
            "question": html(question),
            "choices": [escape(plain(choice)) for choice in choices],
            "low": low,
            "high": high,
            "step": step,
            "unit": unit,
        }
        super().__init__(spec, {"committed": False, "value": None, "index": None, "said": "", "error": ""})

    @property
    def value(self) -> str | float | None:
        """The committed guess, or None."""
        return self.state["value"]

    @property
    def committed(self) -> bool:
        """True once a guess was committed; it cannot be changed after that."""
        return self.state["committed"]

    def commit(self, value: str | float) -> Prediction:
        """Commit a guess, as the button on the page does.

        Raises
        ------
        InputError
            If the guess is not one of the choices, or outside the range, or a guess was committed before.
        """
        if self.committed:
            raise InputError(f"the guess {self._say(self.value)} is already committed")
        value = self._checked("guess", value)
        said = f"Committed: {self._say(value)}. Now try it in the explorer."
        index = self._choices.index(value) if self._choices else None
        self.state = {"committed": True, "value": value, "index": index, "said": said, "error": ""}
        for callback, args, values in self._callbacks:
            callback(*args, **values)
        return self

    def on_commit(self, callback: Callable, *args: Any, **values: Any) -> Prediction:
        """Call ``callback(*args, **values)`` once a guess is committed, for instance ``lab.set, vmo=0``."""
        self._callbacks.append((callback, args, values))
        if self.committed:
            callback(*args, **values)
        return self

    def reveal(self, answer: Any = None, why: str = "") -> Reveal:
        """Return the card that shows guess and answer side by side; it waits until a guess is committed.

        Parameters
        ----------
        answer : str or number or callable, optional
            The right answer, or a function that works it out; needed here if `predict` was given none.
        why : str, optional
            The reason, in one or two sentences.
        """
        answer = self._answer if answer is None else answer
        answer = answer() if callable(answer) else answer
        if answer is None:
            raise InputError("reveal needs the answer: give it here or to predict")
        return Reveal(self, self._checked("answer", answer), why or self._why)

    def handle(self, message: dict) -> None:
        """Take the guess from the page: the number, or the index of the choice."""
        value = message.get("value")
        if self._choices:
            value = self._choices[int(check_number("guess", value, 0, len(self._choices) - 1))]
        if not self.committed:
            self.commit(value)

    def _checked(self, name: str, value: Any) -> str | float:
        if self._choices:
            return check_choice(name, value, self._choices)
        return check_number(name, value, *self._range)

    def _say(self, value: str | float) -> str:
        if self._choices:
            return plain(value)
        return f"{value:g} {self._range[2]}".strip()

    def judge(self, answer: str | float) -> str:
        """Return how the guess compares with the answer, as a word or two."""
        if self._choices:
            return "right" if self.value == answer else "not so"
        close = self._tolerance if self._tolerance is not None else (self._range[1] - self._range[0]) / 20
        if abs(self.value - answer) <= close:
            return "close"
        return "too low" if self.value < answer else "too high"

    def static_html(self) -> str:
        """Return question and choices for a page without kernel."""
        body = f"<p><strong>Predict.</strong> {html(self._question)}</p>"
        if self._choices:
            body += "<ul>" + "".join(f"<li>{choice}</li>" for choice in self.spec["choices"]) + "</ul>"
        else:
            low, high, unit = self._range
            body += f"<p>A number from {low:g} to {high:g} {escape(unit)}</p>"
        return body + '<p class="vmol-quiet">Run this notebook to commit your guess.</p>'

    def static_text(self) -> str:
        """Return question, choices and guess for a terminal."""
        if self._choices:
            offer = " / ".join(plain(choice) for choice in self._choices)
        else:
            offer = "a number from {:g} to {:g} {}".format(*self._range).strip()
        guess = f" Your guess: {self._say(self.value)}." if self.committed else ""
        return f"Predict. {plain(self._question)} [{offer}]{guess}"


class Reveal(Card):
    """Guess and answer side by side. Made by `Prediction.reveal`."""

    def __init__(self, prediction: Prediction, answer: str | float, why: str):
        self._prediction, self._answer, self._why = prediction, answer, why
        super().__init__({"kind": "reveal"}, self._state())
        prediction.observe(self._follow, "state")

    def _state(self, shown: bool = False) -> dict:
        prediction = self._prediction
        shown = shown or prediction.committed
        state = {"shown": shown, "answer": "", "why": "", "guess": "", "judged": "", "error": ""}
        if shown:
            state |= {"answer": escape(prediction._say(self._answer)), "why": html(self._why)}
        if prediction.committed:
            state |= {
                "guess": escape(prediction._say(prediction.value)),
                "judged": prediction.judge(self._answer),
            }
        return state

    def _follow(self, _change: Any) -> None:
        self.state = self._state()

    def handle(self, message: dict) -> None:
        """Show the answer without a guess, if the reader insists."""
        self.state = self._state(shown=True)

    def close(self) -> None:
        """Take the card off the page."""
        with suppress(ValueError):  # closed twice
            self._prediction.unobserve(self._follow, "state")
        super().close()

    def static_html(self) -> str:
        """Return the answer, folded, for a page without kernel."""
        answer = f"<p>{escape(self._prediction._say(self._answer))}. {html(self._why)}</p>"
        return f"<details><summary>Your prediction and the answer</summary>{answer}</details>"

    def static_text(self) -> str:
        """Return guess and answer for a terminal."""
        prediction = self._prediction
        if not prediction.committed:
            return "The answer opens once you have committed a guess."
        text = f"You said {prediction._say(prediction.value)}: {prediction.judge(self._answer)}. "
        return (text + f"Answer: {prediction._say(self._answer)}. {plain(self._why)}").strip()


def predict(
    question: str,
    choices: Sequence[str] | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
    step: float = 1.0,
    unit: str = "",
    answer: Any = None,
    why: str = "",
    tolerance: float | None = None,
) -> Prediction:
    """Ask for a guess that has to be committed before the answer is shown.

    Parameters
    ----------
    question : str
        May hold `@F0389`, `@spencer1984` and `[[Q-angle]]`, see `vmo_edu.lesson.text`. With nothing else
        given, the name of a lesson ("03_patellar_tracking") whose question file holds its prediction.
    choices : sequence of str, optional
        Two or more answers to choose from; leave out to ask for a number.
    low, high, step, unit : optional
        Range of the number asked for.
    answer : optional
        The right choice or number, or a function that works it out when it is revealed.
    why : str
        The reason, shown with the answer.
    tolerance : float, optional
        How far a number may be off to count as close; a twentieth of the range if not given.

    Returns
    -------
    Prediction
        Show it in one cell; show ``.reveal()`` of it in a later one.

    Raises
    ------
    InputError
        If neither choices nor a range are given.

    Examples
    --------
    >>> guess = predict("Which is the largest head?", ["VMO", "VL"], answer="VL")
    >>> guess.commit("VMO").reveal()
    You said VMO: not so. Answer: VL.
    """
    if choices is None and low is None and high is None and answer is None:
        return predict(**_stored(question))
    if choices is not None:
        if isinstance(choices, str) or len(set(choices)) < 2 or not all(isinstance(c, str) for c in choices):
            raise InputError(f"choices must be two or more different sentences; got {choices!r}")
    elif low is None or high is None or not low < high:
        raise InputError(
            f"predict needs choices, or low and high of a number; got low={low!r}, high={high!r}"
        )
    if answer is not None and not callable(answer) and choices is not None:
        check_choice("answer", answer, choices)
    return Prediction(question, choices or (), low, high, step, unit, answer, why, tolerance)


def _stored(name: str) -> dict[str, Any]:
    """Arguments of the prediction that the question file of a lesson holds."""
    stored = load(name).get("predict")
    if not stored:
        needs = "predict needs choices, or low and high of a number"
        raise InputError(f"{needs}; the lesson {name!r} stores none")
    return stored
