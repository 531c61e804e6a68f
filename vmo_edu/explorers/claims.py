"""Explorer of lesson 08: the ledger of popular claims. Vote first, then see verdict, evidence and sources.

Not a picture but a list, so it is a card of its own; it answers to the same names as the other explorers.
"""

from __future__ import annotations

import base64
import pathlib
import secrets
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets

from vmo_edu import evidence
from vmo_edu.errors import InputError, UnknownInputError
from vmo_edu.explorers.claims_page import page
from vmo_edu.explorers.common import check_known, picture_format, save_csv, start_of
from vmo_edu.lesson.card import HELPERS, STYLE, Card, styled
from vmo_edu.live.cell import left_by_earlier_runs
from vmo_edu.models import claims as model

if TYPE_CHECKING:
    import pandas as pd

HERE = pathlib.Path(__file__).parent
TITLE = "Which popular statements survive?"
FILTERS = ("topic", "text", "verdict", "words")


class Ledger(Card):
    """The widget of the ledger; `owner` decides."""

    _esm = HELPERS + (HERE / "claims.js").read_text(encoding="utf-8")
    _css = STYLE + (HERE / "claims.css").read_text(encoding="utf-8")

    def __init__(self, owner: ClaimsExplorer, spec: dict, state: dict):
        self.owner: ClaimsExplorer | None = owner
        super().__init__(spec, state)

    def handle(self, message: Mapping[str, Any]) -> None:
        """Pass what the reader did to the owner."""
        if self.owner is not None:
            self.owner.act(message)

    def static_html(self) -> str:
        """Return the verdicts and the claims under each, folded, for a page without kernel."""
        if self.owner is None:
            return f"<p>{TITLE}</p>"
        parts = []
        for verdict, words in model.VERDICTS.items():
            group = [claim for claim in self.owner.selection if claim.verdict == verdict]
            items = "".join(f"<li>{escape(claim.claim)}</li>" for claim in group)
            summary = f"<summary>{words}: {len(group)} claims</summary>"
            parts.append(f"<details>{summary}<ul>{items}</ul></details>")
        chart = base64.b64encode(self.owner._picture()).decode()
        title = f"<p><strong>{TITLE}</strong> {escape(self.owner.describe())}</p>"
        title += f'<p><img alt="{escape(self.owner.describe())}" src="data:image/png;base64,{chart}"></p>'
        return title + "".join(parts) + '<p class="vmol-quiet">Run this notebook to vote.</p>'

    def static_text(self) -> str:
        """Return the description for a terminal."""
        return f"{TITLE} {self.owner.describe()}" if self.owner else TITLE

    def close(self) -> None:
        """Take the ledger and the explorer below it off the page."""
        owner, self.owner = self.owner, None
        super().close()
        if owner is not None:
            owner.closed()


