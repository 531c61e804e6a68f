"""Which explorer a notebook cell shows, and its live page: the saved page, told to fit into a frame."""

from __future__ import annotations

import ast
import pathlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from html import escape
from importlib import import_module
from multiprocessing import get_context
from typing import Any

# In a frame the page tells its height, and leaves the sources to the lesson around it.
FRAMED = """<style>[data-framed] footer { display: none } [data-framed] body { overflow-x: hidden }</style>
<script>
if (parent !== window) {
  document.documentElement.dataset.framed = "";
  const tell = () => {
    const height = document.documentElement.offsetHeight;
    if (height > 240) parent.postMessage({vmoHeight: height}, "*");     // not before there is a picture
  };
  new ResizeObserver(tell).observe(document.body);
}
</script>
</body>"""


@dataclass(frozen=True)
class Live:
    """One explorer in the state in which a lesson opens it.

    Attributes
    ----------
    name : str
        Name of the explorer, as in ``explore.tracking``.
    state : tuple of (str, value)
        What the call gives it.
    """

    name: str
    state: tuple[tuple[str, Any], ...] = ()

    @property
    def file(self) -> str:
        """Name of the page in `live/`."""
        words = [f"{key}-{value}" for key, value in self.state]
        text = "-".join([self.name, *words]).replace(" ", "_")
        return "".join(letter for letter in text if letter.isalnum() or letter in "-_.") + ".html"

    @property
    def title(self) -> str:
        """Title of the explorer."""
        from vmo_edu.explorers import Explore

        return getattr(import_module(f"vmo_edu.explorers.{self.name}"), Explore.CLASSES[self.name]).title

    def open(self) -> Any:
        """Return the explorer in this state."""
        from vmo_edu.explorers import explore

        return getattr(explore, self.name)(**dict(self.state))


def called(source: str, owner: str) -> list[tuple[str, tuple, dict[str, Any]]]:
    """Return the calls ``owner.name(...)`` with literal arguments in the code of a cell.

    Examples
    --------
    >>> called('lab = explore.tracking(preset="VMO off", vmo=0.5)', "explore")
    [('tracking', (), {'preset': 'VMO off', 'vmo': 0.5})]
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == owner
        ):
            try:
                given = tuple(ast.literal_eval(one) for one in node.args)
                named = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
            except ValueError:
                continue  # not a literal: nobody can know its value without running
            found.append((node.func.attr, given, named))
    return found


def shown(source: str) -> Live | None:
    """Return the explorer that a cell opens, or None."""
    from vmo_edu.explorers import Explore

    calls = [call for call in called(source, "explore") if call[0] in Explore.CLASSES and not call[1]]
    return Live(calls[-1][0], tuple(calls[-1][2].items())) if calls else None


def write(live: Live, folder: pathlib.Path) -> pathlib.Path:
    """Write the live page of an explorer into a folder and return its path."""
    path = folder / live.file
    live.open().save_page(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(FRAMED.join(text.rsplit("</body>", 1)), encoding="utf-8")
    return path


def write_all(lives: list[Live], folder: pathlib.Path, jobs: int) -> list[pathlib.Path]:
    """Write several live pages, in as many processes as asked for; each page is some seconds of solving."""
    if jobs == 1 or len(lives) < 2:
        return [write(live, folder) for live in lives]
    with ProcessPoolExecutor(min(jobs, len(lives)), mp_context=get_context("spawn")) as pool:
        return list(pool.map(write, lives, [folder] * len(lives)))


def frame(live: Live, still: str, words: str) -> str:
    """Return the HTML of a live page inside a lesson; the picture stands in on paper and without scripts.

    Parameters
    ----------
    live : Live
        The explorer.
    still : str
        Address of the stored picture.
    words : str
        Description of the picture.
    """
    title = escape(live.title)
    part = "" if live.name == "claims" else "<span>Here with its main controls; the notebook has all of them.</span>"
    return f"""<figure class="live wide">
<iframe src="live/{live.file}" title="{title} (live)" loading="lazy" allow="fullscreen"></iframe>
<img class="still" src="{escape(still)}" alt="{escape(words)}" loading="lazy">
<figcaption><span>Live: <strong>{title}</strong></span> {part}
<a href="live/{live.file}">Open it on its own page</a></figcaption>
</figure>
"""
