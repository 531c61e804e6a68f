#!/usr/bin/env python3
"""Set the course up in .venv and run it: `python3 run.py lab`, or test, bench, voila, notebooks, site.

Needs Python 3.11 or newer and pip, nothing else. What stands after the command goes to the program behind it.
"""
# Written so that any Python since 2.7 can read it: a too old one then gets our message, not a syntax error.

from __future__ import print_function

import hashlib
import json
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
STAMP = os.path.join(VENV, "vmo_edu-setup.json")
CONSTRAINTS = os.path.join(ROOT, "constraints.txt")
SERVER_SETTINGS = os.path.join(ROOT, "vmo_edu", "live", "server")  # optional: quicker messages to the kernel
START = os.path.join("notebooks", "00_start_here.ipynb")

# command: (extras of pyproject.toml, what it does)
COMMANDS = {
    "lab": (["lab"], "open the course in JupyterLab at its start notebook"),
    "voila": (["lab"], "serve the lessons as web pages, code hidden"),
    "test": (["lab", "site", "test"], "run every test (try: test -k tracking)"),
    "bench": (["lab", "bench"], "measure speed and memory"),
    "notebooks": (["lab"], "execute all notebooks again from top to bottom and store them"),
    "site": (["lab", "site"], "write the static site of all lessons"),
    "constraints": (["lab", "test"], "resolve constraints.txt anew (add --upgrade for newer versions)"),
}

MODULES = {"bench": "tests.bench", "notebooks": "tests.execute_notebooks", "site": "vmo_edu.website"}

# One file for every system and Python; without addresses, so that any index will do.
COMPILE = "pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --all-extras".split()
COMPILE += ["--custom-compile-command", "python3 run.py constraints"]
COMPILE += ["--output-file", "constraints.txt", "pyproject.toml"]

NO_PIP = """\
pip is missing, so nothing can be installed. One of these puts it right:
    Debian, Ubuntu:   sudo apt install python3-pip
    Fedora:           sudo dnf install python3-pip
    elsewhere:        {0} -m ensurepip --user
then run the same command again."""


class SetUpError(Exception):
    """Something the user can mend; its message says how."""


def main(argv):
    """Run one command; returns the exit code."""
    if sys.version_info[:2] < OLDEST:
        print(
            "vmo_edu needs Python 3.11 or newer; this is Python {0}.{1} ({2}).\n"
            "Run it with a newer one, for example: python3.12 run.py lab".format(
                sys.version_info[0], sys.version_info[1], sys.executable
            ),
            file=sys.stderr,
        )
        return 2
    if len(argv) < 2 or argv[1] not in COMMANDS:
        return usage(argv[1:])
    try:
        command = command_line(argv[1], argv[2:])
        set_up(COMMANDS[argv[1]][0])
        return start(command)
    except SetUpError as problem:
        print("\n{0}".format(problem), file=sys.stderr)
        return 2


def usage(arguments):
    """Print what can be run; an unknown command is an error, asking for help is not."""
    asked = bool(arguments) and arguments[0] in ("-h", "--help", "help")
    out = sys.stdout if asked else sys.stderr
    if arguments and not asked:
        print("There is no command {0!r}.".format(arguments[0]), file=out)
    print("Use: python3 run.py COMMAND [what follows goes to the program behind it]", file=out)
    for name, (_, meaning) in COMMANDS.items():
        print("    {0:10} {1}".format(name, meaning), file=out)
    return 0 if asked else 2


# ---------------------------------------------------------------------------------------------- set-up


def set_up(extras):
    """Bring .venv to what constraints.txt and pyproject.toml say; does nothing when they have not changed."""
    wanted = {"inputs": inputs_hash(), "python": interpreter(), "extras": sorted(extras)}
    have = read_stamp()
    if have.get("python") == wanted["python"] and os.path.exists(PYTHON):
        wanted["extras"] = sorted(set(extras) | set(have["extras"]))
        if have == wanted:
            return
    else:
        make_venv()
    say(
        "Setting up {0} for {1} (a minute or so; only now and after updates) ...".format(
            VENV, ", ".join(wanted["extras"])
        )
    )
    if os.path.exists(STAMP):
        os.remove(STAMP)  # an interrupted set-up must not look finished
    install(wanted["extras"])
    with open(STAMP, "w") as file:
        json.dump(wanted, file)


def inputs_hash():
    """One hash over the files that decide what is installed."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt", "run.py"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def interpreter():
    """Which Python the environment belongs to: another one means a new environment."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    return [os.path.realpath(base), "{0}.{1}.{2}".format(*sys.version_info[:3])]


def read_stamp():
    """What the last finished set-up installed; empty when there was none."""
    try:
        with open(STAMP) as file:
            return json.load(file)
    except (IOError, OSError, ValueError):
        return {}


