"""The built wheel, as users get it: in a clean environment it imports and passes the model tests."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parent.parent

# Tests of the floors that need neither a checkout nor a browser.
MODEL_TESTS = ["test_knee.py", "test_qangle.py", "test_tracking.py", "test_inhibition.py", "test_evidence.py"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> pathlib.Path:
    """The wheel, built by the build backend without isolation (hatchling is installed for the tests)."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean_python(wheel, tmp_path_factory) -> pathlib.Path:
    """Python of a new environment with the wheel in it; what it needs is borrowed from this one.

    A .pth file lends our site-packages without its editable vmo_edu (.pth files in a lent folder are not
    read), which takes a second where a download would take a minute.
    """
    home = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / "venv"], check=True)
    python = home / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    theirs = pathlib.Path(subprocess.check_output([python, "-c", ask], text=True).strip())
    ours = subprocess.check_output([sys.executable, "-c", ask], text=True).strip()
    install = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--python",
        python,
        wheel,
    ]
    subprocess.run(install, check=True)
    (theirs / "lent.pth").write_text(ours + "\n")
    return python


def outside(python: pathlib.Path, folder: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run the clean Python in a folder outside the checkout."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "VMO_EDU"))}
    return subprocess.run(
        [python, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=280
    )


def test_wheel_holds_data_pictures_and_front_end(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "data").rglob("*"):
        if path.is_file():
            assert f"vmo_edu/data/{path.relative_to(ROOT / 'data').as_posix()}" in names
    for path in (ROOT / "vmo_edu").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if name.startswith(("tests/", "notebooks/", "data/"))]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_wheel_is_pure_and_small(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")
    assert wheel.stat().st_size < 3_000_000


def test_wheel_imports_from_outside_the_checkout(clean_python, tmp_path):
    done = outside(
        clean_python,
        tmp_path,
        "-c",
        "import vmo_edu, vmo_edu.evidence as e; print(vmo_edu.__file__); print(e.cite('spencer1984'))",
    )
    assert done.returncode == 0, done.stderr
    assert str(ROOT) not in done.stdout.splitlines()[0]
    assert "Spencer" in done.stdout


def test_wheel_passes_the_model_tests_outside_the_checkout(clean_python, tmp_path):
    for name in MODEL_TESTS:
        shutil.copy(ROOT / "tests" / name, tmp_path)
    done = outside(
        clean_python, tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:nbval", *MODEL_TESTS
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_wheel_opens_an_explorer_outside_the_checkout(clean_python, tmp_path):
    done = outside(
        clean_python, tmp_path, "-c", "from vmo_edu import explore; print(explore.q_angle().describe())"
    )
    assert done.returncode == 0, done.stderr
    assert "Q-angle" in done.stdout
