"""Quiz: three to five questions whose feedback names the misconception behind each wrong answer.

Questions are data, one file for each lesson in `data/quizzes/`; what is right never travels to the page.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from vmo_edu import evidence
from vmo_edu.errors import InputError, check_choice, check_number
from vmo_edu.evidence import DataError
from vmo_edu.lesson.card import Card
from vmo_edu.lesson.text import html, keys, plain
from vmo_edu.prose import TOKEN

LETTERS = "abcdefgh"


def load(name: str, folder: str | Path | None = None) -> dict[str, Any]:
    """Read and check one question file.

    Parameters
    ----------
    name : str
        Name of the lesson, such as "01_q_angle"; the part after the number is enough.
    folder : path, optional
        Read another copy of `data/`.

    Raises
    ------
    UnknownInputError
        If there is no such quiz; the message lists them.
    DataError
        If the file is damaged; names file and question.
    """
    files = sorted(evidence.data_path("quizzes", folder).glob("*.json"))
    names = {file.stem: file for file in files} | {file.stem.partition("_")[2]: file for file in files}
    path = names[check_choice("quiz", name, names)]
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise DataError(f"{path.name} is not JSON: {fault}") from fault
    if not isinstance(content, dict) or not content.get("questions"):
        raise DataError(f"{path.name}: has no questions")
    for index, question in enumerate(content["questions"], start=1):
        _check(question, f"{path.name}, question {index}")
    if content.get("predict"):
        content["predict"] = _with_number(content["predict"], f"{path.name}, predict")
    return content


def _with_number(predict: dict, where: str) -> dict:
    """Replace an answer "@F0389" by the size of that figure (a fall of 28 % is 28); other answers stay."""
    token = TOKEN.fullmatch(str(predict.get("answer", "")))
    if not token:
        return predict
    try:
        return {**predict, "answer": abs(float(evidence.fact(token[1])))}
    except InputError as fault:
        raise DataError(f"{where}: {fault}") from fault


def _check(question: Any, where: str) -> None:
    """Refuse a question that could not be asked."""
    texts = {"text": str, "why": str, "choices": list}
    for name, kind in texts.items():
        if not isinstance(question, dict) or not isinstance(question.get(name), kind) or not question[name]:
            raise DataError(f"{where}: {name!r} is missing or not a {kind.__name__}")
    right = 0
    for number, choice in enumerate(question["choices"], start=1):
        if not isinstance(choice, dict) or not choice.get("text") or not choice.get("feedback"):
            raise DataError(f"{where}, choice {number}: needs 'text' and 'feedback'")
        right += bool(choice.get("right"))
    if right != 1 or not 2 <= len(question["choices"]) <= len(LETTERS):
        raise DataError(
            f"{where}: needs 2 to {len(LETTERS)} choices and exactly one that is right; has {right}"
        )
    for text in _texts(question):
        try:
            html(text)
        except InputError as fault:
            raise DataError(f"{where}: {fault}") from fault


def _texts(question: dict) -> list[str]:
    """All texts of one question."""
    return [
        question["text"],
        question["why"],
        *(c[part] for c in question["choices"] for part in ("text", "feedback")),
    ]


class Quiz(Card):
    """The questions of one lesson. Made by `quiz`."""

    def __init__(self, content: dict):
        self._content = content
        questions = [
            {"text": html(q["text"]), "choices": [escape(plain(c["text"])) for c in q["choices"]]}
            for q in content["questions"]
        ]
        blank = {"tried": [], "right": False, "feedback": "", "shown": False}
        state = {"questions": [dict(blank) for _ in questions], "score": "", "error": ""}
        super().__init__(
            {"kind": "quiz", "title": content.get("title", "Check yourself"), "questions": questions}, state
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of all sources that the questions use."""
        texts = [text for question in self._content["questions"] for text in _texts(question)]
        return tuple(dict.fromkeys(key for text in texts for key in keys(text)))

    @property
    def score(self) -> str:
        """How many questions are right, and how many at the first attempt."""
        answers = self.state["questions"]
        right = sum(one["right"] for one in answers)
        first = sum(one["right"] and len(one["tried"]) == 1 for one in answers)
        return f"{right} of {len(answers)} right, {first} at the first attempt"

    def answer(self, question: int, choice: str) -> str:
        """Answer as a reader would and return the feedback.

        Parameters
        ----------
        question : int
            Number of the question, from 1.
        choice : str
            Letter of the choice, from "a".

        Raises
        ------
        InputError
            If there is no such question or choice.
        """
        number = int(check_number("question", question, 1, len(self._content["questions"])))
        choices = self._content["questions"][number - 1]["choices"]
        letter = check_choice("choice", choice, LETTERS[: len(choices)])
        self._attempt(number - 1, LETTERS.index(letter))
        return self._feedback(number - 1, plain)

    def handle(self, message: dict) -> None:
        """Judge an attempt, or show the answer of a question that was attempted."""
        index = int(check_number("question", message.get("question"), 0, len(self._content["questions"]) - 1))
        choices = self._content["questions"][index]["choices"]
        if message.get("do") == "show":
            if self.state["questions"][index]["tried"]:
                self._update(index, shown=True)
            return
        self._attempt(index, int(check_number("choice", message.get("choice"), 0, len(choices) - 1)))

    def _attempt(self, index: int, choice: int) -> None:
        one = self.state["questions"][index]
        right = bool(self._content["questions"][index]["choices"][choice].get("right"))
        if not one["right"]:
            self._update(index, tried=[*one["tried"], choice], right=right, shown=one["shown"] or right)

    def _update(self, index: int, **change: Any) -> None:
        answers = [dict(one) for one in self.state["questions"]]
        answers[index] |= change
        self.set_trait("state", {"questions": answers, "score": "", "error": ""})
        answers = [dict(one) for one in answers]
        answers[index]["feedback"] = self._feedback(index, html)
        self.state = {"questions": answers, "score": self.score, "error": ""}

    def _feedback(self, index: int, render: Any) -> str:
        """Return what to say after the last attempt; the reason only once the answer is open."""
        question, one = self._content["questions"][index], self.state["questions"][index]
        choice = question["choices"][one["tried"][-1]]
        parts = [("Right. " if one["right"] else "Not so. ") + render(choice["feedback"])]
        if one["shown"]:
            if not one["right"]:
                right = next(c for c in question["choices"] if c.get("right"))
                parts.append(f"Answer: {render(right['text'])}")
            parts.append(render(question["why"]))
        return " ".join(parts)

    def static_html(self) -> str:
        """Return the questions without answers for a page without kernel."""
        items = []
        for question in self.spec["questions"]:
            choices = "".join(f"<li>{choice}</li>" for choice in question["choices"])
            items.append(f"<li>{question['text']}<ul>{choices}</ul></li>")
        return (
            f"<p><strong>{escape(self.spec['title'])}</strong></p><ol>{''.join(items)}</ol>"
            '<p class="vmol-quiet">Run this notebook to answer; each answer opens after an attempt.</p>'
        )

    def static_text(self) -> str:
        """Return the questions for a terminal."""
        lines = [self.spec["title"]]
        for number, question in enumerate(self._content["questions"], start=1):
            lines.append(f"{number}. {plain(question['text'])}")
            lines += [
                f"   {letter}) {plain(c['text'])}"
                for letter, c in zip(LETTERS, question["choices"], strict=False)
            ]
        return "\n".join(
            [*lines, *([self.score] if any(one["tried"] for one in self.state["questions"]) else [])]
        )


def quiz(name: str, folder: str | Path | None = None) -> Quiz:
    """Return the quiz of one lesson.

    Parameters
    ----------
    name : str
        Name of the lesson, such as "01_q_angle"; the part after the number is enough.
    folder : path, optional
        Read another copy of `data/`.
    """
    return Quiz(load(name, folder))
