"""What every explorer does, shown on the demo: values, presets, baseline, code line, files, errors."""

from __future__ import annotations

import copy
import gc
import re
import sys
import threading

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.demo import LOOKS, DemoExplorer, DemoScene
from vmo_edu.errors import InputError, UnknownInputError
from vmo_edu.explorers import explore
from vmo_edu.explorers.base import Choice, Slider, Toggle, knee_slider
from vmo_edu.explorers.common import PICTURES
from vmo_edu.live.frames import decode


@pytest.fixture
def lab():
    """A demo explorer, closed afterwards."""
    explorer = DemoExplorer()
    yield explorer
    explorer.close()


def listen(explorer):
    """Collect what the widget sends, as (content, buffers)."""
    sent = []
    explorer.widget.send = lambda content, buffers=None: sent.append((content, buffers or []))
    return sent


def post(explorer, **message):
    """A message as front.js sends it."""
    explorer.widget._on_message(explorer.widget, {"client": "me", "seq": 1, **message}, [])


class TestValues:
    """set, reset, state and code."""

    def test_defaults(self, lab):
        assert lab.state() == {"angle": 30, "size": 1, "look": "low", "more": True}
        assert lab.code() == "explore.demo()"

    def test_set_and_code_give_the_same_explorer(self, lab):
        lab.set(preset="Tall and red", angle=12.5, more=False)
        assert lab.code() == 'explore.demo(preset="Tall and red", angle=12.5, more=False)'
        twin = eval(lab.code(), {"explore": type("E", (), {"demo": DemoExplorer})})  # noqa: S307 our own text
        assert twin.state() == lab.state()
        assert twin.describe() == lab.describe()

    def test_preset_starts_from_defaults(self, lab):
        lab.set(angle=80)
        lab.set(preset="Flat")
        assert lab.state() == {"angle": 30, "size": 0.0, "look": "low", "more": True}

    def test_set_keeps_the_preset(self, lab):
        lab.set(preset="Flat").set(angle=40)
        assert lab.code() == 'explore.demo(preset="Flat", angle=40)'

    def test_reset(self, lab):
        lab.set(preset="Tall and red", angle=3).pin().reset()
        assert lab.code() == "explore.demo()"
        assert lab.baseline is None

    def test_state_is_a_copy(self, lab):
        lab.state()["angle"] = 5
        assert lab.state()["angle"] == 30

    @settings(max_examples=25, deadline=None)
    @given(
        angle=st.floats(0, 90),
        size=st.floats(0, 1.9),
        look=st.sampled_from(["low", "high"]),
        more=st.booleans(),
    )
    def test_any_legal_state_round_trips(self, angle, size, look, more):
        lab = DemoExplorer(angle=angle, size=size, look=look, more=more)
        twin = eval(lab.code(), {"explore": type("E", (), {"demo": DemoExplorer})})  # noqa: S307 our own text
        assert twin.state()["look"] == look
        assert twin.state()["angle"] == pytest.approx(angle, rel=1e-9)


