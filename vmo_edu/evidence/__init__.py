"""The evidence behind every number: tables of `data/`, one figure with its source, citations, BibTeX.

>>> from vmo_edu import evidence
>>> evidence.fact("F0001").text
'10.98 ± 1.75 deg (n = 100 limbs; Raveendranath et al. 2009)'
"""

from vmo_edu.evidence._citations import Citation, bibtex, cite
from vmo_edu.evidence._facts import STATUS_WORDS, Fact, fact
from vmo_edu.evidence._glossary import explain, find_term
from vmo_edu.evidence._tables import (
    DataError,
    claims,
    data_path,
    dose_response,
    exercises,
    facts,
    glossary,
    number,
    references,
    rows,
    table,
    tables,
    validation_cases,
)

__all__ = [
    "STATUS_WORDS",
    "Citation",
    "DataError",
    "Fact",
    "bibtex",
    "cite",
    "claims",
    "data_path",
    "dose_response",
    "exercises",
    "explain",
    "fact",
    "facts",
    "find_term",
    "glossary",
    "number",
    "references",
    "rows",
    "table",
    "tables",
    "validation_cases",
]
