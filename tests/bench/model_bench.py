"""Speed of the models, cost of importing, memory: beside SciPy's solver where the same can be asked of it."""

from __future__ import annotations

import json
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import nbformat
import numpy as np
from nbclient import NotebookClient

from tests import lab


def best(job: Callable, repeats: int = 5) -> float:
    """Shortest of several runs, seconds: what the code costs when nothing else runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return min(times)


def solver() -> dict:
    """One knee at 91 angles, and a slider's sweep of 61 knees at 19 angles."""
    from vmo_edu import Knee
    from vmo_edu.models import tracking

    angles, few = np.linspace(0, 90, 91), np.linspace(0, 90, 19)
    knees = [Knee(vmo=vmo) for vmo in np.linspace(0, 2, 61)]
    tracking.solve(Knee(), angles)
    one, many = best(lambda: tracking.solve(Knee(), angles)), best(lambda: tracking.solve(knees, few))
    return {
        **against_scipy(knees, few),
        "one_knee_91_angles_ms": 1e3 * one,
        "sweep_61x19_ms": 1e3 * many,
        "equilibria_per_s": 61 * 19 / many,
    }


def against_scipy(knees: list, angles: np.ndarray) -> dict:
    """The same equilibria by a loop of `scipy.optimize.root` with the same residual and Jacobian.

    Every 20th is asked of SciPy, from the same first guess. Where it ends on no equilibrium, or on another one than
    ours of higher energy, that is counted and not compared.
    """
    from scipy.optimize import root

    from vmo_edu.models.patella import geometry, newton
    from vmo_edu.models.patella.parameters import mechanics
    from vmo_edu.models.patella.potential import evaluate

    lanes = geometry.build(knees, angles, mechanics())
    start = np.zeros((3, lanes.count))
    pose, _ = newton.minimise(lanes, start)
    ours = best(lambda: newton.minimise(lanes, start)) / lanes.count
    asked = np.arange(0, lanes.count, 20)
    singles = [lanes.take(np.array([i])) for i in asked]

    def residual(x, lane):
        _, gradient, h = evaluate(x[:, None], lane)
        xx, xz, xs, zz, zs, ss = h[:, 0]
        return gradient[:, 0], np.array([[xx, xz, xs], [xz, zz, zs], [xs, zs, ss]])

    begin = time.perf_counter()
    found = [root(residual, np.zeros(3), args=(lane,), jac=True, tol=1e-10) for lane in singles]
    theirs = (time.perf_counter() - begin) / len(asked)
    gaps = [
        np.abs(one.x - pose[:, i]).max()
        for one, i, lane in zip(found, asked, singles, strict=True)
        if one.success and evaluate(one.x[:, None], lane)[0][0] <= evaluate(pose[:, [i]], lane)[0][0] + 1e-9
    ]
    return {
        "scipy_us": 1e6 * theirs,
        "ours_us": 1e6 * ours,
        "times_scipy": theirs / ours,
        "compared": len(gaps),
        "asked": len(asked),
        "largest_gap_mm": float(max(gaps, default=np.nan)),
    }


def sweeps() -> dict:
    """For each explorer the slowest of its sliders: its whole sweep solved, recorded and packed."""
    from vmo_edu import explore
    from vmo_edu.live.frames import encode

    out = {}
    for name in explore.CLASSES:
        explorer = getattr(explore, name)()
        if not hasattr(explorer, "frames"):
            continue
        explorer.frame()
        rows = []
        for control in explorer.controls:
            if control.kind != "slider":
                continue
            count = min(121, round((control.high - control.low) / control.step) + 1)
            points = [round(control.low + i * control.step, 6) for i in range(count)]
            sets = [{**explorer.state(), control.name: point} for point in points]
            start = time.perf_counter()
            data = encode(list(explorer.frames(sets)))
            rows.append((time.perf_counter() - start, control.name, count, len(data)))
        if rows:
            seconds, control, states, size = max(rows)
            out[name] = {"control": control, "states": states, "ms": 1e3 * seconds, "kB": size / 1e3}
    return out


def cohort(sizes: tuple[int, ...] = (1_000, 10_000, 20_000), repeats: int = 2) -> dict:
    """Virtual knees at 7 angles: cost against their number on one core, and what a second process gains.

    The runs on one core and on two take turns, so that both meet the same machine; the ratio is that of the best.
    """
    from concurrent.futures import ProcessPoolExecutor

    from vmo_edu.models import cohort as knees

    knees.simulate(500)
    seconds = {n: best(lambda n=n: knees.simulate(n), repeats) for n in sizes if n != 10_000}
    one, two = [], []
    with ProcessPoolExecutor(2) as pair:
        list(pair.map(_warm, range(4)))
        for _ in range(repeats + 1):
            one.append(best(lambda: knees.simulate(10_000), 1))
            two.append(best(lambda: knees.simulate(10_000, executor=pair), 1))
    seconds[10_000] = min(one)
    return {
        "seconds": {str(n): seconds[n] for n in sorted(seconds)},
        "two_processes_s": min(two),
        "two_processes_times": min(one) / min(two),
        "equilibria_per_s": 70_000 / min(one),
    }


def _warm(_: int) -> int:
    """Let a worker import and read what it needs, long enough for the other to start too."""
    from vmo_edu.models import cohort as knees

    return len(knees.simulate(500))


