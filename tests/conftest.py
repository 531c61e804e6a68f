"""What the tests share: a real JupyterLab and Chromium for those marked `browser`, started on demand."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import types

import hypothesis
import pytest

from tests import lab
from tests.pages import NotebookPage

# The same examples in every run, and no time limit for one: a slow machine is no fault of the code.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests last: Playwright keeps an event loop in this thread, which nbval would trip over."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip browser tests where there is no browser; where one is required that is a failure."""
    if item.get_closest_marker("browser") is None:
        return
    missing = None
    if importlib.util.find_spec("playwright") is None:
        missing = "Playwright is not installed"
    elif lab.chromium() is None:
        missing = "found no chromium, chromium-browser or google-chrome that starts"
    if missing and os.environ.get("VMO_EDU_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{missing}, and VMO_EDU_REQUIRE_BROWSER=1 requires a browser", pytrace=False)
    if missing:
        pytest.skip(missing)


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory):
    """A JupyterLab on an empty folder: `.address` and `.folder`. It serves Notebook 7 and Voila as well."""
    folder = tmp_path_factory.mktemp("jupyter")
    with lab.server(folder, extra_env={"VMO_EDU_STRICT": "1"}) as address:
        yield types.SimpleNamespace(address=address, folder=folder)


@pytest.fixture(scope="session")
def chrome():
    """One Chromium for all tests."""
    with lab.browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def lab_page(jupyter, chrome):
    """`lab_page(notebook)` opens a copy of a notebook file (or a list of cells) and returns a NotebookPage.

    Options: `run` (default True) runs all cells; `app` is "lab", "notebook" or "voila"; `width` and `height`
    are those of the window. What was opened is closed, with its kernel, when the module's tests are over;
    `.close()` does it sooner.
    """
    opened: list[NotebookPage] = []

    def open_page(notebook, *, run=True, app="lab", width=1400, height=900) -> NotebookPage:
        name = f"copy{len(opened)}_{os.getpid()}_{id(opened) % 9973}.ipynb"
        if isinstance(notebook, list):
            lab.write_notebook(jupyter.folder / name, notebook)
        else:
            shutil.copy(notebook, jupyter.folder / name)
        context = chrome.new_context(viewport={"width": width, "height": height})
        cells = len(json.loads((jupyter.folder / name).read_text(encoding="utf-8"))["cells"])
        page = NotebookPage(context, jupyter.address, name, app, cells)
        opened.append(page)
        page.open()
        if run and app != "voila":
            page.run_all()
        return page

    yield open_page
    for page in opened:
        page.close()
