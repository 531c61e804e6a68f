"""The tables of data/: read, checked, cited; and what happens when a file is damaged."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from vmo_edu import evidence
from vmo_edu.errors import InputError
from vmo_edu.evidence import DataError

DATA = evidence.data_path()


def snapshot():
    return {path: path.stat().st_mtime_ns for path in DATA.rglob("*") if path.is_file()}


@pytest.fixture
def copy(tmp_path):
    """A copy of data/ that a test may damage."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    return folder


def damage(folder, table, old, new, count=1):
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


# -- reading
@pytest.mark.parametrize("name", evidence.tables())
def test_every_table_is_sound(name):
    assert len(evidence.rows(name)) > {"cohort": 10, "cases": 6, "case_feedback": 25}.get(name, 40)


def test_every_csv_is_described():
    described = {evidence._tables._schemas(None)[name]["path"] for name in evidence.tables()}
    assert {path.name for path in DATA.glob("*.csv")} == described


def test_data_package_validates_with_frictionless():
    import frictionless

    package = frictionless.Package(str(DATA / "datapackage.json"))
    report = package.validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])
    assert package.licenses[0]["name"] == "CC-BY-4.0"


def test_rows_are_read_once_and_cannot_be_changed():
    rows = evidence.rows("facts")
    assert rows is evidence.rows("facts")
    with pytest.raises(TypeError):
        rows[0]["value"] = "0"


def test_frames_are_fresh():
    frame = evidence.facts()
    frame.loc[0, "value"] = "spoilt"
    assert evidence.facts().loc[0, "value"] == "10.98"


def test_number_columns_are_numbers():
    cases = evidence.validation_cases()
    assert cases["tolerance_low"].dtype == float and cases["tolerance_low"].notna().sum() > 20
    assert evidence.references()["year"].max() < 2030
    assert evidence.rows("validation_cases")[0]["tolerance_low"] == -80.0


@pytest.mark.parametrize("shortcut", ["facts", "references", "claims", "exercises", "dose_response",
                                      "validation_cases", "glossary"])
def test_shortcuts(shortcut):
    assert len(getattr(evidence, shortcut)()) > 40


def test_import_loads_neither_pandas_nor_widgets():
    code = ("import sys, vmo_edu.evidence as e; e.rows('facts'); e.fact('F0001').text; "
            "print({'pandas', 'ipywidgets', 'matplotlib'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_each_table_is_read_from_disk_once(monkeypatch):
    """However many tables refer to it, and however often it is asked for."""
    read, real = [], evidence._tables._read_lines
    monkeypatch.setattr(
        evidence._tables, "_read_lines", lambda path, *rest: read.append(path.name) or real(path, *rest)
    )
    evidence._tables._checked_rows.cache_clear()
    for _ in range(2):
        for name in evidence.tables():
            evidence.rows(name)
        evidence.fact("F0001").text  # noqa: B018
    assert sorted(read) == sorted(path.name for path in DATA.glob("*.csv"))


def test_nothing_is_written_into_data():
    before = snapshot()
    for name in evidence.tables():
        evidence.table(name)
    evidence.bibtex()
    assert snapshot() == before


# -- what the tables promise
def test_claims_are_all_there():
    verdicts = evidence.claims()["verdict"].value_counts().to_dict()
    assert verdicts == {"partly_supported": 72, "insufficient": 39, "contradicted": 25, "supported": 18}


def test_a_claim_without_source_is_unchecked():
    assert all(row["source_keys"] or row["status"] == "unchecked" for row in evidence.rows("claims"))


def test_a_spread_has_a_kind():
    assert all(row["spread_type"] for row in evidence.rows("facts") if row["spread"])


def test_no_table_points_to_a_file_that_is_not_here():
    for path in DATA.glob("*.csv"):
        assert not re.search(r"\b\w+\.md\b|\.\./", path.read_text(encoding="utf-8")), path.name


def test_readme_counts():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"`(\w+)\.csv` \|[^|]*\| (\d+) \|", text))
    assert told.keys() >= {"facts", "references", "claims", "glossary"}
    assert told == {name: str(len(evidence.rows(name))) for name in told}


def test_glossary_terms_are_unique_under_all_their_names():
    seen = {}
    for row in evidence.rows("glossary"):
        for name in {row["term"], *filter(None, row["also"].split(";"))}:
            assert seen.setdefault(name.strip().casefold(), row["term"]) == row["term"], name
    assert len(evidence.rows("glossary")) >= 60


