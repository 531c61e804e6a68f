"""run.py: what it says to a reader, and when it installs. (That it does install is why these tests run.)"""

from __future__ import annotations

import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run.py as a module, its .venv in an empty folder, and `calls`: what it would have run."""
    spec = importlib.util.spec_from_file_location("run_under_test", ROOT / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    monkeypatch.setattr(module, "VENV", str(venv))
    monkeypatch.setattr(module, "PYTHON", str(venv / "bin" / "python"))
    monkeypatch.setattr(module, "STAMP", str(venv / "vmo_edu-setup.json"))
    module.calls = []
    monkeypatch.setattr(module, "install", lambda extras: module.calls.append(extras))

    def make_venv():
        shutil.rmtree(venv, ignore_errors=True)
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "python").touch()

    monkeypatch.setattr(module, "make_venv", make_venv)
    return module


def test_too_old_python_gets_a_sentence(run, monkeypatch, capsys):
    monkeypatch.setattr(run, "OLDEST", (99, 0))
    assert run.main(["run.py", "lab"]) == 2
    assert "needs Python 3.11 or newer" in capsys.readouterr().err


def test_old_interpreters_can_read_it():
    """Grammar newer than Python 3.6 would turn the message into a syntax error (2.7 was tried by hand)."""
    import ast

    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("words", [[], ["nope"], ["--help"]])
def test_help_lists_the_commands(run, capsys, words):
    code = run.main(["run.py", *words])
    shown = "".join(capsys.readouterr())
    assert code == (0 if words == ["--help"] else 2)
    assert all(name in shown for name in run.COMMANDS)


def test_installs_once_then_not_again(run):
    run.set_up(["lab"])
    run.set_up(["lab"])
    assert run.calls == [["lab"]]


def test_another_command_adds_its_extras(run):
    run.set_up(["lab"])
    run.set_up(["lab", "test"])
    run.set_up(["lab"])
    assert run.calls == [["lab"], ["lab", "test"]]


def test_changed_inputs_install_again_in_the_same_environment(run, monkeypatch):
    run.set_up(["lab", "test"])
    marker = pathlib.Path(run.VENV) / "kept"
    marker.touch()
    monkeypatch.setattr(run, "inputs_hash", lambda: "other")
    run.set_up(["lab"])
    assert run.calls == [["lab", "test"], ["lab", "test"]]
    assert marker.exists()


def test_another_python_makes_a_new_environment(run, monkeypatch):
    run.set_up(["lab"])
    marker = pathlib.Path(run.VENV) / "old"
    marker.touch()
    monkeypatch.setattr(run, "interpreter", lambda: ["/other/python", "3.12.1"])
    run.set_up(["lab"])
    assert run.calls == [["lab"], ["lab"]]
    assert not marker.exists()


def test_an_interrupted_installation_does_not_count(run, monkeypatch):
    def fails(extras):
        raise run.SetUpError("no network")

    working = run.install
    run.set_up(["lab"])
    monkeypatch.setattr(run, "inputs_hash", lambda: "other")
    monkeypatch.setattr(run, "install", fails)
    with pytest.raises(run.SetUpError):
        run.set_up(["lab"])
    monkeypatch.setattr(run, "install", working)
    run.set_up(["lab"])
    assert run.calls == [["lab"], ["lab"]]


def test_without_pip_and_uv_it_says_what_to_install(run, monkeypatch):
    spec = importlib.util.spec_from_file_location("run_whole", ROOT / "run.py")
    whole = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(whole)
    monkeypatch.setattr(whole, "works", lambda command: False)
    with pytest.raises(whole.SetUpError, match="sudo apt install python3-pip"):
        whole.install(["lab"])


def test_falls_back_to_pip_when_uv_fails(run, monkeypatch):
    spec = importlib.util.spec_from_file_location("run_whole", ROOT / "run.py")
    whole = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(whole)
    used = []

    def call(command, quiet=False):
        used.append(command)
        return 1 if command[0] == "uv" and "install" in command else 0

    monkeypatch.setattr(whole, "call", call)
    whole.install(["lab"])
    assert used[-1][:3] == [sys.executable, "-m", "pip"]
    assert "--compile" in used[-1] and ".[lab]" in used[-1]


def test_a_foreign_folder_named_venv_is_not_deleted(tmp_path):
    """Whatever stands in .venv and was not made by venv is left alone."""
    copy = tmp_path / "course"
    (copy / ".venv").mkdir(parents=True)
    (copy / ".venv" / "thesis.txt").write_text("years of work")
    for name in ("run.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, copy)
    done = subprocess.run([sys.executable, "run.py", "lab"], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 2
    assert "in the way" in done.stderr
    assert (copy / ".venv" / "thesis.txt").exists()


def test_arguments_go_to_the_program(run):
    assert run.command_line("test", ["-k", "tracking"])[1:] == ["-m", "pytest", "-k", "tracking"]
    opened = run.command_line("lab", ["--no-browser", "--port=9"])
    assert opened[1:3] == ["-m", "jupyterlab"] and opened[-2:] == ["--no-browser", "--port=9"]
    assert any(word.endswith("00_start_here.ipynb") for word in opened)
    chosen = run.command_line("lab", ["notebooks/03_patellar_tracking.ipynb"])
    assert sum(word.endswith(".ipynb") for word in chosen) == 1


def test_the_stamp_is_readable(run):
    run.set_up(["lab"])
    stamp = json.loads(pathlib.Path(run.STAMP).read_text())
    assert stamp["python"][1] == "{}.{}.{}".format(*sys.version_info)