class ClaimsExplorer:
    """All popular claims: filter, vote, see the verdict, open the explorer that tests it.

    Parameters
    ----------
    preset : str, optional
        One of `presets`.
    topic, text, verdict, words : str
        Filters, see `vmo_edu.models.claims.select`; empty for all.

    Attributes
    ----------
    votes : Votes
        The reader's own votes.
    room : Votes
        The votes of a class, loaded from files.
    opened : Explorer or None
        The explorer opened last to test a claim.
    """

    name = "claims"
    title = TITLE
    presets = {
        "All claims": {},
        "Swelling": {"words": "swelling"},
        "Exercise": {"topic": "exercise"},
        "Causes of pain": {"topic": "PFPS cause"},
        "Cramp": {"text": "cramps"},
        "Contradicted": {"verdict": "contradicted"},
    }

    def __init__(self, *, preset: str | None = None, **filters: str):
        self.claims = model.load()
        self._filters = self._request(preset, filters, dict.fromkeys(FILTERS, ""))
        self.voter = f"reader-{secrets.token_hex(3)}"
        self.votes, self.room = model.Votes(), model.Votes()
        self.opened: Any = None
        self._said = ""
        self._heard: dict[str, int] = {}  # view of the page -> its latest vote that came here
        self.widget = Ledger(self, _spec(self.claims), self._state())
        self._inherit()
        self._place = ipywidgets.VBox([])
        self._box = ipywidgets.VBox([self.widget, self._place])

    # -- what a lesson asks for
    def set(self, *, preset: str | None = None, **filters: str) -> ClaimsExplorer:
        """Change filters; with `preset` start from that preset. Returns the ledger.

        Raises
        ------
        InputError
            For an unknown preset or filter, or a value that no claim has. Nothing changes then.
        """
        with self.widget.lock:
            self._filters = self._request(preset, filters, self._filters)
            self._push()
        return self

    def reset(self) -> ClaimsExplorer:
        """Show all claims; votes stay. Returns the ledger."""
        return self.set(preset="All claims")

    def state(self) -> dict[str, str]:
        """Return the filters."""
        return dict(self._filters)

    def code(self) -> str:
        """Return the line of Python that opens the ledger with these filters."""
        return f"explore.claims({', '.join(f'{k}={v!r}' for k, v in self._filters.items() if v)})"

    @property
    def selection(self) -> tuple[model.Claim, ...]:
        """The claims that fit the filters."""
        return model.select(self.claims, **self._filters)

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the sources of the claims that fit the filters."""
        return tuple(dict.fromkeys(key for claim in self.selection for key in claim.source_keys))

    def table(self) -> pd.DataFrame:
        """Return the claims that fit the filters, with the reader's votes and those of the room."""
        mine, claims = self.votes.of(self.voter), self.selection
        frame = model.to_frame(claims, self.room if self.room.cast else None)
        frame.insert(4, "my vote", [mine.get(claim.id, "") for claim in claims])
        return frame

    def counts(self) -> pd.DataFrame:
        """Return claims and votes by verdict: the figures of the chart."""
        claims = self.selection
        votes = (self.room if self.room.cast else self.votes).against_verdicts(claims)
        found = model.by_verdict(claims)
        rows = {words: {"claims": found[name], **votes[name]} for name, words in model.VERDICTS.items()}
        import pandas as pd  # only tables need it

        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("verdict")

    def describe(self) -> str:
        """Return in plain English what the ledger shows."""
        found = model.by_verdict(self.selection)
        parts = [f"{count} {model.VERDICTS[name]}" for name, count in found.items() if count]
        split = ", ".join(parts) or "none fits the filters"
        text = f"{sum(found.values())} of {len(self.claims)} claims: {split}."
        text += f" You have voted on {len(self.votes.of(self.voter))}."
        if self.room.cast:
            text += f" The room: {len(self.room.voters)} voters, {len(self.room.cast)} votes."
        return text

    def vote(self, claim_id: str, vote: str | None) -> model.Claim:
        """Vote as a reader would and return the claim with its verdict.

        Raises
        ------
        InputError
            For a claim or vote that does not exist.
        """
        with self.widget.lock:
            self.votes = self.votes.vote(self.voter, claim_id, vote)
            self._push()
        return self._claim(claim_id)

    def save_votes(self, path: str | pathlib.Path) -> pathlib.Path:
        """Write the reader's votes to a small CSV file."""
        return self.votes.save(path)

    def load_votes(self, *paths: str | pathlib.Path, mine: bool = False) -> ClaimsExplorer:
        """Add files of votes to the room, or with ``mine=True`` take one back as the reader's own.

        Raises
        ------
        VoteFileError
            If a file is damaged; names file, row and column. No vote changes then.
        """
        loaded = [model.Votes.load(path) for path in paths]
        with self.widget.lock:
            for votes in loaded:
                self._take(votes, mine)
            self._push()
        return self

    def open(self, claim_id: str) -> Any:
        """Open the explorer that tests a claim, below the ledger, and return it.

        Raises
        ------
        InputError
            If the claim does not exist or no explorer can test it; says why.
        """
        from vmo_edu.explorers import explore  # the registry imports this module

        claim = self._claim(claim_id)
        if not claim.explorer:
            raise InputError(f"no explorer can test claim {claim.id}: {claim.look_for}")
        if self.opened is not None:
            self.opened.close()
        self.opened = getattr(explore, claim.explorer)(**claim.values)
        self._place.children = (self.opened.widget,)
        self._push(said=f"Opened below the list: {claim.code}. Look for: {claim.look_for}")
        return self.opened

    def save_data(self, path: str | pathlib.Path) -> pathlib.Path:
        """Write `table()` as a CSV file."""
        return save_csv(self.table(), path)

    def save_picture(self, path: str | pathlib.Path) -> pathlib.Path:
        """Write the chart of the verdicts; the ending decides the format.

        Raises
        ------
        InputError
            For an ending that no picture has; lists those that can be written.
        """
        path = pathlib.Path(path)
        path.write_bytes(self._picture(picture_format(path), 1600))
        return path

    def save_page(self, path: str | pathlib.Path) -> pathlib.Path:
        """Write one self-contained HTML page that works without Python, kernel or network."""
        path = pathlib.Path(path)
        state = {**self._state(), "voter": f"reader-{secrets.token_hex(3)}", "mine": {}}
        html = page(TITLE, Ledger._esm, Ledger._css, _spec(self.claims, links=False), state)
        path.write_text(html, encoding="utf-8")
        return path

    def close(self) -> None:
        """Take the ledger off the page."""
        self.widget.close()

    def __repr__(self) -> str:
        return f"<{self.code()}>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict, dict]:
        """The widget, and for places that run no kernel its text."""
        data, metadata = self.widget._repr_mimebundle_()
        shown = self._box._repr_mimebundle_()
        box = shown[0] if isinstance(shown, tuple) else shown
        static = {
            "text/plain": self.widget.static_text(), "text/html": styled(self.widget.static_html()),
            "image/png": base64.b64encode(self._picture()).decode(),
        }
        return {**data, **box, **static}, metadata

    # -- what the page asks for
    def act(self, message: Mapping[str, Any]) -> None:
        """Do what the reader did on the page."""
        kind = message.get("do")
        if kind == "vote":
            self._heard[message.get("view", "")] = message.get("nth", 0)
            self.votes = self.votes.vote(self.voter, message.get("id"), message.get("vote"))
            self._push()
        elif kind == "filter":
            self._filters = self._request(None, message.get("filters", {}), self._filters)
        elif kind == "explore":
            self.open(message.get("id"))
        elif kind == "load":
            self._take(model.Votes.from_csv(message["text"], message["name"]), bool(message.get("own")))
            self._push(said=f"Loaded {message['name']}. {self.describe()}")
        elif kind == "forget":
            self.room = model.Votes()
            self._push(said="The votes of the room are forgotten; yours are still here.")
        elif kind == "voter":
            self._rename(message.get("voter"))
        else:
            raise InputError(f"the page sent a message of unknown kind {kind!r}")

    def closed(self) -> None:
        """Let go of what stands below the ledger."""
        if self.opened is not None:
            self.opened.close()
        for widget in (self._place, self._box):
            widget.close()

    # -- inside
    def _picture(self, kind: str = "png", width: int = 900) -> bytes:
        """Return the chart of the verdicts as the bytes of a picture file."""
        from vmo_edu.figures.claims import verdict_picture  # only the still picture needs matplotlib

        return verdict_picture(model.by_verdict(self.selection), model.VERDICTS, kind, width)

    def _claim(self, claim_id: str) -> model.Claim:
        for claim in self.claims:
            if claim.id == claim_id:
                return claim
        raise UnknownInputError(f"no claim has the id {claim_id!r}")

    def _request(self, preset: str | None, filters: Mapping[str, str], base: dict) -> dict[str, str]:
        """Check what was asked for and return all filters."""
        check_known(self.name, "filter", filters, FILTERS)
        wanted = {**start_of(preset, self.presets, dict.fromkeys(FILTERS, ""), base), **filters}
        model.select(self.claims, **wanted)
        return wanted

    def _take(self, votes: model.Votes, mine: bool) -> None:
        """Add loaded votes to the room or to the reader's own."""
        if not mine:
            self.room = self.room.merged(votes)
            return
        if len(votes.voters) != 1:
            found = f"these are the votes of {len(votes.voters)} people"
            raise InputError(f"{found}; load them as the files of a class")
        self.voter = votes.voters[0]
        self.votes = votes

    def _rename(self, voter: str | None) -> None:
        """Put another name on the reader's votes."""
        name = model.voter_name(voter)
        renamed = model.Votes()
        for claim_id, vote in self.votes.of(self.voter).items():
            renamed = renamed.vote(name, claim_id, vote)
        self.votes, self.voter = renamed, name
        self._push()

    def _inherit(self) -> None:
        """Take over the votes given in an earlier run of the same cell: re-running must not lose them."""
        for widget in left_by_earlier_runs(self.widget.cell, Ledger):
            if widget.owner is not None:
                older = widget.owner
                self.voter, self.votes, self.room = older.voter, older.votes, older.room
                self._push()

    def _state(self) -> dict[str, Any]:
        """Return everything on the page that can change."""
        voted = {claim_id for _, claim_id in self.room.cast}
        return {
            "filters": self._filters, "voter": self.voter, "mine": self.votes.of(self.voter),
            "room": {claim_id: list(self.room.counts(claim_id).values()) for claim_id in voted},
            "voters": len(self.room.voters), "said": self._said, "error": "", "heard": dict(self._heard),
        }

    def _push(self, said: str = "") -> None:
        self._said = said
        self.widget.state = self._state()