class TestErrors:
    """Each mistake gives one sentence that names what is allowed, and changes nothing."""

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"preset": "nope"}, "preset must be one of 'Flat', 'Tall and red'; got 'nope'"),
            ({"speed": 3}, "no control 'speed'; it has angle, size, look, more"),
            ({"angle": -1}, "angle must be between 0 and 90 °; got -1"),
            ({"angle": float("nan")}, "angle must be between 0 and 90"),
            ({"angle": "30"}, "angle must be between 0 and 90"),
            ({"look": "green"}, "look must be one of 'low', 'high'; got 'green'"),
            ({"more": 1}, "more must be True or False; got 1"),
        ],
    )
    def test_message(self, lab, wrong, words):
        with pytest.raises(InputError, match=r".*") as caught:
            lab.set(**wrong)
        assert words in str(caught.value)
        assert lab.code() == "explore.demo()"
        with pytest.raises(InputError):
            DemoExplorer(**wrong)

    def test_an_unknown_action_is_refused_and_keeps_the_baseline(self, lab):
        lab.pin()
        with pytest.raises(InputError, match="action must be one of 'pin', 'unpin', 'reset'; got 'bogus'"):
            lab.act("bogus")
        assert lab.baseline is not None and lab.status()["era"] == 1

    @pytest.mark.parametrize("wrong", ["no", 1, None])
    def test_pin_takes_true_or_false(self, lab, wrong):
        with pytest.raises(InputError, match="pin takes True or False"):
            lab.pin(wrong)
        assert lab.baseline is None

    def test_an_unknown_file_is_refused(self, lab):
        with pytest.raises(InputError, match="what must be one of 'picture', 'data', 'page'; got 'video'"):
            lab.files("video")

    def test_solve_that_fails_leaves_the_state(self, lab):
        with pytest.raises(InputError, match="1.95"):
            lab.set(size=1.95)
        assert lab.state()["size"] == 1

    def test_no_such_explorer(self):
        with pytest.raises(AttributeError, match="there are overview, q_angle"):
            _ = explore.knee

    def test_knee_slider(self):
        slider = knee_slider("tubercle_offset", label="Tubercle")
        assert (slider.label, slider.unit, slider.low) == ("Tubercle", "mm", -15)
        with pytest.raises(UnknownInputError, match="vmo"):
            knee_slider("speed")

    def test_controls_check_themselves(self):
        assert Choice("a", "A", {"x": "X", "y": "Y"}).default == "x"
        assert Slider("a", "A", "", 0, 1, 0.1, 0).check(1) == 1.0
        with pytest.raises(InputError):
            Toggle("a", "A").check("on")


class TestWords:
    """Description, readouts, table, files."""

    def test_describe_speaks_of_now_or_of_a_state(self, lab):
        lab.set(size=0.5)
        assert lab.describe() == "The waves are 0.5 high at 30 degrees."
        other = lab.solve({**lab.state(), "size": 2.0})
        assert lab.describe(other).startswith("The waves are 2 high")

    @pytest.mark.parametrize(("name", "row"), [("pull", "vmo"), ("q_angle", "asis")])
    def test_data_keep_the_names_of_their_rows(self, tmp_path, name, row):
        lab = getattr(explore, name)()
        saved = lab.save_data(tmp_path / "a.csv").read_bytes()
        assert lab.files("data") == (f"{name}.csv", saved)
        rows = saved.decode().splitlines()
        assert rows[0].split(",")[0] == lab.table().index.name
        assert row in [line.split(",")[0] for line in rows[1:]]
        assert len({line.count(",") for line in rows}) == 1
        lab.close()

    def test_lines_of_data_end_alike_on_every_system(self, lab, tmp_path, monkeypatch):
        monkeypatch.setattr("os.linesep", "\r\n")  # what pandas writes on Windows
        assert b"\r" not in lab.save_data(tmp_path / "a.csv").read_bytes()
        assert b"\r" not in lab.files("data")[1]

    def test_table_and_data(self, lab, tmp_path):
        assert list(lab.table().columns) == ["quantity", "value", "unit"]
        text = lab.save_data(tmp_path / "a.csv").read_text()
        assert text.splitlines()[0] == "quantity,value,unit"

    @pytest.mark.parametrize(
        ("name", "start"),
        [
            ("a.png", b"\x89PNG"),
            ("a.svg", b"<svg"),
            ("a.PDF", b"%PDF"),
            ("a.jpg", b"\xff\xd8"),
            ("a.tif", b"II*"),
            ("a.webp", b"RIFF"),
        ],
    )
    def test_picture(self, lab, tmp_path, name, start):
        assert lab.save_picture(tmp_path / name).read_bytes().startswith(start)

    @pytest.mark.parametrize("name", ["a.xyz", "a"])
    def test_picture_of_an_unknown_kind(self, lab, tmp_path, name):
        with pytest.raises(InputError, match=re.escape(f"end in .{', .'.join(PICTURES)}; got '{name}'")):
            lab.save_picture(tmp_path / name)
        assert not list(tmp_path.iterdir())

    def test_static_fallback(self, lab):
        data, _ = lab._repr_mimebundle_()
        assert data["text/plain"] == "Waves to try the controls. The waves are 1 high at 30 degrees."
        assert data["image/png"].startswith("iVBOR")
        assert "application/vnd.jupyter.widget-view+json" in data


