"""A saved page: one HTML file with the picture, the main controls and their frames, that needs nothing else.

It runs the same front.js as the notebook. All frames it can show are computed here and packed into the file.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import math
import pathlib
import re
import zlib
from typing import TYPE_CHECKING, Any

from vmo_edu.live.frames import Frame, encode

if TYPE_CHECKING:
    from vmo_edu.explorers.base import Explorer

HERE = pathlib.Path(__file__).parent
LIMIT = 2_900_000
"""Bytes of the whole file."""
MOST = 6000
"""Frames of one page: more would take the kernel and the reader's browser too long."""

LICENCE = (
    "Part of vmo_edu, a course on the vastus medialis obliquus. Text and picture: CC BY 4.0; program: "
    "BSD 3-Clause. A teaching model, not medical advice."
)

# Finest to coarsest: points of the first, second and third main control, around the opening state | elsewhere
LADDER = (
    ((46, 11, 7), (31, 6, 1)),
    ((31, 9, 5), (19, 5, 1)),
    ((31, 7, 4), (16, 3, 1)),
    ((19, 7, 3), (13, 3, 1)),
    ((16, 5, 3), (10, 2, 1)),
    ((13, 5, 2), (7, 1, 1)),
    ((10, 3, 2), (5, 1, 1)),
    ((7, 2, 1), (3, 1, 1)),
)


def page(explorer: Explorer) -> str:
    """Return an explorer as one HTML page of at most 3 MB that works offline, also from a disk or in an LMS.

    The page keeps the controls named in ``explorer.main``, with every combination of as many of their values
    as fit, and all presets. It holds each layout of its scene, so that it can be read on a phone.

    Parameters
    ----------
    explorer : Explorer
        The page opens in its present state.

    Returns
    -------
    str
        HTML without any address of another host.
    """
    copy = type(explorer)(preset=explorer._preset, **explorer.state())  # without a baseline, and undisturbed
    for fine, coarse in LADDER[_first_rung(copy) :]:
        text = _write(copy, fine, coarse)
        if len(text.encode()) <= LIMIT:
            break
    copy.close()
    return text


def _first_rung(explorer: Explorer) -> int:
    """Skip grids that are sure to be too large, judged by the size of one packed sweep of each layout."""
    bases, kept, size = _bases(explorer), _kept(explorer), _bytes_per_frame(explorer)
    for rung, (fine, coarse) in enumerate(LADDER):
        count = sum(
            math.prod(len(p) for p in _points(kept, base, fine if i == 0 else coarse).values())
            for i, base in enumerate(bases)
        )
        if count * size < 1.2 * LIMIT and count * len(explorer.scene.sizes) < MOST:
            return rung
    return len(LADDER) - 1


def _bytes_per_frame(explorer: Explorer) -> float:
    """Bytes in the file for one state: measured on a sweep of the first kept control, for each layout."""
    kept, start = _kept(explorer), explorer.state()
    points = _points(kept[:1], start, (16,))[kept[0].name] if kept else [None]
    frames = (
        list(explorer.frames([{**start, kept[0].name: p} for p in points])) if kept else [explorer.frame()]
    )
    return len(encode(frames)) / len(frames) * 4 / 3 * len(explorer.scene.sizes)


def _kept(explorer: Explorer) -> list:
    return [c for c in explorer.controls if c.name in explorer.main]


def _bases(explorer: Explorer) -> list[dict[str, Any]]:
    """The states around which the kept controls can move: as opened, at rest, each preset; no two alike."""
    defaults = {c.name: c.default for c in explorer.controls}
    wanted = [explorer.state(), defaults, *({**defaults, **preset} for preset in explorer.presets.values())]
    out: list[dict[str, Any]] = []
    for base in wanted:
        if base not in out:
            out.append(base)
    return out