def _spec(claims: tuple[model.Claim, ...], links: bool = True) -> dict[str, Any]:
    """Return everything on the page that never changes; what becomes HTML there is escaped here."""
    return {
        "title": TITLE,
        "claims": [_claim_spec(claim, links) for claim in claims],
        "topics": [list(item) for item in model.topics(claims).items()],
        "texts": [list(item) for item in model.TEXTS.items()],
        "verdicts": [list(item) for item in model.VERDICTS.items()],
    }


def _claim_spec(claim: model.Claim, links: bool) -> dict[str, str]:
    """Return one claim for the page."""
    cites = [evidence.cite(key) for key in claim.source_keys]
    sources = "; ".join(one.html if links else escape(one.full.rstrip(".")) for one in cites)
    verdict = model.VERDICTS[claim.verdict] + (" (unverified)" if claim.status == "unchecked" else "")
    look_for = f"{'Look for' if claim.explorer else 'No explorer tests this'}: {claim.look_for}"
    return {
        "id": claim.id, "claim": claim.claim, "topic": claim.topic, "text": claim.text,
        "verdict": claim.verdict, "verdictText": verdict,
        "strength": escape(claim.strength), "evidence": escape(claim.evidence),
        "sources": sources, "explorer": claim.explorer, "code": claim.code, "lookFor": escape(look_for),
        "haystack": f"{claim.claim} {claim.evidence} {claim.id}".casefold(),
    }
