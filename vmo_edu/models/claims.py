"""The ledger of popular claims: choose claims, vote on them, count the room's votes against the verdicts.

Votes are immutable: whatever goes wrong with a file, the votes given so far stay as they are.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from vmo_edu import evidence
from vmo_edu.errors import InputError, UnknownInputError, check_choice
from vmo_edu.evidence import DataError

if TYPE_CHECKING:
    import pandas as pd

COURSE = "vmo_edu"
VERDICTS = MappingProxyType({
    "supported": "supported",
    "partly_supported": "partly supported",
    "insufficient": "insufficient evidence",
    "contradicted": "contradicted",
})
VOTES = ("agree", "disagree", "unsure")
TEXTS = MappingProxyType({
    "faq": "Questions and answers on the VMO",
    "causes": "Causes of VMO weakness",
    "vmo_article": "Article on VMO, swelling and kicking",
    "strengthening": "Strengthening routine",
    "cramps": "Cramp in the vastus medialis",
})
COLUMNS = ("course", "voter", "claim_id", "vote")


class VoteFileError(InputError):
    """A file of votes that cannot be read; the message names file, row and column."""


@dataclass(frozen=True)
class Claim:
    """One popular claim and what the evidence says.

    Attributes
    ----------
    id, text, claim, topic : str
        Id, the popular text it comes from (a key of `TEXTS`), the claim, its subject.
    verdict : str
        A key of `VERDICTS`.
    strength : str
        Strength of the evidence for the verdict.
    source_keys : tuple of str
        Keys of the sources.
    status : str
        How the evidence was obtained.
    evidence : str
        One line with figures.
    explorer : str
        Explorer that can test the claim; empty if none can.
    values : dict
        Its settings (read-only).
    look_for : str
        What to watch there, or why no explorer can test the claim.
    """

    id: str
    text: str
    claim: str
    topic: str
    verdict: str
    strength: str
    source_keys: tuple[str, ...]
    status: str
    evidence: str
    explorer: str
    values: Mapping[str, Any]
    look_for: str

    @property
    def code(self) -> str:
        """The line of Python that opens the explorer in the state that tests the claim; empty if none can."""
        if not self.explorer:
            return ""
        values = ", ".join(f"{name}={_literal(value)}" for name, value in self.values.items())
        return f"explore.{self.explorer}({values})"


def _literal(value: Any) -> str:
    """Return a setting as Python writes it, whole numbers without their point."""
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def load(folder: str | Path | None = None) -> tuple[Claim, ...]:
    """Return all claims.

    Parameters
    ----------
    folder : path, optional
        Another copy of `data/`.

    Returns
    -------
    tuple of Claim

    Raises
    ------
    DataError
        If a table is damaged; names file, row and column.
    """
    states = {row["claim_id"]: row for row in evidence.rows("claim_states", folder)}
    found = []
    for line, row in enumerate(evidence.rows("claims", folder), start=2):
        if row["id"] not in states:
            raise DataError(f"claim_states.csv has no row for claim {row['id']} (claims.csv, row {line})")
        state = states[row["id"]]
        found.append(Claim(
            row["id"], row["text"], row["claim"], row["topic"], row["verdict"], row["strength_of_evidence"],
            tuple(key for key in row["source_keys"].split(";") if key), row["status"], row["evidence"],
            state["explorer"], _values(state), state["look_for"],
        ))
    return tuple(found)


def _values(state: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the settings of an explorer from their JSON cell."""
    try:
        values = json.loads(state["values"] or "{}")
    except ValueError as fault:
        message = f"claim_states.csv, claim {state['claim_id']}, column values: not JSON ({fault})"
        raise DataError(message) from fault
    return MappingProxyType(values)


def topics(claims: Iterable[Claim]) -> dict[str, int]:
    """Return the topics of claims with their counts, in alphabetical order.

    Parameters
    ----------
    claims : iterable of Claim
        From `load`.

    Returns
    -------
    dict of str to int
    """
    return dict(sorted(Counter(claim.topic for claim in claims).items(), key=lambda item: item[0].casefold()))


