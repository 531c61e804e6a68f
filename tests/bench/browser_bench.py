"""From key to pixel in a real JupyterLab: the tracking explorer beside the same scene under `interact`.

Both stand in one notebook and are measured in turn, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence

from tests import lab

CELLS = [
    "%matplotlib inline\nfrom vmo_edu import explore",
    "explore.tracking()",
    # The plain way: one slider, one function that draws the figure and lets it be shown as a PNG. Our model, our
    # drawing code, our words, and as many pixels as the live picture has (98 dots per inch): only the way to the
    # screen differs.
    "from ipywidgets import interact, IntSlider\nfrom IPython.display import display\n"
    "plain = explore.tracking(); kept = [None]\n"
    "def draw(flexion, keep=False):\n"
    "    scene = kept[0] if keep else type(plain).scene()\n"
    "    kept[0] = scene\n"
    "    scene.figure.set_dpi(98)\n"
    "    state = plain.solve({**plain.state(), 'flexion': float(flexion)})\n"
    "    scene.update(state)\n"
    "    print(flexion, plain.describe(state))\n"
    "    display(scene.figure)\n"
    "interact(draw, flexion=IntSlider(20, 0, 90, 1));",
]
MODES = ("interact", "kept figure", "sweep", "live")
PLAIN = MODES[:2]
MOVES = 60.0
"""Pointer moves a second in a drag: no picture can change more often than that."""
CONDITIONS = {"quiet": (0.0, False), "150 ms added": (0.15, False), "every core busy": (0.0, True)}
"""(seconds added to each round trip, whether something else works on every core, as in a video call)."""

# Times from a key until the picture that answers it has been painted, and counts painted changes in a drag.
WATCH = """
() => {
  const areas = [...document.querySelectorAll('.jp-OutputArea')];
  const plain = areas.find((area) => area.querySelector('.widget-slider'));
  const places = {explorer: document.querySelector('.vmo-picture'), plain: plain};
  const w = window.bench = {from: 0, times: [], painted: 0, dirty: false, lastChange: 0, places, value: {}};
  document.addEventListener('keydown', (event) => { w.from = event.timeStamp; }, true);
  const painted = () => requestAnimationFrame(() => {
    const channel = new MessageChannel();            // runs after this frame has been painted
    channel.port1.onmessage = () => {
      const now = performance.now();
      w.lastChange = now;
      if (w.from) { w.times.push(now - w.from); w.from = 0; }
    };
    channel.port2.postMessage(0);
  });
  const changed = () => { w.dirty = true; painted(); };
  new MutationObserver(changed).observe(places.explorer, {subtree: true,
    attributes: true, attributeFilter: ['d', 'transform', 'display', 'fill', 'fill-opacity', 'stroke']});
  new MutationObserver((records) => {
    const images = records.flatMap((r) => [...r.addedNodes, r.target]).flatMap((n) =>
      n.nodeName === 'IMG' ? [n] : n.querySelectorAll ? [...n.querySelectorAll('img')] : []);
    for (const image of new Set(images)) if (image.src !== w.src) {
      w.src = image.src;
      image.decode().then(changed, () => {});
    }
  }).observe(plain, {subtree: true, attributes: true, attributeFilter: ['src'], childList: true});
  const count = () => { if (w.dirty) { w.painted++; w.dirty = false; } requestAnimationFrame(count); };
  requestAnimationFrame(count);
}
"""
SESSION = "document.querySelector('.vmo-edu').vmo.session"


@contextlib.contextmanager
def delayed(address: str, seconds: float) -> Iterator[str]:
    """A proxy on loopback that holds every byte back for `seconds` in each direction; yields its address."""
    host, port = address.removeprefix("http://").split(":")
    loop, ready, own = asyncio.new_event_loop(), threading.Event(), lab.free_port()

    async def pipe(reader, writer):
        queue: asyncio.Queue = asyncio.Queue()

        async def late():
            while (item := await queue.get()) is not None:
                due, data = item
                await asyncio.sleep(max(0.0, due - loop.time()))
                writer.write(data)
            writer.close()

        sender = loop.create_task(late())
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                queue.put_nowait((loop.time() + seconds, data))
        queue.put_nowait(None)
        await sender

    async def accept(reader, writer):
        try:
            there = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.close()
            return
        for stream in (writer, there[1]):
            stream.get_extra_info("socket").setsockopt(6, 1, 1)  # TCP_NODELAY: the delay is ours alone
        await asyncio.gather(pipe(reader, there[1]), pipe(there[0], writer), return_exceptions=True)

    async def serve():
        server = await asyncio.start_server(accept, "127.0.0.1", own)
        ready.set()
        with contextlib.suppress(asyncio.CancelledError):
            await server.serve_forever()

    def run():
        asyncio.set_event_loop(loop)
        loop.run_until_complete(task)
        loop.set_exception_handler(lambda *_: None)  # connections that are cut off at the end are no news
        rest = asyncio.all_tasks(loop)
        for pending in rest:
            pending.cancel()
        loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
        loop.run_until_complete(asyncio.sleep(0.05))

    task = loop.create_task(serve())
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield f"http://127.0.0.1:{own}"
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(5)


@contextlib.contextmanager
def busy(on: bool) -> Iterator[None]:
    """Keep every core at work beside the measurement."""
    endless = [sys.executable, "-c", "while True: pass"]
    hogs = [subprocess.Popen(endless) for _ in range(os.cpu_count() or 1)] if on else []
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


class Bench:
    """One open notebook with both pictures."""

    def __init__(self, page):
        self.page = page
        self.received = 0
        page.on("websocket", lambda ws: ws.on("framereceived", self._count))

    def _count(self, payload) -> None:
        self.received += len(payload)

    def open(self, address: str, name: str) -> None:
        """Run the notebook and start watching."""
        lab.open_notebook(self.page, address, name)
        self.page.wait_for_selector(".vmo-picture svg")
        self.page.wait_for_selector(".widget-slider")
        self.page.wait_for_timeout(2000)
        self.page.evaluate(WATCH)

    def slider(self, mode: str):
        """The flexion slider of one of the two, ready to be moved."""
        if mode in PLAIN:
            return self.page.locator(".widget-slider .noUi-handle").first
        return self.page.locator(".vmo-edu input[type=range]").first

    def prepare(self, mode: str) -> None:
        """For "live" the store of frames is shut, so that the kernel answers each event."""
        self.page.evaluate(
            f"""(live) => {{ const s = {SESSION};
            s.want = live ? () => {{}} : Object.getPrototypeOf(s).want;
            s.store.get = live ? () => undefined : Object.getPrototypeOf(s.store).get; }}""",
            mode == "live",
        )
        if mode in PLAIN:
            box = self.page.locator(".widget-checkbox input")
            box.set_checked(mode == "kept figure")
            self.page.wait_for_timeout(1500)
        slider = self.slider(mode)
        slider.scroll_into_view_if_needed()
        slider.focus()
        if mode == "sweep":
            self.page.wait_for_function(f"() => {SESSION}.ready('flexion')", timeout=20000)
        self.page.wait_for_timeout(400)

    def value(self, mode: str) -> tuple[float, float]:
        """(what the slider says, what the picture shows)."""
        if mode in PLAIN:
            said = float(self.page.locator(".widget-slider .widget-readout").first.inner_text())
            shown = self.page.locator(".jp-OutputArea .jp-OutputArea-child:has(.widget-slider) pre").last.inner_text()
            return said, float(shown.split()[0])
        return tuple(
            self.page.evaluate(f"() => {{ const s = {SESSION}; return [s.values.flexion, s.shown.values.flexion]; }}")
        )

    def keys(self, mode: str, presses: int) -> list[float]:
        """Milliseconds from key to painted picture, one press at a time."""
        self.prepare(mode)
        times = []
        for i in range(presses):
            self.page.evaluate("() => { bench.times = []; }")
            self.page.keyboard.press("ArrowRight" if i % 8 < 4 else "ArrowLeft")
            self.page.wait_for_function("() => bench.times.length", timeout=20000, polling=20)
            times.append(self.page.evaluate("() => bench.times[0]"))
            self.page.wait_for_timeout(60 if mode == "sweep" else 250)
        return times

    def drag(self, mode: str, seconds: float = 3.0) -> dict:
        """A drag of 60 moves a second: painted changes a second, and how long the picture lags at the end."""
        self.prepare(mode)
        self.page.keyboard.press("Home")  # every drag starts at the left end and covers the same values
        self.page.wait_for_timeout(1500)
        box = (
            self.page.locator(".widget-slider .slider-container, .widget-slider .noUi-target").first.bounding_box()
            if mode in PLAIN
            else self.slider(mode).bounding_box()
        )
        handle = self.slider(mode).bounding_box()
        share = self.value(mode)[0] / 90
        x0 = handle["x"] + handle["width"] / 2 if mode in PLAIN else box["x"] + 9 + share * (box["width"] - 18)
        y = box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(x0, y)
        mouse.down()
        span = 0.9 * (box["width"] - 18)
        self.page.evaluate("() => { bench.painted = 0; }")
        start = time.perf_counter()
        moves = 0
        while (passed := time.perf_counter() - start) < seconds:
            swing = abs((passed * 0.7) % 2 - 1)  # to and fro, 0.7 times the track a second
            mouse.move(x0 + span * (1 - swing), y)
            moves += 1
            time.sleep(max(0.0, start + moves / MOVES - time.perf_counter()))
        painted = self.page.evaluate("() => bench.painted")
        released = self.page.evaluate("() => performance.now()")
        mouse.up()
        self.page.wait_for_timeout(3500 if mode in PLAIN else 1500)
        last = self.page.evaluate("() => bench.lastChange")
        said, shown = self.value(mode)
        return {
            "frames_per_s": painted / passed,
            "moves_per_s": moves / passed,
            "lag_ms": max(0.0, last - released),
            "final_right": said == shown,
        }

    def burst(self, mode: str, presses: int = 30) -> dict:
        """Keys as fast as a held arrow key (30 a second): are all counted, when is the last one shown?"""
        self.prepare(mode)
        before = self.value(mode)[0]
        key, sign = ("ArrowLeft", -1) if before > 45 else ("ArrowRight", 1)
        received = self.received
        start = time.perf_counter()
        for i in range(presses):
            self.page.keyboard.press(key)
            time.sleep(max(0.0, start + (i + 1) / 30 - time.perf_counter()))
        end = self.page.evaluate("() => performance.now()")
        self.page.wait_for_timeout(5000 if mode in PLAIN else 2000)
        said, shown = self.value(mode)
        last = self.page.evaluate("() => bench.lastChange")
        return {
            "missed_keys": presses - round(abs(said - before)),
            "final_right": said == shown,
            "backlog_ms": max(0.0, last - end),
            "bytes_per_key": (self.received - received) / presses,
        }

    def first_sweep(self) -> dict:
        """A control touched for the first time: when are its frames there, and how many bytes were they?"""
        self.prepare("sweep")
        self.page.wait_for_timeout(1500)
        received = self.received
        found = self.page.evaluate(f"""async () => {{
            const s = {SESSION}, start = performance.now(), n = s.store.frames.size;
            let first = 0;
            s.want('tubercle_offset');
            while (!s.ready('tubercle_offset')) {{
              if (!first && s.store.frames.size > n) first = performance.now() - start;
              await new Promise((done) => setTimeout(done, 4));
              if (performance.now() - start > 10000) break;
            }}
            return [first, performance.now() - start, s.controls.get('tubercle_offset').points(0).length];
        }}""")
        self.page.wait_for_timeout(300)
        first, ready, states = found
        return {
            "first_frames_ms": first or ready,
            "ready_ms": ready,
            "states": states,
            "bytes": self.received - received,
        }

    def heap(self, events: int = 10000) -> dict:
        """Heap of the page in the course of many events on several controls, MB, garbage collected."""
        self.prepare("sweep")
        session = self.page.context.new_cdp_session(self.page)

        def used() -> float:
            for _ in range(2):
                session.send("HeapProfiler.collectGarbage")
            return session.send("Runtime.getHeapUsage")["usedSize"] / 1e6

        # the store of frames fills up to its fixed limit, which is no leak: it is emptied before each look
        shut = f"() => {{ {SESSION}.store.clear(); {SESSION}.refused.clear(); }}"
        sizes = []
        for _ in range(3):
            self.page.evaluate(
                f"""async (events) => {{
                const s = {SESSION}, names = ['flexion', 'vmo', 'tubercle_offset'];
                for (let i = 0; i < events; i++) {{
                  const c = s.controls.get(names[Math.floor(i / 50) % 3]);
                  s.change({{[c.name]: c.step_by(s.values[c.name], i % 100 < 50 ? 1 : -1)}});
                  if (i % 20 === 0) await new Promise((done) => requestAnimationFrame(done));
                }}
                await new Promise((done) => setTimeout(done, 1500));
            }}""",
                events // 3,
            )
            self.page.evaluate(shut)
            sizes.append(used())
        return {"events": events // 3 * 3, "mb_after_each_third": [round(s, 2) for s in sizes]}


def measure(bench: Bench, rounds: int, presses: int) -> dict:
    """All modes in turn, several rounds."""
    found: dict = {mode: {"keys_ms": [], "drags": [], "bursts": []} for mode in MODES}
    for _ in range(rounds):
        for mode in MODES:
            found[mode]["keys_ms"] += bench.keys(mode, presses)
        for mode in MODES:
            found[mode]["drags"].append(bench.drag(mode))
        for mode in MODES:
            found[mode]["bursts"].append(bench.burst(mode))
    found["first_sweep"] = bench.first_sweep()
    return found


def summary(found: dict) -> dict:
    """Medians, and ratios to the plain way."""
    out = {}
    for mode in MODES:
        keys, drags, bursts = found[mode]["keys_ms"], found[mode]["drags"], found[mode]["bursts"]
        middle = lambda rows, name: statistics.median(row[name] for row in rows)  # noqa: E731
        out[mode] = {
            "key_median_ms": statistics.median(keys),
            "key_p95_ms": sorted(keys)[int(0.95 * (len(keys) - 1))],
            "drag_frames_per_s": middle(drags, "frames_per_s"),
            "moves_per_s": middle(drags, "moves_per_s"),
            "drag_lag_ms": middle(drags, "lag_ms"),
            "backlog_ms": middle(bursts, "backlog_ms"),
            "missed_keys": sum(row["missed_keys"] for row in bursts),
            "bytes_per_key": middle(bursts, "bytes_per_key"),
            "final_right": all(row["final_right"] for row in drags + bursts),
        }
    plain = out["interact"]
    for mode in MODES:
        out[mode]["key_ratio"] = plain["key_median_ms"] / out[mode]["key_median_ms"]
        out[mode]["drag_ratio"] = out[mode]["drag_frames_per_s"] / max(plain["drag_frames_per_s"], 0.01)
        out[mode]["drag_limit"] = MOVES / max(plain["drag_frames_per_s"], 0.01)
    return {**out, "first_sweep": found["first_sweep"]}


def run(rounds: int = 3, presses: int = 12, conditions: Sequence[str] = tuple(CONDITIONS)) -> dict:
    """Measure everything under some of the `CONDITIONS`."""
    if lab.chromium() is None:
        raise RuntimeError("the browser benchmark needs chromium or google-chrome")
    out = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        config = {"JUPYTER_CONFIG_PATH": str(lab.ROOT / "vmo_edu" / "live" / "server")}
        with lab.server(folder, extra_env=config) as address, lab.browser() as chrome:
            for number, condition in enumerate(conditions):
                delay, load = CONDITIONS[condition]
                notebook = f"bench{number}.ipynb"
                lab.write_notebook(folder / notebook, CELLS)
                with contextlib.ExitStack() as stack:
                    place = stack.enter_context(delayed(address, delay / 2)) if delay else address
                    page = chrome.new_page(viewport={"width": 1400, "height": 2300})
                    bench = Bench(page)
                    bench.open(place, notebook)
                    stack.enter_context(busy(load))
                    out[condition] = summary(measure(bench, rounds, presses))
                    if condition == "quiet":
                        out["heap"] = bench.heap()
                    page.close()
    return out


def table(result: dict) -> str:
    """The result as text."""
    lines = []
    for name, found in result.items():
        if name == "heap":
            continue
        lines += [f"Condition: {name}", f"  {'':34}" + "".join(f"{mode:>13}" for mode in MODES)]
        for key, label, form in (
            ("key_median_ms", "key to pixel, median (ms)", ".0f"),
            ("key_p95_ms", "  95th percentile (ms)", ".0f"),
            ("key_ratio", "  times faster than interact", ".1f"),
            ("drag_frames_per_s", "drag, frames/s", ".1f"),
            ("drag_ratio", "  times interact", ".1f"),
            ("drag_limit", f"  most that {MOVES:.0f} moves/s allow", ".1f"),
            ("moves_per_s", "  pointer moves/s sent", ".0f"),
            ("drag_lag_ms", "  still changing after release (ms)", ".0f"),
            ("backlog_ms", "30 keys/s: last change after (ms)", ".0f"),
            ("missed_keys", "  keys missed", "d"),
            ("bytes_per_key", "  bytes received for a key", ".0f"),
            ("final_right", "final picture right", ""),
        ):
            lines.append(
                f"  {label:34}"
                + "".join(f"{str(found[m][key]) if not form else format(found[m][key], form):>13}" for m in MODES)
            )
        first = found["first_sweep"]
        lines.append(
            f"  sweep of {first['states']} states: first frames {first['first_frames_ms']:.0f} ms, all "
            f"{first['ready_ms']:.0f} ms, {first['bytes'] / 1000:.0f} kB"
        )
    if "heap" in result:
        lines.append(
            f"Heap of the page after each third of {result['heap']['events']} events: "
            f"{result['heap']['mb_after_each_third']} MB"
        )
    return "\n".join(lines)
