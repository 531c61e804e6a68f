"""Frames of a live picture: what the browser must set so that the drawn scene shows a state.

`Recorder` reads a scene's live things into a `Frame`; `encode` packs one frame, or a sweep, for the wire.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.path import Path

from vmo_edu.figures.scene import Curve, Scene, matrix_of

UNITS = 20
"""Coordinates travel as whole numbers of 1/20 SVG unit: 0.05 px, finer than a screen shows."""

RAW_LIMIT = 6000
"""Bytes up to which a message is not worth the compressor's time on either side."""

_LETTER = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}
_NONE = np.zeros(0, np.int16)


@dataclass(frozen=True)
class Frame:
    """One state of the picture with the words and numbers that go with it.

    Attributes
    ----------
    values : dict
        Every control's value; a frame is found again by these.
    shapes : dict of str to (str, numpy.ndarray)
        For each visible curve its path letters (one per vertex) and coordinates (x, y, x, y ... in 1/20 px).
    looks : dict of str to dict
        For each live thing its other SVG attributes, as text.
    says : dict
        Description, readouts and whatever else the page shows as text.
    """

    values: dict
    shapes: dict = field(repr=False)
    looks: dict = field(repr=False)
    says: dict = field(default_factory=dict, repr=False)


class Recorder:
    """Reads frames off a scene that has just been updated.

    Parameters
    ----------
    scene : Scene
        It is drawn once here: axes only know where they are after drawing.
    """

    def __init__(self, scene: Scene):
        self.scene = scene
        self.svg = clean_svg(scene.svg(), scene.uid, scene.live)
        self._known: dict[str, tuple] = {}
        self._letters: dict[bytes, str] = {}

    def record(self, values: Mapping, says: Mapping) -> Frame:
        """Return the scene as it is now as a `Frame`."""
        shapes, looks = {}, {}
        for gid, live in self.scene.live.items():
            if not isinstance(live, Curve):
                looks[gid] = live.attributes()
            elif live.look["visible"]:
                shapes[gid] = self._shape(gid, live)
                looks[gid] = self._paint(gid, live)
            else:
                looks[gid] = {"display": "none"}
        return Frame(dict(values), shapes, looks, dict(says))

    def _shape(self, gid: str, curve: Curve) -> tuple[str, np.ndarray]:
        """Letters and coordinates of a curve; a path object seen last time is not worked out again."""
        known = self._known.get(gid)
        if known is not None and known[0] is curve.path:
            return known[1]
        path = curve.path
        codes = path.codes
        letters = self._letters_of(codes, len(path.vertices))
        vertices = path.vertices if "Z" not in letters else path.vertices[codes != Path.CLOSEPOLY]
        matrix = matrix_of(curve.ax)
        points = np.rint(UNITS * (vertices @ matrix[:2, :2].T + matrix[:2, 2]))
        shape = letters, np.clip(points, -32768, 32767).astype(np.int16).ravel()
        self._known[gid] = (path, shape)
        return shape

    def _letters_of(self, codes: np.ndarray | None, n: int) -> str:
        if codes is None:
            return "M" + "L" * (n - 1) if n else ""
        key = codes.tobytes()
        found = self._letters.get(key)
        if found is None:
            if len(self._letters) > 500:  # paths of ever new lengths must not fill the memory
                self._letters.clear()
            found = self._letters[key] = "".join(_LETTER[code] for code in codes.tolist())
        return found

    def _paint(self, gid: str, curve: Curve) -> dict[str, str]:
        """Colours and widths as SVG text, worked out again only when the curve's look has changed."""
        look = tuple(curve.look.values())
        known = self._known.get(("look", gid))
        if known is None or known[0] != look:
            known = self._known[("look", gid)] = look, curve.paint()
        return known[1]


def clean_svg(svg: str, uid: str, live: Mapping) -> str:
    """Make matplotlib's SVG fit to stand inside a page beside others.

    The style sheet that would reach the whole page goes (front.css says the same for this picture alone),
    so do ids that are not needed and namespaces, and live groups are marked with `data-gid`.
    """
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.S)
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg).replace("xlink:href", "href")
    svg = re.sub(
        r'<g id="' + re.escape(uid) + r'-([^"]+)"',
        lambda m: f'<g data-gid="{m[1]}"' if m[1] in live else f'<g data-part="{m[1]}"',
        svg,
    )
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r'<g data-part="[a-z]+_\d+"', "<g", svg)
    return re.sub(r"\s*\n\s*", " ", svg)


def changed(frame: Frame, before: Frame | None) -> Frame:
    """Return only what differs from `before`: the frame itself if there is none before."""
    if before is None:
        return frame
    shapes = {gid: shape for gid, shape in frame.shapes.items() if not _same(shape, before.shapes.get(gid))}
    looks = {gid: look for gid, look in frame.looks.items() if look != before.looks.get(gid)}
    return Frame(frame.values, shapes, looks, frame.says)


