"""Every explorer of the course: presets, words, tables, sweeps that equal single frames, errors, static fallback."""

from __future__ import annotations

import re

import numpy as np
import pytest

from vmo_edu import evidence, explore
from vmo_edu.errors import InputError, UnknownInputError
from vmo_edu.explorers.base import Choice, Explorer, Slider
from vmo_edu.figures import style
from vmo_edu.figures.scene import Curve

NAMES = [name for name in dir(explore) if name != "claims"]      # the ledger of claims has tests of its own


@pytest.fixture(scope="module", params=NAMES)
def lab(request):
    """Each explorer once."""
    explorer = getattr(explore, request.param)()
    yield explorer
    explorer.close()


@pytest.fixture(autouse=True)
def fresh(lab):
    """Start every test from the defaults, without baseline."""
    lab.reset()


def some_values(control):
    """The ends, the default and a few values between of one control."""
    if isinstance(control, Slider):
        steps = round((control.high - control.low) / control.step)
        picks = {0, steps, steps // 3, 2 * steps // 3}
        return sorted({min(control.high, round(control.low + k * control.step, 10)) for k in picks} | {control.default})
    return list(control.options) if isinstance(control, Choice) else [False, True]


def test_it_is_an_explorer_with_a_title_and_presets(lab):
    assert isinstance(lab, Explorer) and lab.title and len(lab.presets) >= 2
    assert set(lab.main) <= set(lab.state()) and lab.play in (None, *lab.state())


def test_every_preset_speaks_and_shows(lab):
    seen = set()
    for name in lab.presets:
        lab.set(preset=name)
        text = lab.describe()
        assert text[0].isupper() and text.endswith((".", "!", "?")), text
        assert "nan" not in text.lower() and not re.search(r"-\d", text), f"{name}: {text}"
        assert all(len(row) == 4 and "nan" not in row[1] for row in lab.readouts())
        assert len(lab.table()) > 0
        seen.add(text)
    assert len(seen) > len(lab.presets) / 2, "most presets should mean something of their own"


def test_code_opens_the_same_state(lab):
    lab.set(preset=list(lab.presets)[-1])
    twin = eval(lab.code(), {"explore": explore})  # noqa: S307 the line that Copy state gives
    assert twin.state() == lab.state() and twin.describe() == lab.describe()
    twin.close()


def test_a_sweep_gives_the_frames_of_single_states(lab):
    """What the page shows during a drag is what the kernel shows at rest."""
    values = lab.state()
    for control in lab.controls:
        points = some_values(control)
        swept = list(lab.frames([{**values, control.name: point} for point in points]))
        assert len(swept) == len(points), control.name
        for point, frame in zip(points, swept, strict=True):
            alone = lab.set(**{control.name: point}).frame()
            assert frame.says == alone.says, (control.name, point)
            assert _seen(frame) == _seen(alone), (control.name, point)
            assert frame.shapes.keys() == alone.shapes.keys()
            for gid, (letters, xy) in frame.shapes.items():
                assert letters == alone.shapes[gid][0], gid
                assert np.abs(xy.astype(int) - alone.shapes[gid][1]).max(initial=0) <= 1, (control.name, point, gid)
        lab.reset()


def _seen(frame):
    """Attributes of what can be seen: where a hidden thing was left makes no difference."""
    return {gid: look if look.get("display") != "none" else "hidden" for gid, look in frame.looks.items()}


def test_every_control_changes_picture_or_words(lab):
    """A control that does nothing anywhere would be a stub. It may depend on the preset (a model's own setting)."""
    for control in lab.controls:
        changed = False
        for preset in lab.presets:
            frames = list(lab.frames([{**lab._defaults, **lab.presets[preset], control.name: point}
                                      for point in some_values(control)]))
            changed = changed or any(_differ(frames[0], frame) for frame in frames[1:])
            if changed:
                break
        assert changed, control.name


def _differ(one, other):
    same = one.looks == other.looks and one.says == other.says and one.shapes.keys() == other.shapes.keys()
    return not same or any(not np.array_equal(one.shapes[g][1], other.shapes[g][1]) for g in one.shapes)


def test_bad_input_is_named_and_changes_nothing(lab):
    before = lab.state()
    with pytest.raises(UnknownInputError, match=re.escape(next(iter(lab.presets)))):
        lab.set(preset="nope")
    with pytest.raises(UnknownInputError, match=lab.controls[0].name):
        lab.set(nope=1)
    for control in lab.controls:
        with pytest.raises(InputError, match=control.name):
            lab.set(**{control.name: "quite wrong"})
    assert lab.state() == before


def test_words_say_what_changed_against_the_pinned_state(lab):
    lab.pin()
    lab.set(preset=list(lab.presets)[1])
    pinned = lab.describe()
    lab.pin(False)
    assert "pinned" in pinned and "pinned" not in lab.describe()


def test_the_picture_shows_the_pinned_state_dashed(lab):
    for layout in lab.scene.sizes:
        lab.arrange(layout)
        lab.set(preset=list(lab.presets)[1])
        plain, lives = lab.frame(), lab._scene.live
        lab.pin()
        ghosts = [gid for gid, look in lab.frame().looks.items()
                  if look.get("display") != "none" and plain.looks[gid].get("display") == "none"]
        curves = [lives[gid] for gid in ghosts if isinstance(lives[gid], Curve)]
        curves += [one.curve for gid in ghosts for one in getattr(lives[gid], "artists", []) if hasattr(one, "curve")]
        assert curves, "pinning shows nothing"
        assert all(curve.linestyle == "--" and curve.look["edgecolor"] == style.GHOST for curve in curves)
        lab.pin(False)
        assert _seen(lab.frame()) == _seen(plain)
        for gid, (letters, xy) in plain.shapes.items():
            assert lab.frame().shapes[gid][0] == letters and np.array_equal(lab.frame().shapes[gid][1], xy), gid
    lab.arrange("wide")


def test_tables_lose_no_names_of_rows(lab):
    """A CSV keeps the index if it has a name, so an index of words must have one."""
    index = lab.table().index
    assert index.name or index.dtype.kind == "i"


def test_a_page_without_kernel_gets_picture_and_words(lab):
    bundle, _ = lab._repr_mimebundle_()
    assert bundle["image/png"] and lab.describe() in bundle["text/plain"]


def test_sources_exist(lab):
    assert lab.sources and all(evidence.cite(key).key == key for key in lab.sources)