def make_venv():
    """Make an empty .venv, without pip: Debian leaves out ensurepip, and pip can work from outside."""
    if os.path.lexists(VENV):
        if os.path.islink(VENV) or not os.path.exists(os.path.join(VENV, "pyvenv.cfg")):
            raise SetUpError(
                "{0} is in the way and is no environment made by run.py; move it aside.".format(VENV)
            )
        if os.path.realpath(sys.prefix) == os.path.realpath(VENV):
            raise SetUpError("Python was updated under .venv: run 'deactivate', then the same command again.")
        shutil.rmtree(VENV)
    made = subprocess.call([sys.executable, "-m", "venv", "--without-pip", VENV])
    if made != 0:
        raise SetUpError(
            "Python could not make an environment in {0}.\n"
            "Debian, Ubuntu: sudo apt install python3-venv python3-pip; then run the same again.".format(VENV)
        )


def install(extras):
    """Install the package and its needs with uv, or with pip where uv cannot be had or fails."""
    pip = find_pip()
    uv = find_uv(pip)
    ways = []
    if uv:
        ways.append(uv + ["pip", "install", "--python", PYTHON, "--quiet"])
    if pip:
        ways.append(pip + ["install", "--quiet", "--quiet"])  # twice: warnings are not for the reader
    if not ways:
        raise SetUpError(NO_PIP.format(sys.executable))
    for way in ways:
        # Compiled now, once, whatever PYTHONDONTWRITEBYTECODE says: else every start pays for it.
        compiled = ["--compile-bytecode"] if way[0] in (uv or [None]) else ["--compile"]
        package = [".[{0}]".format(",".join(extras))]
        if (
            call(way + ["--constraint", CONSTRAINTS, "hatchling"]) == 0
            and call(
                way + compiled + ["--constraint", CONSTRAINTS, "--no-build-isolation", "--editable"] + package
            )
            == 0
        ):
            return
    raise SetUpError(
        "The installation failed: see the lines above. Without a network it cannot work the first time."
    )


def find_pip():
    """Return the command of a pip that works on .venv, or None."""
    for command in ([sys.executable, "-m", "pip"], ["pip3"], ["pip"]):
        command = command + ["--python", PYTHON]
        if works(command + ["--version"]):
            return command
    if works([PYTHON, "-m", "ensurepip"]):
        return [PYTHON, "-m", "pip"]
    return None


def find_uv(pip):
    """Return the command of uv (several times quicker than pip), fetched into .venv if need be, or None."""
    own = own_uv()
    for uv in ("uv", own):
        if works([uv, "--version"]):
            return [uv]
    if pip and call(pip + ["install", "--quiet", "--constraint", CONSTRAINTS, "uv"], quiet=True) == 0:
        return [own] if works([own, "--version"]) else None
    return None


def own_uv():
    """Return where uv is once it is installed in .venv."""
    return os.path.join(BIN, "uv.exe" if os.name == "nt" else "uv")


def works(command):
    """Tell whether a command can be run and ends well."""
    try:
        return call(command, quiet=True) == 0
    except OSError:
        return False


def call(command, quiet=False):
    """Run a command in the project's folder with no questions asked; returns its exit code."""
    environment = dict(
        os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore", PIP_NO_INPUT="1"
    )
    with open(os.devnull, "r+") as nowhere:
        out = nowhere if quiet else None
        return subprocess.call(command, cwd=ROOT, env=environment, stdin=nowhere, stdout=out, stderr=out)


def say(text):
    """Tell the user at once, also through a pipe."""
    print(text, file=sys.stderr)
    sys.stderr.flush()


# ------------------------------------------------------------------------------------------- commands


def command_line(command, arguments):
    """Return the program behind a command, with the user's arguments after ours."""
    if command == "test":
        return [PYTHON, "-m", "pytest"] + arguments
    if command in MODULES:
        return [PYTHON, "-m", module(command)] + arguments
    if command == "constraints":
        return [own_uv()] + COMPILE + arguments
    if command == "voila":
        return [PYTHON, "-m", "voila", "notebooks"] + arguments
    # Jupyter refuses to run as root unless told: in a container there is often nobody else.
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    quiet = ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    opened = [] if any(word.endswith(".ipynb") for word in arguments) else [START]
    if opened:  # the address that is printed, for those who open it by hand, leads there too
        quiet.append("--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb")
    return [PYTHON, "-m", "jupyterlab", "--ServerApp.root_dir=" + ROOT] + quiet + root + opened + arguments


def module(command):
    """Return the module of the project that a command runs."""
    name = MODULES[command]
    path = os.path.join(ROOT, *name.split("."))
    if not os.path.exists(path + ".py") and not os.path.exists(os.path.join(path, "__main__.py")):
        raise SetUpError("This copy of the course has no {0}, which the command needs.".format(name))
    return name


def start(command):
    """Run the program in the project's folder; on POSIX it takes this process over, so signals reach it."""
    environment = dict(os.environ, VIRTUAL_ENV=VENV)
    for name, first in (("PATH", BIN), ("JUPYTER_CONFIG_PATH", SERVER_SETTINGS)):
        environment[name] = os.pathsep.join([first] + [rest for rest in [os.environ.get(name)] if rest])
    os.chdir(ROOT)
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], command, environment)
    try:
        return subprocess.call(command, env=environment)
    except KeyboardInterrupt:  # Ctrl+C went to the program as well, which has ended by it
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv))
