"""The stored notebooks: short cells, executed from top to bottom, readable before anything is run.

That they run and give the same again is checked by nbval, which collects the notebooks themselves.
"""

from __future__ import annotations

import ast
import pathlib
import re

import nbformat
import pytest

from tests import execute_notebooks
from vmo_edu import explore

ROOT = pathlib.Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NUMBERED = {path.stem[:2]: path for path in NOTEBOOKS if path.stem[:2].isdigit()}
GUIDE = ROOT / "notebooks" / "teaching_guide.md"
BUTTON = r"\b[Pp]ress(?:es)? \*{1,2}([^*]+)\*"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks_with_explorers_links_and_buttons():
    """What the tests below look for is there to be found."""
    assert sorted(NUMBERED) == [f"{number:02}" for number in range(12)]
    shown = [path for path in NOTEBOOKS for cell in code_cells(nbformat.read(path, as_version=4))
             if shows_explorer(cell.source)]
    assert {path.stem[:2] for path in shown} == set(NUMBERED) - {"11"}
    words = "\n".join(prose_of(path) for path in [*NOTEBOOKS, GUIDE])
    assert words.count(".ipynb)") > 20 and len(re.findall(BUTTON, words)) > 5


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


# ---------------------------------------------------------------------------------- what the prose points at


def prose_of(path: pathlib.Path) -> str:
    """The Markdown of a notebook or of a page."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_between_lessons_lead_to_the_lesson_they_name(path):
    text = prose_of(path)
    for words, target in re.findall(r"\[([^\]]*)\]\(([^)\s]+\.ipynb)\)", text):
        assert (path.parent / target).exists(), target
        assert not words[:2].isdigit() or target.startswith(words[:2]), f"[{words}]({target})"
    assert not re.findall(r"[Ll]essons? \d+", text), "a lesson is named without a link to it"


def test_every_lesson_leads_to_the_next():
    """From 01 to the model card; the start notebook lists them all."""
    numbers = sorted(NUMBERED)
    for here, there in zip(numbers[1:], numbers[2:], strict=False):
        after = re.search(r"## Next\n(.*?)(?=\n## |\Z)", prose_of(NUMBERED[here]), re.S)
        assert after, f"{here} has no part called Next"
        assert f"({NUMBERED[there].name})" in after[1], f"{here} does not lead to {there}"


@pytest.mark.parametrize(("page", "start"), [
    (ROOT / "README.md", r"\| \[(\d\d) .*?\]\(notebooks/"), (NUMBERED["00"], r"\| \[(\d\d) .*?\]\("),
    (GUIDE, r"## (\d\d) "),
], ids=["README", "start notebook", "teaching guide"])
def test_every_lesson_is_listed_once_and_in_order(page, start):
    listed = re.findall("^" + start, prose_of(page), re.M)
    assert listed == [number for number in sorted(NUMBERED) if page != NUMBERED["00"] or number != "00"]


def test_lessons_named_in_the_guide_exist():
    assert set(re.findall(r"[Ll]essons? (\d\d)", prose_of(GUIDE))) <= set(NUMBERED)


def calls(path: pathlib.Path) -> list[str]:
    """What a page offers to paste into a cell."""
    return sorted(set(re.findall(r"`(explore\.\w+\([^`]*\))`", prose_of(path))))


@pytest.mark.parametrize("call", sorted({call for path in [*NOTEBOOKS, GUIDE] for call in calls(path)}))
def test_calls_in_the_prose_open_their_explorer(call):
    eval(call, {"explore": explore}).close()


@pytest.fixture(scope="module")
def presets() -> set[str]:
    return {preset for name in explore.CLASSES for preset in getattr(explore, name)().presets}


@pytest.mark.parametrize("path", [*NOTEBOOKS, GUIDE, ROOT / "README.md"], ids=lambda path: path.stem)
def test_buttons_are_named_as_they_are_on_the_page(path, presets):
    """`**Pin baseline**` after "press", `*Save my votes*` after "presses": buttons or presets all."""
    pages = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "vmo_edu").rglob("*.js"))
    named = re.findall(BUTTON, prose_of(path))
    wrong = [name for name in named if f'"{name}"' not in pages and name not in {"Run", "Play", *presets}]
    assert not wrong, wrong


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