class TestMessages:
    """The kernel's side of the conversation with front.js."""

    def test_set_is_answered_with_what_changed(self, lab):
        sent = listen(lab)
        post(lab, type="set", values={**lab.state(), "angle": 40}, preset=None)
        ((content, (data,)),) = sent
        assert content["type"] == "frame"
        (frame,), head = decode(bytes(data))
        assert head["client"] == "me" and head["seq"] == 1 and head["code"] == "explore.demo(angle=40)"
        assert frame.values["angle"] == 40
        assert "knob" in frame.looks and "dot" not in frame.shapes  # what did not change is not sent
        assert lab.state()["angle"] == 40

    def test_numbers_grow_and_build_on_each_other(self, lab):
        sent = listen(lab)
        for angle in (1, 2, 3):
            lab.set(angle=angle)
        heads = [decode(bytes(buffers[0]))[1] for _, buffers in sent]
        assert [h["rev"] for h in heads] == [1, 2, 3]
        assert [h["basis"] for h in heads] == [0, 1, 2]

    def test_a_picture_drawn_anew_has_a_number_of_its_own(self, lab):
        sent = listen(lab)
        lab.set(angle=1)
        post(lab, type="layout", layout="wide")
        lab.set(angle=2)
        heads = [decode(bytes(buffers[0]))[1] for _, buffers in sent]
        assert [head["rev"] for head in heads] == [1, 2, 3]
        assert heads[1]["full"] and [heads[0]["basis"], heads[2]["basis"]] == [0, 2]

    def test_a_frame_has_the_colours_of_its_state(self, lab):
        for look in ("low", "high", "low"):
            looks = lab.set(look=look).frame().looks
            assert {looks[f"line{i}"]["stroke"] for i in range(9)} == {LOOKS[look].lower()}

    def test_partial_frames_add_up_to_the_full_one(self, lab):
        sent = listen(lab)
        (frame,), _ = decode(lab.widget.now)
        shapes, looks = dict(frame.shapes), dict(frame.looks)
        rng = np.random.default_rng(1)
        for _ in range(20):
            lab.set(
                angle=float(rng.integers(0, 90)),
                look=str(rng.choice(["low", "high"])),
                more=bool(rng.integers(2)),
            )
            (part,), _ = decode(bytes(sent[-1][1][0]))
            shapes.update(part.shapes)
            looks.update(part.looks)
        (full,), _ = decode(lab.widget._full())
        assert looks == full.looks
        for gid, (letters, points) in full.shapes.items():
            assert shapes[gid][0] == letters
            np.testing.assert_array_equal(shapes[gid][1], points)

    def test_sweep_is_what_set_would_give(self, lab):
        sent = listen(lab)
        post(lab, type="sweep", era=0, values=lab.state(), changes=[{"size": s} for s in (0.0, 0.5, 2.0)])
        frames, _ = decode(bytes(sent[0][1][0]))
        assert lab.state()["size"] == 1  # looking ahead changes nothing
        for frame in frames:
            lab.set(**frame.values)
            exact = lab.frame()
            assert exact.looks == frame.looks and exact.says == frame.says
            for gid, (letters, points) in exact.shapes.items():
                assert frame.shapes[gid][0] == letters
                np.testing.assert_array_equal(frame.shapes[gid][1], points)

    def test_sweep_leaves_out_what_the_model_refuses(self, lab):
        sent = listen(lab)
        post(lab, type="sweep", era=0, values=lab.state(), changes=[{"size": s} for s in (1.9, 1.95, 2.0)])
        frames, _ = decode(bytes(sent[0][1][0]))
        assert [frame.values["size"] for frame in frames] == [1.9, 2.0]

    def test_stale_sweep_is_not_computed(self, lab):
        lab.pin()
        sent = listen(lab)
        post(lab, type="sweep", era=0, values=lab.state(), changes=[{"size": 0.0}])
        assert sent == [({"type": "block", "client": "me", "seq": 1}, [])]

    def test_error_is_shown_and_strict_raises(self, lab, monkeypatch):
        sent = listen(lab)
        monkeypatch.delenv("VMO_EDU_STRICT", raising=False)
        post(lab, type="set", values={**lab.state(), "size": 1.95}, preset=None)
        assert sent[-1][0]["type"] == "error" and "1.95" in sent[-1][0]["text"]
        assert lab.state()["size"] == 1
        monkeypatch.setenv("VMO_EDU_STRICT", "1")
        with pytest.raises(InputError):
            post(lab, type="set", values={**lab.state(), "size": 1.95}, preset=None)

    def test_a_file_holds_the_values_that_the_page_shows(self, lab):
        sent = listen(lab)
        post(lab, type="file", what="data", values={**lab.state(), "size": 0.0}, preset="Flat")
        ((content, (data,)),) = sent
        assert content == {"type": "file", "name": "demo.csv", "client": "me", "seq": 1}
        assert lab.code() == 'explore.demo(preset="Flat")' and bytes(data) == lab.files("data")[1]

    def test_an_error_of_the_program_is_named_by_its_kind(self, lab, monkeypatch):
        monkeypatch.delenv("VMO_EDU_STRICT", raising=False)
        monkeypatch.setattr(lab, "solve", lambda values: 1 / 0)
        sent = listen(lab)
        post(lab, type="set", values={**lab.state(), "angle": 5}, preset=None)
        assert sent[-1][0]["text"] == "ZeroDivisionError: division by zero"

    @pytest.mark.parametrize(
        "message",
        [
            {"type": "set", "values": {"angle": 1e9}},
            {"type": "set", "values": {"x": 1}},
            {"type": "what"},
            {},
            {"type": "set"},
            {"type": "layout", "layout": "round"},
        ],
    )
    def test_nonsense_is_an_error_and_changes_nothing(self, lab, message, monkeypatch):
        monkeypatch.delenv("VMO_EDU_STRICT", raising=False)
        before, sent = lab.state(), listen(lab)
        post(lab, **message)
        assert sent[-1][0]["type"] == "error"
        assert lab.state() == before

    def test_pin_shows_the_ghost(self, lab):
        sent = listen(lab)
        post(lab, type="act", action="pin", values={**lab.state(), "size": 2.0}, preset=None)
        (frame,), head = decode(bytes(sent[-1][1][0]))
        assert head["pinned"]["size"] == 2.0 and head["era"] == 1
        assert frame.looks["ghost"]["display"] == "inline"
        assert lab.baseline.values["size"] == 2.0
        lab.pin(False)
        assert lab.baseline is None and lab.frame().looks["ghost"] == {"display": "none"}

    def test_narrow_page_gets_the_tall_picture_with_its_baseline(self):
        lab = explore.q_angle(tubercle_offset=10.0).pin()
        sent = listen(lab)
        post(lab, type="layout", layout="tall")
        content, (data,) = sent[-1]
        assert content["type"] == "picture" and content["picture"]["layout"] == "tall"
        (frame,), head = decode(bytes(data))
        assert head["full"] and head["era"] == 2 and head["pinned"]["tubercle_offset"] == 10
        assert set(frame.looks) == set(lab._scene.live)
        assert lab.widget.get_state()["picture"]["layout"] == "tall"
        lab.close()

    def test_a_page_that_opens_later_gets_the_present(self, lab):
        widget = lab.widget
        lab.set(angle=77)
        state = widget.get_state()
        (frame,), head = decode(bytes(state["now"]))
        assert frame.values["angle"] == 77 and head["full"]

    def test_pages_that_are_open_hear_nothing_of_one_that_opens(self, lab, monkeypatch):
        sent = []
        monkeypatch.setattr(lab.widget, "send_state", lambda key=None: sent.append(key))
        lab.set(angle=77)
        assert lab.widget.get_state()["now"] and sent == []

    def test_from_many_threads(self, lab):
        """JupyterLab 4.4 with ipykernel 7 calls back on several threads."""
        sent, errors = listen(lab), []

        def work(k):
            try:
                for i in range(25):
                    post(lab, type="set", values={**lab.state(), "angle": float((7 * i + k) % 90)}, preset=None)
                    post(
                        lab,
                        type="sweep",
                        era=0,
                        values=lab.state(),
                        changes=[{"size": 0.1 * j} for j in range(5)],
                    )
            except Exception as error:  # pragma: no cover
                errors.append(error)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors
        revs = [decode(bytes(b[0]))[1]["rev"] for c, b in sent if c["type"] == "frame"]
        assert revs == list(range(1, 101))  # none overtook another
        (full,), _ = decode(lab.widget._full())
        assert full.values == lab.state()