def _key(explorer: Explorer, values: dict[str, Any]) -> str:
    """The controls that the page does not keep, as front.js writes them."""
    return json.dumps(
        [
            values[c.name]
            if not isinstance(values[c.name], float) or values[c.name] % 1
            else int(values[c.name])
            for c in explorer.controls
            if c.name not in explorer.main
        ],
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _points(controls: list, base: dict[str, Any], counts: tuple[int, ...]) -> dict[str, list]:
    """Values of each kept control: evenly spread steps, both ends, the default and the base's own."""
    order = [*counts, *[1] * len(controls)]
    out = {}
    for control, count in zip(controls, order, strict=False):
        if control.kind != "slider":
            all_values = list(control.options) if control.kind == "choice" else [False, True]
            out[control.name] = all_values if count > 1 else [base[control.name]]
            continue
        steps = round((control.high - control.low) / control.step)
        places = {round(i * steps / (count - 1)) for i in range(count)} if count > 1 else set()
        values = {round(control.low + i * control.step, 6) for i in places}
        out[control.name] = sorted(
            {float(v) for v in values | {base[control.name]}}
            | ({float(control.default)} if count > 1 else set())
        )
    return out


def _grids(explorer: Explorer, fine: tuple, coarse: tuple) -> dict[str, dict[str, list]]:
    """For each setting of the controls that are not kept, the values of those that are."""
    grids: dict[str, dict[str, set]] = {}
    for i, base in enumerate(_bases(explorer)):
        found = _points(_kept(explorer), base, fine if i == 0 else coarse)
        grid = grids.setdefault(_key(explorer, base), {name: set() for name in found})
        for name, values in found.items():
            grid[name] |= set(values)
    return {key: {name: sorted(values) for name, values in grid.items()} for key, grid in grids.items()}


def _blocks(explorer: Explorer, grids: dict[str, dict[str, list]]) -> list[str]:
    """All frames of the drawn layout, packed along the first kept control."""
    blocks, seen = [], set()
    for base in _bases(explorer):
        key = _key(explorer, base)
        if key in seen:
            continue
        seen.add(key)
        names = list(grids[key])
        lists = [grids[key][name] for name in reversed(names)]  # the first control changes fastest
        states = [
            {**base, **dict(zip(reversed(names), values, strict=True))}
            for values in itertools.product(*lists)
        ]
        run = len(grids[key][names[0]]) if names else 1
        frames: list[Frame] = []
        for start in range(0, len(states), run):  # one batch of the model for each sweep
            frames += explorer.frames(states[start : start + run])
        blocks += [_base64(_smallest(encode(frames[i : i + 400]))) for i in range(0, len(frames), 400)]
    return blocks


def _smallest(data: bytes) -> bytes:
    """The same message, squeezed harder: a page is written once and sent often."""
    return b"\1" + zlib.compress(zlib.decompress(data[1:]) if data[:1] == b"\1" else data[1:], 9)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _write(explorer: Explorer, fine: tuple, coarse: tuple) -> str:
    grids = _grids(explorer, fine, coarse)
    pictures, blocks = {}, {}
    for layout in explorer.scene.sizes:
        explorer.arrange(layout)
        frame = explorer.frame()
        picture = explorer.picture()
        pictures[layout] = {**picture, "svg": _base64(zlib.compress(picture["svg"].encode(), 9))}
        blocks[layout] = _blocks(explorer, grids)
    spec = {**explorer._spec(), "kept": [c.name for c in _kept(explorer)]}
    data = {
        "spec": spec,
        "pictures": pictures,
        "blocks": blocks,
        "grids": grids,
        "values": explorer.state(),
        "preset": explorer._preset,
    }
    return _html(explorer, data, frame)


def _html(explorer: Explorer, data: dict[str, Any], frame: Frame) -> str:
    script = (HERE / "front.js").read_text(encoding="utf-8")
    style = (HERE / "front.css").read_text(encoding="utf-8")
    title, words = html.escape(explorer.title), html.escape(frame.says["describe"])
    content = json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    sources = "".join(f"<li>{html.escape(text)}</li>" for text in _sources(explorer))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0 auto; max-width: 1320px; padding: 8px; background: #fff; color: #1f2328;
  color-scheme: light; font: 14px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; }}
footer {{ margin: 24px 4px 8px; font-size: 13px; color: #4a4f57; max-width: 90ch; }}
footer h2 {{ font-size: 14px; }}
{style}
</style>
</head>
<body>
<main id="vmo"><noscript><h1>{title}</h1><p>{words}</p>
<p>The moving picture needs JavaScript.</p></noscript></main>
<footer>{"<h2>Sources</h2><ul>" + sources + "</ul>" if sources else ""}
<p>{html.escape(LICENCE)} To move every control and to see the numbers, open this in the notebook:
<code>{html.escape(explorer.code())}</code></p></footer>
<script type="application/json" id="vmo-data">{content}</script>
<script type="module">
{script}
mountPage(JSON.parse(document.getElementById("vmo-data").textContent), document.getElementById("vmo"));
</script>
</body>
</html>
"""


def _sources(explorer: Explorer) -> list[str]:
    """Whole references as plain text; addresses lose their protocol, so that the page names no other host."""
    from vmo_edu.evidence import cite

    return [re.sub(r"https?://", "", cite(key).full) for key in explorer.sources]