def _same(shape: tuple, other: tuple | None) -> bool:
    return other is not None and (
        shape is other or (shape[0] == other[0] and np.array_equal(shape[1], other[1]))
    )


def encode(frames: Sequence[Frame], extra: Mapping | None = None) -> bytes:
    """Pack frames, best in the order of a slider so that neighbours are alike, for `decode` in front.js.

    A JSON head holds texts and looks; then come the coordinates as 16-bit numbers, each frame as the
    difference from the frame before it, low bytes first and high bytes after (both compress far better so).
    A first byte of 1 says that zlib was used, 0 that it was not.

    Parameters
    ----------
    frames : sequence of Frame
        At least one.
    extra : mapping, optional
        More for the head, anything JSON can hold.

    Returns
    -------
    bytes
    """
    columns, numbers = [], []
    for gid in _gids(frame.shapes for frame in frames):
        by_letters: dict[str, list[int]] = {}
        for i, frame in enumerate(frames):
            if gid in frame.shapes:
                by_letters.setdefault(frame.shapes[gid][0], []).append(i)
        for letters, where in by_letters.items():
            rows = np.stack([frames[i].shapes[gid][1] for i in where])
            still = len(where) > 1 and bool((rows == rows[0]).all())
            columns.append(
                [gid, letters, rows.shape[1], None if len(where) == len(frames) else where, int(still)]
            )
            numbers.append(_differences(rows[:1] if still else rows))
    head = {
        "n": len(frames),
        "values": [frame.values for frame in frames],
        "shapes": columns,
        "looks": _looks(frames),
        "says": [frame.says for frame in frames],
        **(extra or {}),
    }
    words = json.dumps(head, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    planes = (np.concatenate(numbers) if numbers else _NONE).astype("<i2").view(np.uint8).reshape(-1, 2)
    body = struct.pack("<I", len(words)) + words + planes[:, 0].tobytes() + planes[:, 1].tobytes()
    return b"\0" + body if len(body) < RAW_LIMIT else b"\1" + zlib.compress(body, 5)


def _differences(rows: np.ndarray) -> np.ndarray:
    """Each row minus the row before; the first row minus its own previous point. Wraps around at 16 bits."""
    out = rows.copy()
    out[1:] -= rows[:-1]
    out[0, 2:] -= rows[0, :-2]
    return out.ravel()


def _gids(parts: Sequence[Mapping]) -> list[str]:
    return list(dict.fromkeys(gid for part in parts for gid in part))


def _looks(frames: Sequence[Frame]) -> dict:
    """Looks by live thing: one dict if all frames agree, else {"pool": [...], "at": [index by frame]}."""
    out = {}
    for gid in _gids(frame.looks for frame in frames):
        looks = [frame.looks.get(gid) for frame in frames]
        pool, at, place = [], [], {}
        for look in looks:
            key = json.dumps(look)
            if key not in place:
                place[key] = len(pool)
                pool.append(look)
            at.append(place[key])
        out[gid] = pool[0] if len(pool) == 1 else {"pool": pool, "at": at}
    return out


def decode(data: bytes) -> tuple[list[Frame], dict]:
    """Unpack what `encode` packed: (frames, head). The browser has its own; this one serves tests."""
    body = zlib.decompress(data[1:]) if data[:1] == b"\1" else data[1:]
    (length,) = struct.unpack_from("<I", body)
    head = json.loads(body[4 : 4 + length])
    raw = np.frombuffer(body, np.uint8, offset=4 + length)
    half = len(raw) // 2
    numbers = np.stack([raw[:half], raw[half:]], axis=1).ravel().view("<i2").astype(np.int16)
    shapes: list[dict] = [{} for _ in range(head["n"])]
    place = 0
    for gid, letters, width, where, still in head["shapes"]:
        where = range(head["n"]) if where is None else where
        count = 1 if still else len(where)
        rows = numbers[place : place + count * width].reshape(count, width).copy()
        place += count * width
        if count:
            for axis in (0, 1):
                rows[0, axis::2] = np.cumsum(rows[0, axis::2], dtype=np.int16)
            rows = np.cumsum(rows, axis=0, dtype=np.int16)
        for k, i in enumerate(where):
            shapes[i][gid] = letters, rows[0 if still else k]
    looks: list[dict] = [{} for _ in range(head["n"])]
    for gid, look in head["looks"].items():
        for i in range(head["n"]):
            one = look["pool"][look["at"][i]] if "pool" in look else look
            if one is not None:
                looks[i][gid] = one
    return [
        Frame(v, s, k, t) for v, s, k, t in zip(head["values"], shapes, looks, head["says"], strict=True)
    ], head
