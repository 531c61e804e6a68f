"""Does the site hold together? Every link and picture inside it exists, and nothing comes from elsewhere."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

LOADED = {"src", "data", "poster", "srcset", "background", "action", "formaction"}
"""Attributes that make a browser fetch something; `href` does so too where it is not in an anchor."""


class _Page(HTMLParser):
    """Collects ids, links, what is loaded, and pictures without words."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.mute = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            self.ids.append(given["id"])
        for name, value in given.items():
            if name in LOADED and not (tag == "meta" or value.startswith("data:")):
                self.loads.append(value)
            elif name in ("href", "xlink:href"):
                (self.links if tag == "a" else self.loads).append(value)
        self.mute += tag == "img" and "alt" not in given


def faults(folder: pathlib.Path | str) -> list[str]:
    """Return what is wrong with a built site, a sentence each; an empty list is good.

    Parameters
    ----------
    folder : path
        The folder that `build` wrote.
    """
    folder = pathlib.Path(folder)
    pages = {path: _read(path) for path in sorted(folder.rglob("*.html"))}
    found = [] if folder / "index.html" in pages else [f"{folder} has no index.html"]
    for path, page in pages.items():
        name = path.relative_to(folder)
        found += [f"{name}: {fault}" for fault in _page_faults(path, page, pages, folder)]
    for path in sorted(folder.rglob("*.css")):
        found += [
            f"{path.name}: loads something" for word in ("url(", "@import") if word in path.read_text("utf-8")
        ]
    return found


def _read(path: pathlib.Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def _page_faults(
    path: pathlib.Path, page: _Page, pages: dict[pathlib.Path, _Page], folder: pathlib.Path
) -> Iterator[str]:
    """Yield the faults of one page."""
    for twice in sorted({one for one in page.ids if page.ids.count(one) > 1}):
        yield f"the id {twice!r} stands there twice"
    if page.mute:
        yield f"{page.mute} pictures without alt text"
    for url in page.loads:
        if urlsplit(url).scheme or urlsplit(url).netloc:
            yield f"loads {url[:80]!r} from another place"
    for url in [*page.links, *page.loads]:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
        if parts.scheme or parts.netloc or not target.is_relative_to(folder.resolve()):
            yield f"the link {url[:80]!r} leaves the site"
        elif not target.is_file():
            yield f"the link {url!r} leads nowhere"
        elif parts.fragment and target.suffix == ".html":
            other = pages.get(folder / target.relative_to(folder.resolve()))
            if other is None or unquote(parts.fragment) not in other.ids:
                yield f"the link {url!r} names a place that is not on that page"