class TestSettingsOfMatplotlib:
    """They belong to the whole process: no thread may leave its own behind or draw under those of another."""

    def test_two_threads_give_back_what_they_found(self):
        first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()

        class First(DemoScene):
            def build(self):
                first_in.set()
                second_in.wait(0.5)  # without a lock the second enters here and keeps what this one has set
                super().build()

        class Second(DemoScene):
            def build(self):
                second_in.set()
                first_out.wait(5)
                super().build()

        def first():
            First()
            first_out.set()

        def second():
            first_in.wait(5)
            Second()

        with matplotlib.rc_context():  # a failure must not spoil other tests
            before = dict(matplotlib.rcParams)
            together(first, second)
            assert dict(matplotlib.rcParams) == before

    def test_pictures_of_two_explorers_at_once(self):
        """Text stays text, and neither waits for the other for ever."""
        labs, pictures = [DemoExplorer(), DemoExplorer()], []

        def draw(lab):
            for i in range(8):
                lab.arrange("wide")
                pictures.append(lab.picture()["svg"])
                lab.files("picture")
                lab.set(angle=i)

        with matplotlib.rc_context():
            before = dict(matplotlib.rcParams)
            together(*(lambda lab=lab: draw(lab) for lab in labs))
            assert dict(matplotlib.rcParams) == before
        assert len(pictures) == 16 and all("nine waves &lt; &amp; &gt;</text>" in svg for svg in pictures)
        for lab in labs:
            lab.close()


