"""Every number that a lesson reports has a source that exists, and says "unverified" where it is."""

import json
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


def tokens(text):
    """Words before, figure, and words after every figure of a text, whether token or link."""
    text = prose.LINK.sub(lambda match: "@" + match[1], text)
    for match in prose.TOKEN.finditer(text):
        if prose.is_fact(match[1]):
            yield text[: match.start()], evidence.fact(match[1]), text[match.end() :].lstrip()


def texts(content):
    """Every text of a quiz file, however deep."""
    if isinstance(content, str):
        return [content]
    inside = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    return [text for one in inside for text in texts(one)]


PROSE = {path.stem: [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
         for path in NOTEBOOKS}
PROSE |= {f"quiz {path.stem}": texts(json.loads(path.read_text(encoding="utf-8")))
          for path in evidence.data_path("quizzes").glob("*.json")}
OTHER_NAMES = {"deg": ("degree", "°"), "%": ("per cent", "percent"), "mm": ("millimetre",), "ml": ("millilitre", "cc"),
               "N": ("newton",), "s": ("second",), "Hz": ("hertz", "pulses a second")}


def said_twice(before, fact, after):
    """What stands right before or after a figure although the figure says it itself; empty if nothing."""
    words = prose.figure(fact).removesuffix(" (unverified)").split()
    units = {" ".join(words[k:]) for k in range(1, len(words))}
    units |= {name for word in fact.unit.split() for name in OTHER_NAMES.get(word, ())}
    behind = [unit for unit in units if re.match(rf"{re.escape(unit)}s?(?![\w/])", after)]
    named = words[1:2] == ["="] and re.search(rf"\b{re.escape(words[0])}\b[^.;@]*$", before[-30:])
    fallen = words[0].startswith("−") and re.search(r"\b(fell|fallen|down|drop(ped)?|took|lost|less)( by)?$",
                                                    before.rstrip())
    return [*behind, *([words[0]] if named else []), *([fallen[0] + " " + words[0]] if fallen else [])]


@pytest.mark.parametrize(("text", "twice"), [
    ("about @F0109 % of the force", ["%"]), ("@F0002 degrees in", ["degree"]), ("(ICC @F0058 in", ["ICC"]),
    ("was at @F0389 of control for", ["of control"]), ("Torque fell by @F0408 at once", ["fell by −30"]),
    ("@F0002 in women, of control", []), ("ICC. Then @F0058", []),
])
def test_a_doubled_unit_is_found(text, twice):
    assert [said for parts in tokens(text) for said in said_twice(*parts)] == twice


@pytest.mark.parametrize("name", PROSE)
def test_no_figure_says_its_unit_twice(name):
    found = [f"{before[-40:]} | {prose.figure(fact)} | {after[:30]}: {twice}" for text in PROSE[name]
             for before, fact, after in tokens(text) if (twice := said_twice(before, fact, after))]
    assert not found, "\n".join(found)


def evidence_parts(cells):
    """What stands under a heading that begins with "Evidence"."""
    return re.findall(r"^## Evidence.*?(?=^## |\Z)", "\n\n".join(cells), re.M | re.S)


def test_every_lesson_cites_and_has_a_part_called_evidence(text_cells):
    """The tests below look at links and at that part: without any they would hold by themselves."""
    assert len(list(links("\n".join(text_cells)))) >= 5
    assert len(evidence_parts(text_cells)) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_sources_of_the_prose_stand_in_the_list_at_the_end(path):
    """A reader who sees "Goh et al. 1995" finds the whole reference below."""
    cells = nbformat.read(path, as_version=4).cells
    listed = "".join(output.data["text/plain"] for cell in cells if "lesson.sources(" in cell.source
                     for output in cell.outputs)
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    wanted = {name for name, _ in links(text) if not prose.is_fact(name)}
    missing = sorted(key for key in wanted if evidence.cite(key).full not in listed)
    assert wanted and listed and not missing


def test_sources_without_authors_are_named_by_what_one_can_look_up():
    for row in evidence.rows("references"):
        source = evidence.cite(row["key"])
        if source.identified and not source.authors:
            assert source.full.startswith("Authors not recorded"), source.key
            assert "not recorded" not in str(source) and "n.d." not in str(source), source.key
            assert str(source) != source.key


def test_the_number_of_claims_is_that_of_the_ledger():
    """Readers are told in several places how many statements there are."""
    readme = (pathlib.Path(evidence.__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"(?:(\d+) (?:popular )?(?:statements|claims)|vote on (\d+))", readme + str(PROSE))
    assert len(told) >= 4
    assert {int(first or second) for first, second in told} == {len(evidence.rows("claims"))}


def test_the_limit_of_wasting_is_the_cited_one():
    """Lesson 05 cites the fitted limit beside the equation that uses it."""
    from vmo_edu.models.adaptation import PARAMETERS

    assert 100 * PARAMETERS["unload_limit"].value == pytest.approx(float(evidence.fact("F0610")))
    assert any(fact.id == "F0610" for text in PROSE["05_vicious_cycle"] for _, fact, _ in tokens(text))


def test_no_token_is_left(text_cells):
    for text in text_cells:
        assert not prose.TOKEN.search(text), "run: python3 run.py notebooks"


def test_terms_become_links_with_their_meaning():
    text = prose.expand("A [[trochlea|groove]] by @spencer1984.")
    assert '[groove](../data/glossary.csv "trochlea: The groove' in text and "Spencer" in text
    assert prose.expand(text) == text


def test_no_tooltip_ends_its_link_early(monkeypatch):
    monkeypatch.setattr(evidence, "explain", lambda name: 'the "joint" [knee] | leg\nand so on')
    assert prose.expand("[[knee]]") == "[knee](../data/glossary.csv \"the 'joint' (knee) / leg and so on\")"


def test_what_names_no_source_is_not_among_the_sources_used():
    assert prose.used("@vmo_article says so, not @spencer1984 nor @F0389 nor @iles1990") == ("spencer1984", "iles1990")


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
    for text in evidence_parts(text_cells):
        # A table belongs to the sentence that announces it.
        for paragraph in re.split(r"\n\s*\n(?!\|)", text):
            if NUMBER.search(prose.LINK.sub("", paragraph)) and not paragraph.lstrip().startswith((">", "#")):
                assert prose.LINK.search(paragraph), paragraph


def test_every_key_in_the_package_exists():
    keys = {row["key"] for row in evidence.rows("references")}
    ids = {row["id"] for row in evidence.rows("facts")}
    root = pathlib.Path(evidence.__file__).parent.parent
    named, cited = set(), set()
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'["`(;]\s*(F\d{4})["`);:]', text))
        cited |= {key for block in re.findall(r"sources = \(([^)]*)\)", text)
                  for key in re.findall(r'"([a-z]\w+)"', block)}
    assert len(named) > 50 and named <= ids | {"F9999"}
    assert len(cited) > 20 and cited <= keys


def test_knee_inputs_and_parameters_name_existing_sources():
    from vmo_edu.knee import INPUTS

    keys = {row["key"] for row in evidence.rows("references")}
    assert {item.source_key for item in INPUTS.values()} <= keys