def select(claims: Iterable[Claim], *, topic: str = "", text: str = "", verdict: str = "",
           words: str = "") -> tuple[Claim, ...]:
    """Return the claims that fit all filters; an empty filter lets everything through.

    Parameters
    ----------
    claims : iterable of Claim
        From `load`.
    topic, text, verdict : str
        As in the table.
    words : str
        Words that must all occur in the claim or its evidence, in any case.

    Returns
    -------
    tuple of Claim

    Raises
    ------
    UnknownInputError
        For a topic, text or verdict that does not exist; the message lists those that do.

    Examples
    --------
    >>> [claim.id for claim in select(load(), topic="effusion dose")]
    ['S2-17', 'S2-18']
    """
    claims = tuple(claims)
    wanted = {"topic": topic, "text": text, "verdict": verdict}
    known = {"topic": topics(claims), "text": TEXTS, "verdict": VERDICTS}
    for name, value in wanted.items():
        if value:
            check_choice(name, value, known[name])
    if not isinstance(words, str):
        raise InputError(f"words must be text to search for; got {words!r}")
    needles = words.casefold().split()
    return tuple(
        claim for claim in claims
        if all(not value or getattr(claim, name) == value for name, value in wanted.items())
        and all(needle in f"{claim.claim} {claim.evidence} {claim.id}".casefold() for needle in needles)
    )


def by_verdict(claims: Iterable[Claim]) -> dict[str, int]:
    """Return how many claims have each verdict.

    Parameters
    ----------
    claims : iterable of Claim
        From `load`.

    Returns
    -------
    dict of str to int
        Every verdict, also those with 0.

    Examples
    --------
    >>> by_verdict(load())
    {'supported': 18, 'partly_supported': 72, 'insufficient': 39, 'contradicted': 25}
    """
    counts = Counter(claim.verdict for claim in claims)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def voter_name(voter: object) -> str:
    """Return the name of a voter with single spaces and nothing unprintable.

    Parameters
    ----------
    voter : object
        The name as it was given.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If nothing is left of it, or more than 80 letters.
    """
    name = ""
    if isinstance(voter, str):
        name = " ".join("".join(c if c.isprintable() else " " for c in voter).split())
    if not 1 <= len(name) <= 80:
        raise InputError(f"a voter needs a name of 1 to 80 letters; got {voter!r}")
    return name


