"""Execute notebooks from top to bottom and store them as committed: `python3 run.py notebooks [name ...]`.

Stored notebooks hold pictures and words but no widget state, so that one opened before running shows them and
never "model not found".
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = pathlib.Path(__file__).parent.parent / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"
WORDS = "text/plain"
PICTURES = ("image/png", "image/svg+xml")
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}


class Refused(Exception):
    """A notebook that must not be stored as it is."""


def main(arguments: list[str] | None = None) -> int:
    """Execute the named notebooks (all of them by default); returns the exit code."""
    parser = argparse.ArgumentParser(prog="run.py notebooks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of file names, such as 03 or q_angle; none means all")
    parser.add_argument("--timeout", type=int, default=120, help="seconds that one cell may take")
    options = parser.parse_args(arguments)
    import matplotlib.font_manager  # noqa: F401  a font cache built in a lesson would write into its output

    # A failing callback of a widget must fail here, not hide in the explorer.
    os.environ["VMO_EDU_STRICT"] = "1"
    paths = [
        p
        for p in sorted(NOTEBOOKS.glob("*.ipynb"))
        if not options.names or any(n in p.name for n in options.names)
    ]
    if not paths:
        print(
            f"No notebook in {NOTEBOOKS} has {' or '.join(options.names) or '.ipynb'} in its name.",
            file=sys.stderr,
        )
        return 2
    failed = [path.name for path in paths if not store(path, options.timeout)]
    print(f"{len(paths) - len(failed)} stored" + (f", not stored: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def store(path: pathlib.Path, timeout: int) -> bool:
    """Execute one notebook and write it; on an error say which and leave the file as it was."""
    start = time.perf_counter()
    try:
        done = execute(path, timeout)
    except (CellExecutionError, Refused) as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return False
    nbformat.write(done, path)
    print(f"{path.name}: {time.perf_counter() - start:.1f} s, {path.stat().st_size / 1e3:.0f} kB", flush=True)
    return True


def execute(path: pathlib.Path, timeout: int = 120) -> nbformat.NotebookNode:
    """Return the notebook, executed in a new kernel from top to bottom and cleaned.

    Raises
    ------
    CellExecutionError
        If a cell fails.
    Refused
        If a cell writes to the error stream, or cites what does not exist.
    """
    notebook = nbformat.read(path, as_version=4)
    cite(notebook)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=40"],  # advice on encryption is not for a kernel of seconds
    )
    client.execute()
    return clean(notebook)


def cite(notebook: nbformat.NotebookNode) -> None:
    """Turn the citation tokens of the Markdown into links, and refresh those that are links already."""
    from vmo_edu import prose
    from vmo_edu.errors import InputError

    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            try:
                cell.source = prose.expand(cell.source)
            except InputError as error:
                raise Refused(f"cell {number}: {error}") from error


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook without widget state and timings, its pictures beside their words."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells):
        for name in ("execution", "trusted", "collapsed", "scrolled"):
            cell.metadata.pop(name, None)
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                raise Refused(f"cell {number} writes to the error stream: {output.text.strip()[:300]}")
        cell.outputs = [part for output in cell.outputs for part in without_widget(output)]
    return notebook


def without_widget(output: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return an output without its widget; picture and words become two outputs, else only one would show."""
    data = output.get("data")
    if not data or WIDGET not in data:
        return [output]
    if re.match(r".{0,40}\d+%\|", data.get(WORDS, "")):
        return []  # a progress bar: stored, it would stand at 0 % for ever
    del data[WIDGET]
    pictures = {kind: data.pop(kind) for kind in PICTURES if kind in data}
    parts = []
    if pictures:
        parts.append(nbformat.v4.new_output("display_data", pictures))
    if data:
        output.metadata = nbformat.from_dict({})
        parts.append(output)
    return parts


if __name__ == "__main__":
    sys.exit(main())