# -- damaged files
@pytest.mark.parametrize(("table", "old", "new", "said"), [
    ("facts", "10.98,deg", "1o.98,deg", r"facts\.csv, row 2, column value: expected a number.*'1o\.98'"),
    ("facts", "10.98,deg", "nan,deg", r"facts\.csv, row 2, column value"),
    ("facts", "1.75,SD", "x.75,SD", r"facts\.csv, row 2, column spread"),
    ("facts", "F0002", "F0001", r"facts\.csv, row 3, column id: 'F0001' is already in row 2"),
    ("facts", "raveendranath2009,abstract", "raveen,abstract", r"row 2, column source_key: 'raveen' is not"),
    ("facts", "2009,abstract", "2009,sure", r"row 2, column status: 'sure' is not one"),
    ("facts", "F0001,q_angle,Q-angle,", "F0001,q_angle,", r"facts\.csv, row 2, column note: 11 cells"),
    ("facts", "id,topic", "id,subject", r"row 1: column 'topic' is missing"),
    ("references", ",2009,The", ",20o9,The", r"row 2, column year: expected a whole"),
    ("references", ",2009,The", ",3009,The", r"row 2, column year: 3009 is not betw"),
    ("references", "10.1302/1358-992X", "1358-992X", r"row \d+, column doi: .* does not have the form"),
    ("claims", "partly_supported", "half_true", r"claims\.csv, row 2, column verdict: 'half_true'"),
    ("claims", "S0-02", "S0-01", r"claims\.csv, row 3, column id: 'S0-01' is already in row 2"),
    ("claims", "rice2010;mizner2005", "rice2010;nobody1999", r"row 2, column source_keys: 'nobody1999'"),
    ("validation_cases", ",-70,,8,quant", ",minus 70,,8,quant", r"row 2, column value"),
    ("validation_cases", "-80,-55", "-80,fifty", r"row 2, column tolerance_high: expected a number"),
    ("effusion_dose_response", "55.7,4.3", "55,7a,4.3", r"effusion_dose_response\.csv, row \d+, column"),
    ("glossary", "term,meaning", "meaning,term", r"glossary\.csv, row 1: wrong order"),
])
def test_a_damaged_row_is_named(copy, table, old, new, said):
    damage(copy, table, old, new)
    with pytest.raises(DataError, match=said):
        evidence.rows(table, copy)


@pytest.mark.parametrize(("content", "said"), [
    (b"", r"row 1: column 'id' is missing"),
    (b"\xff\xfe\x00", r"facts\.csv is not UTF-8 text"),
    (b'id,topic\n"F0001', r"facts\.csv is not a readable CSV"),
])
def test_an_unreadable_file_is_named(copy, content, said):
    (copy / "facts.csv").write_bytes(content)
    with pytest.raises(DataError, match=said):
        evidence.rows("facts", copy)


def test_a_missing_file_is_named(copy):
    (copy / "claims.csv").unlink()
    with pytest.raises(DataError, match=r"claims\.csv is missing from"):
        evidence.rows("claims", copy)


