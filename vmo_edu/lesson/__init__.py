"""What a lesson needs beside its explorer: predict, quiz, sources, numbers with their source, glossary.

Everything on screen is native HTML, so it works by keyboard; where no kernel runs it shows as plain text.
"""

from vmo_edu.lesson.guess import Prediction, Reveal, predict
from vmo_edu.lesson.questions import Quiz, quiz
from vmo_edu.lesson.show import Shown, evidence_note, numbers, sources, verdicts
from vmo_edu.lesson.terms import GlossaryPanel, glossary_panel, term
from vmo_edu.lesson.text import html, plain

__all__ = [
    "GlossaryPanel",
    "Prediction",
    "Quiz",
    "Reveal",
    "Shown",
    "evidence_note",
    "glossary_panel",
    "html",
    "numbers",
    "plain",
    "predict",
    "quiz",
    "sources",
    "term",
    "verdicts",
]
