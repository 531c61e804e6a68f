"""The frame of the project: versions agree, nothing names a registry, rooms import only downwards."""

from __future__ import annotations

import ast
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = pathlib.Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked() -> list[pathlib.Path]:
    """Every file that is committed or would be; without git, every file outside the folders git ignores."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        names = [name for name in done.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        skipped = {".venv", ".git", "build", "dist", "site", "__pycache__"}
        names = [
            str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if not skipped & set(p.relative_to(ROOT).parts)
        ]
    files = [ROOT / name for name in names if (ROOT / name).is_file()]
    assert ROOT / "pyproject.toml" in files  # git may know of another folder only
    return files


def conda() -> dict[str, str]:
    """environment.yml as {package: pinned version or ""}."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert all(isinstance(line, str) for line in listed), (
        "no pip section: a commit would build the image anew"
    )
    return {name: pin for name, _, pin in (line.partition("=") for line in listed)}


def constraints(python: str) -> dict[str, Version]:
    """constraints.txt as it counts for one version of Python on Linux."""
    environment = default_environment() | {
        "python_version": python,
        "python_full_version": python + ".0",
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_system": "Linux",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            if pin.marker is None or pin.marker.evaluate(environment):
                (specifier,) = pin.specifier
                assert specifier.operator == "==", line
                pins[canonicalize_name(pin.name)] = Version(specifier.version)
    return pins


def requirements(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with the named extras."""
    project = PYPROJECT["project"]
    lines = project["dependencies"] + [r for extra in extras for r in project["optional-dependencies"][extra]]
    return [Requirement(line) for line in lines]


# ---------------------------------------------------------------------------------- versions


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_constraints_satisfy_pyproject_on_every_python(python):
    pins = constraints(python)
    for wanted in requirements(*PYPROJECT["project"]["optional-dependencies"]):
        pin = pins[canonicalize_name(wanted.name)]
        assert pin in wanted.specifier, f"{wanted} but constraints.txt has {pin}"


def test_environment_yml_agrees_with_the_constraints():
    env = conda()
    pins = constraints(env["python"])
    for name, pin in env.items():
        if name in ("python", "pip"):
            continue
        ours = pins[canonicalize_name(name.removesuffix("-base"))]
        assert pin == f"{ours.major}.{ours.minor}", (
            f"environment.yml has {name}={pin}, constraints.txt {ours}"
        )


def test_environment_yml_brings_all_that_the_package_and_the_lab_need():
    have = {canonicalize_name(name.removesuffix("-base")) for name in conda()}
    missing = [wanted.name for wanted in requirements("lab") if canonicalize_name(wanted.name) not in have]
    assert not missing
    assert Version(conda()["python"]) >= Version("3.11")


def test_the_package_needs_no_more_than_it_says():
    """Every outside module that vmo_edu imports belongs to a declared dependency."""
    own_names = {"IPython": "ipython", "PIL": "pillow"}
    declared = {canonicalize_name(r.name) for r in requirements()}
    site = {canonicalize_name(r.name) for r in requirements("site")[len(requirements()) :]}
    files = [p for p in (ROOT / "vmo_edu").rglob("*.py") if p.parent.name != "server"]  # Jupyter reads it
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            for top in {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"vmo_edu"}:
                known = canonicalize_name(own_names.get(top, top)) in declared
                # traitlets comes with, and only makes sense with, anywidget; tqdm only draws a progress bar
                known = known or (path.parent.name == "website" and top in site)
                assert known or top == "traitlets", (
                    f"{path.relative_to(ROOT)} imports {top}, no declared dependency"
                )


def test_one_version_everywhere():
    import vmo_edu

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = re.findall(r"^## (\S+) \(([\d-]+)\)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert citation["version"] == vmo_edu.__version__ == changes[0][0]
    assert str(citation["date-released"]) == changes[0][1]


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("*/*.md")), ids=lambda p: p.name
)
def test_links_to_files_lead_somewhere(path):
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8"))
    missing = [
        link
        for link in links
        if "://" not in link and not link.startswith("#") and not (path.parent / link.split("#")[0]).exists()
    ]
    assert not missing


def test_readme_gives_the_commands_that_run_py_has():
    spoken = set(re.findall(r"run\.py (\w+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    known = re.findall(r'^    "(\w+)": \(', (ROOT / "run.py").read_text(encoding="utf-8"), re.M)
    assert {"lab", "test"} <= spoken <= set(known)


# ------------------------------------------------------------------------ what must not be in a commit

# Written in pieces, so that this file does not find itself.
ADDRESSES = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("registry", "yarnpkg"),
        ("anaconda", "org"),
        ("deb", "debian", "org"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
        ("cdnjs", "cloudflare"),
    ]
] + [
    "--" + "index-url",
    "--" + "extra-index",
    "--" + "find-links",
    "/opt/" + "pypi",
    "/opt/" + "wheels",
    "/work/" + "shared",
]


def test_no_registry_address_in_any_tracked_file():
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {address}" for address in ADDRESSES if address in text]
    assert not found, found


def test_nothing_tracked_is_large_or_a_leftover():
    for path in tracked():
        assert path.stat().st_size < 2_000_000, f"{path} has {path.stat().st_size / 1e6:.1f} MB"
        assert "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts, path


def test_constraints_carry_no_address_and_no_path():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text and " @ " not in text and "# via" not in text


# ---------------------------------------------------------------------------------- the house


def test_ruff_finds_nothing():
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "."], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_rooms_import_only_from_the_floors_below():
    linter = pathlib.Path(sys.executable).with_name("lint-imports" + (".exe" if os.name == "nt" else ""))
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_has_its_floor():
    """A module that import-linter's contract does not name would escape it."""
    placed = set(
        re.findall(r"vmo_edu\.(\w+)", " ".join(PYPROJECT["tool"]["importlinter"]["contracts"][0]["layers"]))
    )
    rooms = {p.stem for p in (ROOT / "vmo_edu").glob("*.py")} | {
        p.parent.name for p in (ROOT / "vmo_edu").glob("*/__init__.py")
    }
    assert rooms - placed == {"__init__"}


def test_functions_can_be_seen_whole():
    """At most 45 lines without the docstring, and no module state changed by `global`."""
    for path in (ROOT / "vmo_edu").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Global), f"{path.name}:{node.lineno}: global"
            if isinstance(node, ast.FunctionDef):
                words = node.body[0] if ast.get_docstring(node) else None
                length = node.end_lineno - node.lineno + 1
                length -= words.end_lineno - words.lineno + 1 if words else 0
                assert length <= 45, f"{path.name}:{node.lineno}: {node.name} has {length} lines"


def test_nothing_uses_pyplot():
    for path in (ROOT / "vmo_edu").rglob("*.py"):
        assert not re.search(
            r"^\s*(import|from) matplotlib.*pyplot", path.read_text(encoding="utf-8"), re.M
        ), path


# ---------------------------------------------------------------------------------- what an import costs


def loaded_by(code: str) -> dict[str, list[str]]:
    """Run code in a new interpreter where numpy is loaded; returns the "modules" and "files" that it brings."""
    script = (
        "import json, sys, numpy; before = set(sys.modules); files = []\n"
        "sys.addaudithook(lambda event, got: event == 'open' and files.append(str(got[0])))\n"
        f"{code}\n"
        "print(json.dumps({'files': files, 'modules': sorted(set(sys.modules) - before)}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


MODELS = sorted(p.stem for p in (ROOT / "vmo_edu" / "models").glob("[a-z]*.py"))
HEAVY = ("matplotlib", "ipywidgets", "anywidget", "IPython", "pandas", "scipy")


def test_importing_the_models_loads_no_pictures_widgets_or_tables():
    code = "import vmo_edu, vmo_edu.knee, vmo_edu.evidence, vmo_edu.effusion, vmo_edu.describe\n" + "\n".join(
        f"import vmo_edu.models.{name}" for name in MODELS
    )
    modules = loaded_by(code)["modules"]
    assert "vmo_edu.models.qangle" in modules
    assert not [name for name in HEAVY if name in modules]


def test_using_the_tracking_model_loads_no_pictures_widgets_or_tables():
    modules = loaded_by(
        "from vmo_edu import Knee\nfrom vmo_edu.models import tracking\ntracking.solve(Knee(), [0, 30])"
    )["modules"]
    assert not [name for name in ("matplotlib", "ipywidgets", "anywidget", "pandas") if name in modules]


def test_importing_the_package_loads_little_above_numpy():
    """Its own few modules, nothing else from outside, and no table; how long that takes is for the bench."""
    brought = loaded_by("import vmo_edu")
    outside = {name.split(".")[0] for name in brought["modules"]} - set(sys.stdlib_module_names)
    assert outside == {"vmo_edu"}
    own = {name for name in brought["modules"] if name.startswith("vmo_edu.")}
    assert own <= {"vmo_edu.errors", "vmo_edu.effusion", "vmo_edu.evidence", "vmo_edu.knee"}
    assert not [name for name in brought["files"] if name.endswith((".csv", ".json"))]
