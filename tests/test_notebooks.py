"""The stored notebooks: short cells, executed from top to bottom, readable before anything is run.

That they run and give the same again is checked by nbval, which collects the notebooks themselves.
"""

from __future__ import annotations

import ast
import pathlib

import nbformat
import pytest

from tests import execute_notebooks

NOTEBOOKS = sorted((pathlib.Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_is_valid(notebook):
    nbformat.validate(notebook)


def test_code_cells_have_at_most_three_lines(notebook):
    for cell in code_cells(notebook):
        lines = [
            line for line in cell.source.splitlines() if line.strip() and not line.strip().startswith("#")
        ]
        assert len(lines) <= 3, cell.source


def test_code_cells_define_nothing(notebook):
    for cell in code_cells(notebook):
        nodes = ast.walk(ast.parse(cell.source))
        assert not any(isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)) for node in nodes), (
            cell.source
        )


def test_nothing_relies_on_a_semicolon(notebook):
    """nbval keeps no history, so a final semicolon hides no output there: write `_ = lab.reset()`."""
    assert not [cell.source for cell in code_cells(notebook) if cell.source.rstrip().endswith(";")]


def test_executed_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "run: python3 run.py notebooks"


def test_holds_no_error_and_no_warning(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", output
            assert output.get("name") != "stderr", output.text


def test_holds_no_widget_state(notebook):
    assert "widgets" not in notebook.metadata
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert execute_notebooks.WIDGET not in output.get("data", {})


def test_explorers_show_picture_and_words_before_anything_is_run(notebook):
    for cell in code_cells(notebook):
        if not shows_explorer(cell.source):
            continue
        kinds = [kind for output in cell.outputs for kind in output.get("data", {})]
        assert "image/png" in kinds, cell.source
        words = "".join(
            output.data["text/plain"] for output in cell.outputs if "text/plain" in output.get("data", {})
        )
        assert len(words) > 40, cell.source


def shows_explorer(source: str) -> bool:
    """Whether a cell ends by showing the explorer that it opens: `explore.pull()`, or `lab = ...; lab`."""
    *before, last = ast.parse(source).body or [None]
    if not isinstance(last, ast.Expr):
        return False
    shown = ast.unparse(last)
    named = [
        ast.unparse(line.value)
        for line in before
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == shown
    ]
    return any(call.startswith("explore.") for call in [shown, *named])


def test_names_no_machine(notebook):
    text = nbformat.writes(notebook)
    assert "/root/" not in text and "/home/" not in text and "/tmp/" not in text and "C:\\\\Users" not in text


def test_cleaning_takes_widgets_out_and_keeps_picture_and_words():
    data = {execute_notebooks.WIDGET: {"model_id": "1"}, "image/png": "iVBOR", "text/plain": "A knee."}
    cell = nbformat.v4.new_code_cell(
        "x", outputs=[nbformat.v4.new_output("execute_result", data, execution_count=1)]
    )
    book = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})
    kept = execute_notebooks.clean(book)
    assert [dict(output.data) for output in kept.cells[0].outputs] == [
        {"image/png": "iVBOR"},
        {"text/plain": "A knee."},
    ]
    assert "widgets" not in kept.metadata
    nbformat.validate(kept)


def test_a_cell_that_writes_to_stderr_is_refused():
    cell = nbformat.v4.new_code_cell(
        "x", outputs=[nbformat.v4.new_output("stream", name="stderr", text="Warning: old")]
    )
    with pytest.raises(execute_notebooks.Refused, match="error stream"):
        execute_notebooks.clean(nbformat.v4.new_notebook(cells=[cell]))