@dataclass(frozen=True)
class Votes:
    """The votes of one reader or a whole room. Every change gives a new `Votes`.

    Attributes
    ----------
    cast : mapping of (voter, claim id) to vote
        Read-only.

    Examples
    --------
    >>> room = Votes().vote("Ann", "S2-17", "agree").vote("Ben", "S2-17", "disagree")
    >>> room.counts("S2-17")
    {'agree': 1, 'disagree': 1, 'unsure': 0}
    """

    cast: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def voters(self) -> tuple[str, ...]:
        """Everybody who has voted, in the order of their first vote."""
        return tuple(dict.fromkeys(voter for voter, _ in self.cast))

    def of(self, voter: str) -> dict[str, str]:
        """Return the votes of one voter by claim id.

        Parameters
        ----------
        voter : str

        Returns
        -------
        dict of str to str
        """
        return {claim: vote for (who, claim), vote in self.cast.items() if who == voter}

    def vote(self, voter: str, claim_id: str, vote: str | None) -> Votes:
        """Return the votes with one more; None takes a vote back.

        Parameters
        ----------
        voter : str
            1 to 80 letters.
        claim_id : str
            An id such as "S2-17".
        vote : str or None
            One of `VOTES`.

        Returns
        -------
        Votes

        Raises
        ------
        InputError
            For a claim or vote that does not exist, or an empty name.
        """
        name = voter_name(voter)
        known = _ids()
        if claim_id not in known:
            span = f"ids run from {min(known)} to {max(known)}"
            raise UnknownInputError(f"no claim has the id {claim_id!r}; {span}")
        cast = {key: value for key, value in self.cast.items() if key != (name, claim_id)}
        if vote is not None:
            cast[name, claim_id] = check_choice("vote", vote, VOTES)
        return Votes(MappingProxyType(cast))

    def merged(self, other: Votes) -> Votes:
        """Return both together; where a voter voted twice on a claim, the vote of `other` counts.

        Parameters
        ----------
        other : Votes

        Returns
        -------
        Votes
        """
        return Votes(MappingProxyType({**self.cast, **other.cast}))

    def counts(self, claim_id: str) -> dict[str, int]:
        """Return how often each vote was given on a claim.

        Parameters
        ----------
        claim_id : str

        Returns
        -------
        dict of str to int
            Every vote, also those with 0.
        """
        found = Counter(vote for (_, claim), vote in self.cast.items() if claim == claim_id)
        return {vote: found[vote] for vote in VOTES}

    def against_verdicts(self, claims: Iterable[Claim]) -> dict[str, dict[str, int]]:
        """Return the votes on each verdict: verdict -> vote -> count.

        Parameters
        ----------
        claims : iterable of Claim
            From `load`.

        Returns
        -------
        dict of str to dict
        """
        verdict = {claim.id: claim.verdict for claim in claims}
        found = Counter((verdict[claim], vote) for (_, claim), vote in self.cast.items() if claim in verdict)
        return {name: {vote: found[name, vote] for vote in VOTES} for name in VERDICTS}

    def to_csv(self) -> str:
        """Return the votes as the text of a CSV file.

        Returns
        -------
        str
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((COURSE, voter, claim, vote) for (voter, claim), vote in self.cast.items())
        return text.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write the votes to a CSV file and return its path.

        Parameters
        ----------
        path : path
            It is overwritten.

        Returns
        -------
        pathlib.Path
        """
        path = Path(path)
        path.write_text(self.to_csv(), encoding="utf-8", newline="")
        return path

    @classmethod
    def from_csv(cls, text: str, name: str = "votes.csv") -> Votes:
        """Read votes from the text of a CSV file.

        Parameters
        ----------
        text : str
            Content of the file.
        name : str
            What to call it in messages.

        Returns
        -------
        Votes

        Raises
        ------
        VoteFileError
            If any row is wrong; names file, row (the heading is row 1) and column.
        """
        try:
            lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
        except csv.Error as fault:
            raise VoteFileError(f"{name} is not a readable CSV file: {fault}") from fault
        heading = tuple(lines[0]) if lines else ()
        if heading != COLUMNS:
            found, wanted = ",".join(heading), ",".join(COLUMNS)
            raise VoteFileError(f"{name}, row 1: the heading must be {wanted}; got {found!r}")
        cast: dict[tuple[str, str], str] = {}
        first: dict[tuple[str, str], int] = {}
        for line, cells in enumerate(lines[1:], start=2):
            if cells:
                voter, claim, vote = _vote_row(cells, f"{name}, row {line}")
                if (voter, claim) in first:
                    again = f"{voter} has already voted on {claim} in row {first[voter, claim]}"
                    raise VoteFileError(f"{name}, row {line}, column claim_id: {again}")
                first[voter, claim], cast[voter, claim] = line, vote
        return cls(MappingProxyType(cast))

    @classmethod
    def load(cls, path: str | Path) -> Votes:
        """Read votes from a CSV file; see `from_csv`.

        Parameters
        ----------
        path : path

        Returns
        -------
        Votes

        Raises
        ------
        VoteFileError
            If the file cannot be read, or as `from_csv`.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as fault:
            raise VoteFileError(f"{path.name} cannot be read: {fault.strerror}") from fault
        except UnicodeDecodeError as fault:
            raise VoteFileError(f"{path.name} is not UTF-8 text") from fault
        return cls.from_csv(text, path.name)


def _ids() -> frozenset[str]:
    """Return the ids of all claims."""
    return frozenset(row["id"] for row in evidence.rows("claims"))


def _vote_row(cells: list[str], where: str) -> tuple[str, str, str]:
    """Return voter, claim and vote of one row, checked."""
    if len(cells) != len(COLUMNS):
        column = COLUMNS[min(len(cells), len(COLUMNS) - 1)]
        raise VoteFileError(f"{where}, column {column}: {len(cells)} cells instead of {len(COLUMNS)}")
    course, voter, claim, vote = (cell.strip() for cell in cells)
    if course != COURSE:
        other = f"a vote from another course, {course!r}; expected {COURSE!r}"
        raise VoteFileError(f"{where}, column course: {other}")
    try:
        voter = voter_name(voter)
    except InputError as fault:
        raise VoteFileError(f"{where}, column voter: {fault}") from fault
    if claim not in _ids():
        raise VoteFileError(f"{where}, column claim_id: no claim has the id {claim!r}")
    if vote not in VOTES:
        raise VoteFileError(f"{where}, column vote: {vote!r} is not one of {', '.join(VOTES)}")
    return voter, claim, vote


def to_frame(claims: Iterable[Claim], votes: Votes | None = None) -> pd.DataFrame:
    """Return claims as a table, one row each, with the votes on them if given.

    Parameters
    ----------
    claims : iterable of Claim
        From `load`.
    votes : Votes, optional
        Adds one column for each vote.

    Returns
    -------
    pandas.DataFrame
    """
    import pandas as pd

    rows = []
    for claim in claims:
        counts = votes.counts(claim.id) if votes else {}
        rows.append({
            "id": claim.id, "text": claim.text, "topic": claim.topic, "claim": claim.claim,
            "verdict": claim.verdict, "strength": claim.strength, "sources": "; ".join(claim.source_keys),
            "explorer": claim.explorer, **counts,
        })
    columns = ["id", "text", "topic", "claim", "verdict", "strength", "sources", "explorer"]
    return pd.DataFrame(rows, columns=[*columns, *(VOTES if votes else ())])
