"""Every number that a lesson reports has a source that exists, and says "unverified" where it is."""

import pathlib
import re

import nbformat
import pytest

from vmo_edu import evidence, prose

NOTEBOOKS = sorted((pathlib.Path(__file__).parent.parent / "notebooks").glob("[0-9]*.ipynb"))
UNITS = r"(?:mm|°|degrees?\b|deg\b|%|N\b|ml\b|cc\b|MPa|Hz|weeks|days|people|knees)"
NUMBER = re.compile(r"(?<![\w.])\d[\d.,]*\s?" + UNITS)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def text_cells(request):
    notebook = nbformat.read(request.param, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def links(text):
    """Name (key or fact id) and visible words of every citation in a text."""
    for match in prose.LINK.finditer(text):
        yield match[1], match[0][1 : match[0].index("](")]


def test_no_token_is_left(text_cells):
    for text in text_cells:
        assert not prose.TOKEN.search(text), "run: python3 run.py notebooks"


def test_terms_become_links_with_their_meaning():
    text = prose.expand("A [[trochlea|groove]] by @spencer1984.")
    assert '[groove](../data/glossary.csv "trochlea: The groove' in text and "Spencer" in text
    assert prose.expand(text) == text


def test_citations_exist_and_are_up_to_date(text_cells):
    for text in text_cells:
        assert prose.expand(text) == text, "run: python3 run.py notebooks"


def test_unchecked_figures_say_so(text_cells):
    for text in text_cells:
        for name, words in links(text):
            if name.startswith("F") and not evidence.fact(name).verified:
                assert "unverified" in words, name


def test_what_is_no_source_is_not_cited_as_one(text_cells):
    for text in text_cells:
        for name, _ in links(text):
            assert name.startswith("F") or evidence.cite(name).identified, name


def test_numbers_in_the_evidence_part_have_a_source(text_cells):
    for text in text_cells:
        if not re.match(r"#+ Evidence", text):
            continue
        # A table belongs to the sentence that announces it.
        for paragraph in re.split(r"\n\s*\n(?!\|)", text):
            if NUMBER.search(prose.LINK.sub("", paragraph)) and not paragraph.lstrip().startswith((">", "#")):
                assert prose.LINK.search(paragraph), paragraph


def test_every_key_in_the_package_exists():
    keys = {row["key"] for row in evidence.rows("references")}
    ids = {row["id"] for row in evidence.rows("facts")}
    root = pathlib.Path(evidence.__file__).parent.parent
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r'["`(;]\s*(F\d{4})["`);:]', text)) <= ids | {"F9999"}, path.name
        for block in re.findall(r"sources = \(([^)]*)\)", text):
            assert set(re.findall(r'"([a-z]\w+)"', block)) <= keys, path.name


def test_knee_inputs_and_parameters_name_existing_sources():
    from vmo_edu.knee import INPUTS

    keys = {row["key"] for row in evidence.rows("references")}
    assert {item.source_key for item in INPUTS.values()} <= keys