def together(*works):
    """Run each in a thread of its own, often taking turns; fail if one fails or hangs."""
    errors = []

    def run(work):
        try:
            work()
        except BaseException as error:  # pragma: no cover
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    finally:
        sys.setswitchinterval(interval)
    assert not errors and not any(thread.is_alive() for thread in threads)


class TestMany:
    """Copies do not disturb each other and closed ones let go."""

    def test_two_are_independent(self):
        a, b = DemoExplorer(), DemoExplorer()
        assert a._drawn().uid != b._drawn().uid
        a.set(angle=10).pin()
        assert b.state()["angle"] == 30 and b.baseline is None
        assert b.frame().looks["ghost"] == {"display": "none"}

    def test_closed_keeps_its_numbers_and_lets_the_picture_go(self):
        lab = DemoExplorer(angle=10)
        lab._repr_mimebundle_()
        lab.close()
        assert lab._scene is None and lab._widget is None
        assert lab.state()["angle"] == 10 and "10 degrees" in lab.describe()
        assert set(lab._repr_mimebundle_()) == {"text/plain"}
        with pytest.raises(InputError, match="closed"):
            _ = lab.widget

    def test_rerun_cell_closes_the_old_one(self, monkeypatch):
        from vmo_edu.live import figure

        run = {"n": 0}
        monkeypatch.setattr(figure, "running_cell", lambda: ("cell-1", f"run-{run['n']}"))
        kept = []
        import ipywidgets

        for i in range(20):
            run["n"] = i
            kept.append(DemoExplorer())  # the notebook's Out[] keeps them all
            kept[-1]._repr_mimebundle_()
        gc.collect()
        still = [lab for lab in kept if lab._widget is not None]
        assert still == kept[-1:]
        alive = [
            w
            for w in ipywidgets.widgets.widget._instances.values()
            if isinstance(w, figure.LiveFigure) and w.cell == ("cell-1", "run-19")
        ]
        assert len(alive) == 1
        assert all(lab._scene is None for lab in kept[:-1])
        kept[-1].close()

    def test_two_in_one_cell_both_live(self, monkeypatch):
        from vmo_edu.live import figure

        monkeypatch.setattr(figure, "running_cell", lambda: ("cell-2", "run-0"))
        a, b = DemoExplorer(), DemoExplorer()
        _ = a.widget, b.widget
        assert a._widget is not None and b._widget is not None
        a.close()
        b.close()

    def test_no_widget_without_showing(self):
        lab = DemoExplorer()
        lab.set(angle=50)
        assert lab._widget is None and lab._scene is None  # numbers need no picture

    def test_defaults_are_not_shared(self):
        before = copy.deepcopy(DemoExplorer.presets)
        DemoExplorer(preset="Flat").set(angle=1)
        assert DemoExplorer.presets == before
