"""A real JupyterLab and a real Chromium for browser tests and the benchmark."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = pathlib.Path(__file__).parent.parent


@functools.cache
def chromium() -> str | None:
    """Path of the first of the system's Chromiums or Chromes that starts, or None."""
    usual = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ]
    return next((path for path in map(shutil.which, usual) if path and starts(path)), None)


def starts(path: str) -> bool:
    """Whether a browser tells its version; on Ubuntu `chromium` may be a stub that only asks for a snap."""
    if not sys.platform.startswith("linux"):
        return True  # on Windows the question would open a window
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and re.match(r"(Chromium|Google Chrome) \d", done.stdout) is not None


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def write_notebook(path: pathlib.Path, cells: list[str]) -> None:
    """A notebook of code cells, without outputs."""
    code = [
        {
            "cell_type": "code",
            "id": f"cell{i}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": source,
        }
        for i, source in enumerate(cells)
    ]
    meta = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": code, "metadata": meta, "nbformat": 4, "nbformat_minor": 5}))


@contextlib.contextmanager
def server(
    folder: pathlib.Path, *, app: str = "lab", extra_env: dict | None = None, options: tuple = ()
) -> Iterator[str]:
    """Serve `folder` with JupyterLab (or "notebook"); yields the address without a trailing slash."""
    port = free_port()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="vmo-jupyter-"))
    env = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTER_DATA_DIR": str(scratch / "data"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "IPYTHONDIR": str(scratch / "ipython"),
        **(extra_env or {}),
    }
    settings = scratch / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    command = [
        sys.executable,
        "-m",
        f"jupyter{'lab' if app == 'lab' else ''}",
        *([] if app == "lab" else [app]),
        "--no-browser",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        "--IdentityProvider.token=",
        "--allow-root",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        *options,
    ]
    with open(scratch / "log", "w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=folder)
        try:
            wait_for(f"http://127.0.0.1:{port}/api/status", process, scratch / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            stop(f"http://127.0.0.1:{port}", process)
            shutil.rmtree(scratch, ignore_errors=True)


def wait_for(address: str, process: subprocess.Popen, log: pathlib.Path) -> None:
    """Wait until the server answers; its log becomes the error if it does not."""
    for _ in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=2).read()
            return
        time.sleep(0.1)
    raise RuntimeError(f"Jupyter did not start:\n{log.read_text()[-3000:]}")


def stop(address: str, process: subprocess.Popen) -> None:
    """Shut kernels down, then the server."""
    with contextlib.suppress(OSError):
        for kernel in json.load(urllib.request.urlopen(f"{address}/api/kernels", timeout=5)):
            request = urllib.request.Request(f"{address}/api/kernels/{kernel['id']}", method="DELETE")
            urllib.request.urlopen(request, timeout=10).read()
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def browser(**options) -> Iterator:
    """A Chromium driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chrome = play.chromium.launch(executable_path=chromium(), args=FLAGS, **options)
        try:
            yield chrome
        finally:
            chrome.close()


def open_notebook(page, address: str, name: str, *, run: bool = True) -> None:
    """Open a notebook in JupyterLab in single-document mode and, if wanted, run all of it."""
    page.goto(f"{address}/doc/tree/{name}?reset")
    kernel_ready(page)
    if run:
        run_all(page)


# JupyterLab and Notebook 7 say themselves when file, kernel and cells are ready; `server` makes them tell it.
PANEL = "window.jupyterapp?.shell?.currentWidget"
READY = """async panel => {
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
    while (panel.sessionContext.kernelDisplayStatus !== 'idle') await new Promise(done => setTimeout(done, 50)); }"""
DONE = "async () => jupyterapp.commands.execute('notebook:run-all-cells')"


def kernel_ready(page, timeout: float = 90) -> None:
    """Wait until the notebook is read and drawn, and its kernel answers and rests."""
    page.wait_for_function(f"() => {PANEL}?.sessionContext && {PANEL}.context", timeout=1000 * timeout)
    within(page, f"({READY})({PANEL})", timeout, "the kernel was not ready")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=1000 * timeout)


def run_all(page, timeout: float = 120) -> None:
    """Run all cells and wait until the last has answered."""
    kernel_ready(page)
    within(page, f"({DONE})()", timeout, "the notebook did not come to its end")


def wait_idle(page, timeout: float = 90) -> None:
    """Wait until the kernel has nothing to do."""
    kernel_ready(page, timeout)


def within(page, promise: str, timeout: float, complaint: str) -> None:
    """Wait for a promise of the page, but not for ever."""
    done = page.evaluate(
        f"""() => Promise.race([{promise}.then(() => true),
                                new Promise(late => setTimeout(() => late(false), {1000 * timeout}))])"""
    )
    assert done, f"{complaint} within {timeout:g} s"