def test_a_broken_schema_is_named(copy):
    (copy / "datapackage.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"datapackage\.json is not a data package"):
        evidence.rows("claims", copy)


def test_an_edited_schema_is_read_again(copy):
    before = evidence.tables(copy)
    package = json.loads((copy / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"].pop()
    (copy / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    os.utime(copy / "datapackage.json", ns=(1, 1))             # a clock may be too coarse to tell the two apart
    assert evidence.tables(copy) == before[:-1]


def test_unknown_table_lists_the_tables():
    with pytest.raises(InputError, match="'facts'"):
        evidence.rows("figures")


# -- one figure
def test_fact_text():
    fact = evidence.fact("F0001")
    assert fact.text == "10.98 ± 1.75 deg (n = 100 limbs; Raveendranath et al. 2009)"
    assert (fact.value, float(fact), fact.unit, fact.source_key) == (10.98, 10.98, "deg", "raveendranath2009")
    assert fact.what == "Q-angle, men, supine, relaxed"


@pytest.mark.parametrize(("id", "figure"), [
    ("F0010", "12.30 ± 4.0 deg"),
    ("F0052", "r = 0.53"),
    ("F0065", "2.08 deg, CI 0.64 to 3.63"),
    ("F0389", "55.7 ± 4.3 % of control (kind of spread not stated)"),
    ("F0022", "11.2 ± 3.0 deg (unverified)"),
    ("F0476", "-5 ± 1.5 mmHg (SE)"),
    ("F0427", "OR = 0.025, CI upper limit 0.2"),
])
def test_figures(id, figure):
    assert evidence.fact(id).figure == figure


def test_brief_figures_leave_unknown_spreads_to_the_tooltip():
    assert evidence.fact("F0389").brief == "55.7 % of control"
    assert evidence.fact("F0001").brief == "10.98 ± 1.75 deg"
    assert evidence.fact("F0022").brief.endswith("(unverified)")


def test_no_unchecked_figure_without_the_word():
    for row in evidence.rows("facts"):
        fact = evidence.fact(row["id"])
        shown = (fact.text, fact.figure, fact.brief, fact.html)
        assert all(("unverified" in text) == (row["status"] == "unchecked") for text in shown), row["id"]


def test_every_fact_can_be_shown():
    for row in evidence.rows("facts"):
        text = evidence.fact(row["id"]).text
        assert row["value"] in text and "None" not in text and "  " not in text


def test_a_finding_in_words_is_not_a_number():
    with pytest.raises(InputError, match="F0007"):
        float(evidence.fact("F0007"))


def test_unknown_fact_and_source_propose_near_ones():
    with pytest.raises(InputError, match="nearest ids: F0\\d"):
        evidence.fact("F0999")
    with pytest.raises(InputError, match="no source has the key 'spencer1985' in .*nearest keys: spencer1984"):
        evidence.cite("spencer1985")


@pytest.mark.parametrize("key", [None, 1, ["F0001"], ""])
def test_what_is_no_key_is_refused_like_an_unknown_one(key):
    with pytest.raises(InputError, match="no fact has the id"):
        evidence.fact(key)
    with pytest.raises(InputError, match="no source has the key"):
        evidence.cite(key)


# -- citations
@pytest.mark.parametrize(("key", "text"), [
    ("spencer1984", "Spencer et al. 1984"),
    ("park2011", "Park & Stefanyshyn 2011"),
    ("gray1918", "Gray 1918"),
    ("deoliveirasilva2018", "de Oliveira Silva et al. 2018"),
    ("deandrade1965", "deAndrade et al. 1965"),
    ("unattributed", "source not identified"),
])
def test_author_year(key, text):
    assert str(evidence.cite(key)) == text


def test_links():
    assert evidence.cite("amis2006").link == "https://doi.org/10.1002/jor.20268"
    assert evidence.cite("spencer1984").link.startswith(("https://doi.org/", "https://pubmed.ncbi"))
    assert evidence.cite("sakai2000").html.startswith('<a class="vmo-cite" href="https://doi.org/10.1016/s0268')


def test_every_source_can_be_cited():
    for row in evidence.rows("references"):
        source = evidence.cite(row["key"])
        for text in (str(source), source.full, source.html, source.full_html, source._repr_markdown_()):
            assert text and "None" not in text, row["key"]


def test_characters_that_mean_something_to_tex_or_an_address_are_escaped():
    source = evidence.Citation("x1999", "Xu A", "1999", "A_b & c: 5 % of $x ^ ~", "J # of {Y}", doi="10.1/a<b>c#d")
    assert r"{A\_b \& c: 5 \% of \$x \textasciicircum{} \textasciitilde{}}" in source.bibtex
    assert r"{J \# of \{Y\}}" in source.bibtex
    assert source.link == "https://doi.org/10.1/a%3Cb%3Ec%23d"


def test_html_is_escaped(copy):
    damage(copy, "references", "spencer1984,Spencer JD", "spencer1984,<script>alert(1)</script>")
    damage(copy, "facts", "20-30,ml,,range,10,spencer1984", '"<b>20</b>",,,range,10,spencer1984')
    source, fact = evidence.cite("spencer1984", copy), evidence.fact("F0392", copy)
    for html in (source.html, source.full_html, fact.html, fact._repr_html_()):
        assert "<script" not in html and "<b>" not in html and "&lt;" in html


# -- BibTeX
def test_bibtex_is_well_formed():
    text = evidence.bibtex()
    entries = re.findall(r"^@(article|misc)\{(\w+),$", text, flags=re.M)
    keys = [key for _, key in entries]
    assert len(keys) == len(set(keys)) == len(evidence.rows("references")) - 3
    assert "unattributed" not in keys
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert "author = {Spencer, J. D. and Hayes, K. C. and Alexander, I. J.}" in text
    assert not re.search(r"(?<!\\)[&%#]", re.sub(r"(doi|url) = \{[^}]*\}", "", text))


def test_command_line_prints_bibtex():
    command = [sys.executable, "-m", "vmo_edu.evidence", "bibtex"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.decode("utf-8").strip() == evidence.bibtex()


def test_command_line_checks_all_tables():
    command = [sys.executable, "-m", "vmo_edu.evidence", "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.count("no fault found") == len(evidence.tables())


def test_schema_documents_every_column():
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        assert all(field["description"] for field in resource["schema"]["fields"]), resource["name"]