def fresh(code: str) -> dict:
    """Run code in a new Python that prints one JSON object."""
    done = subprocess.run([sys.executable, "-c", code], cwd=lab.ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


IMPORT = """
import json, sys, time
import numpy
start = time.perf_counter()
{statement}
print(json.dumps({{"ms": 1e3 * (time.perf_counter() - start), "scipy": "scipy" in sys.modules,
                   "pandas": "pandas" in sys.modules, "matplotlib": "matplotlib" in sys.modules}}))
"""
# Private pages are the process's own and those it has read from files that no other process has open: while other
# Pythons run the second kind is shared and the sum smaller, so the first, `written`, stands beside it.
PRIVATE = """
import json, pathlib, re, sys
def private(kinds="Clean|Dirty"):
    text = pathlib.Path("/proc/self/smaps_rollup").read_text()
    return sum(int(n) for n in re.findall(f"Private_(?:{kinds}): *([0-9]+) kB", text)) / 1024
"""
MEMORY = """
import ipykernel.ipkernel
before = private()
{statement}
print(json.dumps({{"kernel_MiB": before, "MiB": private()}}))
"""
LAST_CELL = """
loads = [module for module in ("pandas", "scipy") if module in sys.modules]
print(json.dumps({"MiB": private(), "written_MiB": private("Dirty"), "loads": loads}))
"""
SHOW = """
from vmo_edu import explore
explorer = explore.tracking()
explorer._repr_mimebundle_()
list(explorer.frames([explorer.state()] * 40))
"""


def imports() -> dict:
    """Milliseconds above numpy, in a new Python each time."""
    out = {}
    for statement in (
        "import vmo_edu",
        "import vmo_edu.models.tracking",
        "from vmo_edu.explorers import tracking",
    ):
        rows = [fresh(IMPORT.format(statement=statement)) for _ in range(5)]
        out[statement] = {**rows[-1], "ms": statistics.median(row["ms"] for row in rows)}
    return out


def memory() -> dict | None:
    """Private memory of a process with the tracking explorer shown and one sweep made; only Linux tells."""
    if not sys.platform.startswith("linux"):
        return None
    return fresh(PRIVATE + MEMORY.format(statement=SHOW))


def lessons() -> dict | None:
    """Private memory of each lesson's own kernel after all its cells, and what it has loaded; only Linux tells."""
    if not sys.platform.startswith("linux"):
        return None
    return {path.stem: after_all_cells(path) for path in sorted((lab.ROOT / "notebooks").glob("*.ipynb"))}


def after_all_cells(path: pathlib.Path) -> dict:
    """Run a notebook in a new kernel, and return what `LAST_CELL` prints behind it."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PRIVATE + LAST_CELL))
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--IPKernelApp.log_level=40"],  # advice on encryption is not for a kernel of seconds
    ).execute()
    return json.loads(notebook.cells[-1].outputs[0].text)


def run() -> dict:
    """Everything."""
    return {
        "solver": solver(),
        "sweeps": sweeps(),
        "cohort": cohort(),
        "imports": imports(),
        "memory": memory(),
        "lessons": lessons(),
    }


def table(result: dict) -> str:
    """The result as text."""
    fast = result["solver"]
    lines = [
        f"Tracking, one knee at 91 angles: {fast['one_knee_91_angles_ms']:.1f} ms; 61 knees x 19 angles: "
        f"{fast['sweep_61x19_ms']:.1f} ms = {fast['equilibria_per_s']:,.0f} equilibria/s",
        f"  beside a loop of scipy.optimize.root: {fast['ours_us']:.1f} us against {fast['scipy_us']:.0f} us each, "
        f"{fast['times_scipy']:.0f} times faster; largest difference {fast['largest_gap_mm']:.1e} mm "
        f"({fast['compared']} of {fast['asked']} found by both)",
        "Slowest slider of each explorer, whole sweep solved, recorded and packed:",
    ]
    for name, row in result["sweeps"].items():
        lines.append(
            f"  {name:12} {row['control']:18} {row['states']:4d} states {row['ms']:6.0f} ms {row['kB']:6.0f} kB"
        )
    many = result["cohort"]
    costs = ", ".join(f"{int(n):,} in {s:.2f} s ({1e6 * s / int(n):.0f} us each)" for n, s in many["seconds"].items())
    lines.append(f"Virtual knees at 7 angles on one core: {costs}")
    lines.append(
        f"  10,000 on two processes: {many['two_processes_s']:.2f} s, {many['two_processes_times']:.2f} times faster"
    )
    for statement, row in result["imports"].items():
        loaded = [module for module in ("scipy", "pandas", "matplotlib") if row[module]]
        heavy = ", ".join(loaded) or "none of the heavy ones"
        lines.append(f"{statement}: {row['ms']:.0f} ms above numpy; loads {heavy}")
    if result["memory"]:
        lines.append(
            f"Private memory with an explorer shown: {result['memory']['MiB']:.0f} MiB "
            f"({result['memory']['kernel_MiB']:.0f} MiB of it the bare kernel)"
        )
    if result["lessons"]:
        lines.append("Private memory of each lesson's kernel after all its cells, and how much of it was written:")
        for name, row in result["lessons"].items():
            loads = " and ".join(row["loads"]) or "neither pandas nor scipy"
            lines.append(f"  {name:24} {row['MiB']:4.0f} MiB, {row['written_MiB']:4.0f} written; loads {loads}")
    return "\n".join(lines)
