"""The ledger of claims: filters, votes, files of votes, the explorers that test a claim, the browser."""

import csv
import json
import re
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vmo_edu import evidence, explore
from vmo_edu.errors import InputError
from vmo_edu.evidence import DataError
from vmo_edu.explorers.claims import ClaimsExplorer
from vmo_edu.models import claims as model
from vmo_edu.models.claims import VoteFileError, Votes

CLAIMS = model.load()
MAPPED = [claim for claim in CLAIMS if claim.explorer]
VERDICTS = {"supported": 18, "partly_supported": 72, "insufficient": 39, "contradicted": 25}


@pytest.fixture
def ledger():
    ledger = explore.claims()
    yield ledger
    ledger.close()


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(evidence.data_path(), folder)
    return folder


# -- the claims
def test_all_claims_are_there():
    assert len(CLAIMS) == 154 and model.by_verdict(CLAIMS) == VERDICTS
    assert sum(model.topics(CLAIMS).values()) == 154


def test_every_claim_has_a_state_or_a_reason():
    assert all(claim.look_for for claim in CLAIMS)
    assert all(claim.explorer or not claim.values for claim in CLAIMS)


def test_at_least_sixty_claims_can_be_tried():
    assert len(MAPPED) >= 60


@pytest.mark.parametrize("claim", MAPPED, ids=lambda claim: claim.id)
def test_every_mapped_state_is_legal(claim):
    lab = getattr(explore, claim.explorer)(**claim.values)
    try:
        state = lab.state()
        assert all(state[name] == value for name, value in claim.values.items() if name != "preset")
        assert len(lab.describe()) > 20
    finally:
        lab.close()


@pytest.mark.parametrize("topic", model.topics(CLAIMS))
def test_filter_by_topic(topic):
    found = model.select(CLAIMS, topic=topic)
    assert found and {claim.topic for claim in found} == {topic}


def test_filters_join():
    found = model.select(CLAIMS, text="cramps", verdict="contradicted", words="MAGNESIUM")
    assert [claim.id for claim in found] == ["S4-11"]
    assert model.select(CLAIMS, words="no such words anywhere") == ()
    assert model.select(CLAIMS) == CLAIMS


@pytest.mark.parametrize("wrong", [{"topic": "hats"}, {"text": "bible"}, {"verdict": "true"}])
def test_a_filter_that_does_not_exist_lists_those_that_do(wrong):
    with pytest.raises(InputError, match="must be one of"):
        model.select(CLAIMS, **wrong)


@pytest.mark.parametrize(("table", "old", "new", "said"), [
    ("claims", "S0-02", "S0-01", r"claims\.csv, row 3, column id"),
    ("claims", ",partly_supported,", ",perhaps,", r"claims\.csv, row 2, column verdict: 'perhaps'"),
    ("claims", "rice2010", "rice2099", r"claims\.csv, row 2, column source_keys: 'rice2099'"),
    ("claim_states", "S0-01,", "S9-01,", r"claim_states\.csv, row 2, column claim_id: 'S9-01' is not in"),
    ("claim_states", '{""vmo"": 0.0}', "{vmo}", r"claim_states\.csv, claim \S+, column values: not JSON"),
])
def test_a_damaged_table_is_named(copy, table, old, new, said):
    path = copy / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=said):
        model.load(copy)


def test_a_claim_without_state_is_named(copy):
    path = copy / "claim_states.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("S1-11")), encoding="utf-8")
    with pytest.raises(DataError, match="no row for claim S1-11"):
        model.load(copy)


def test_text_of_a_claim_is_escaped(copy, monkeypatch):
    path = copy / "claims.csv"
    text = path.read_text(encoding="utf-8").replace("Rice & McNair 2010 review", "<script>alert(1)</script>")
    path.write_text(text.replace("Why the VMO shrinks", "<img src=x>"), encoding="utf-8")
    load = model.load
    monkeypatch.setattr(model, "load", lambda: load(copy))
    ledger = ClaimsExplorer()
    first = ledger.widget.spec["claims"][0]
    assert "&lt;script&gt;" in first["evidence"] and "<script" not in first["evidence"]
    html = ledger._repr_mimebundle_()[0]["text/html"]
    assert "<img src=x" not in html and "&lt;img src=x&gt;" in html
    ledger.close()


@pytest.mark.browser
def test_a_claim_that_opens_a_comment_leaves_the_saved_page_whole(copy, monkeypatch, chrome, tmp_path):
    path = copy / "claims.csv"
    text = path.read_text(encoding="utf-8").replace("Why the VMO shrinks", "<!-- <script>")
    assert "<!-- <script>" in text
    path.write_text(text, encoding="utf-8")
    load = model.load
    monkeypatch.setattr(model, "load", lambda: load(copy))
    ledger = ClaimsExplorer()
    page = chrome.new_page()
    page.goto(ledger.save_page(tmp_path / "claims.html").as_uri())
    page.get_by_text("<!-- <script>").first.wait_for()
    page.close()
    ledger.close()


# -- votes
def test_votes_are_counted_against_verdicts():
    votes = Votes().vote("Ann", "S2-17", "agree").vote("Ben", "S2-17", "disagree")
    votes = votes.vote("Ann", "S0-08", "agree")
    assert votes.counts("S2-17") == {"agree": 1, "disagree": 1, "unsure": 0}
    table = votes.against_verdicts(CLAIMS)
    assert table["contradicted"] == {"agree": 1, "disagree": 1, "unsure": 0}
    assert table["supported"]["agree"] == 1
    assert votes.voters == ("Ann", "Ben") and votes.of("Ann") == {"S2-17": "agree", "S0-08": "agree"}


def test_a_vote_can_be_changed_and_taken_back():
    votes = Votes().vote("Ann", "S2-17", "agree").vote("Ann", "S2-17", "unsure")
    assert votes.counts("S2-17") == {"agree": 0, "disagree": 0, "unsure": 1}
    assert votes.vote("Ann", "S2-17", None).cast == {}
    assert votes.cast


@pytest.mark.parametrize(("voter", "claim", "vote"), [
    ("Ann", "S9-99", "agree"), ("Ann", "S2-17", "maybe"), ("", "S2-17", "agree"),
    ("  ", "S2-17", "agree"), ("x" * 81, "S2-17", "agree"), (None, "S2-17", "agree"), ("Ann", None, "agree"),
])
def test_a_vote_that_cannot_be_is_refused(voter, claim, vote):
    with pytest.raises(InputError):
        Votes().vote(voter, claim, vote)


def test_a_file_of_votes_comes_back_as_it_was(tmp_path):
    votes = Votes().vote('Ann, "the" first', "S2-17", "agree").vote("Bjørn", "S0-01", "unsure")
    path = votes.save(tmp_path / "votes.csv")
    assert Votes.load(path).cast == votes.cast
    with path.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["course", "voter", "claim_id", "vote"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=90), st.sampled_from([claim.id for claim in CLAIMS]),
                          st.sampled_from(model.VOTES))))
def test_whatever_is_voted_survives_a_file(cast):
    votes = Votes()
    for voter, claim, vote in cast:
        try:
            votes = votes.vote(voter, claim, vote)
        except InputError:
            assert not 1 <= len(" ".join("".join(c if c.isprintable() else " " for c in voter).split())) <= 80
    assert dict(Votes.from_csv(votes.to_csv()).cast) == dict(votes.cast)


def test_loading_a_file_twice_counts_nobody_twice():
    votes = Votes().vote("Ann", "S2-17", "agree")
    assert votes.merged(votes).cast == votes.cast
    assert votes.merged(Votes().vote("Ann", "S2-17", "unsure")).counts("S2-17")["unsure"] == 1


GOOD = "course,voter,claim_id,vote\nvmo_edu,Ann,S2-17,agree\n"


@pytest.mark.parametrize(("text", "said"), [
    ("", r"v\.csv, row 1: the heading must be course,voter,claim_id,vote; got ''"),
    ("name,score\nAnn,3\n", r"row 1: the heading must be .*; got 'name,score'"),
    (GOOD + "other,Ann,S2-18,agree\n", r"v\.csv, row 3, column course: a vote from another course, 'other'"),
    (GOOD + "vmo_edu,Ann,S2-99,agree\n", r"row 3, column claim_id: no claim has the id 'S2-99'"),
    (GOOD + "vmo_edu,Ann,S2-18,maybe\n", r"row 3, column vote: 'maybe' is not one of agree, disagree"),
    (GOOD + "vmo_edu,,S2-18,agree\n", r"row 3, column voter"),
    (GOOD + "vmo_edu,Ann,S2-18\n", r"row 3, column vote: 3 cells instead of 4"),
    (GOOD + "vmo_edu,Ann,S2-18,agree,now\n", r"row 3, column vote: 5 cells"),
    (GOOD + "vmo_edu,Ann,S2-17,unsure\n", r"row 3, column claim_id: Ann has already voted on S2-17 in row"),
    (GOOD + 'vmo_edu,"Ann', r"v\.csv is not a readable CSV file"),
])
def test_a_damaged_file_of_votes_is_named(text, said):
    with pytest.raises(VoteFileError, match=said):
        Votes.from_csv(text, "v.csv")


def test_a_file_of_votes_may_end_in_blank_lines_and_start_with_a_mark():
    assert len(Votes.from_csv("\ufeff" + GOOD.replace("\n", "\r\n") + "\r\n").cast) == 1


def test_a_missing_or_binary_file_is_named(tmp_path):
    with pytest.raises(VoteFileError, match=r"gone\.csv cannot be read"):
        Votes.load(tmp_path / "gone.csv")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(VoteFileError, match=r"picture\.csv is not UTF-8"):
        Votes.load(tmp_path / "picture.csv")


# -- the ledger
def test_ledger_speaks_the_language_of_explorers(ledger):
    assert ledger.describe().startswith("154 of 154 claims: 18 supported, 72 partly supported, ")
    assert ledger.counts()["claims"].tolist() == list(VERDICTS.values())
    assert ledger.set(topic="exercise").code() == "explore.claims(topic='exercise')"
    assert len(ledger.table()) == 23 and ledger.state()["topic"] == "exercise"
    assert ledger.set(preset="Cramp").state() == {"topic": "", "text": "cramps", "verdict": "", "words": ""}
    assert len(ledger.reset().table()) == 154
    assert set(ledger.sources) <= {row["key"] for row in evidence.rows("references")}


@pytest.mark.parametrize("preset", ClaimsExplorer.presets)
def test_every_preset_finds_claims(preset):
    ledger = explore.claims(preset=preset)
    assert ledger.selection
    ledger.close()


@pytest.mark.parametrize("wrong", [{"preset": "nope"}, {"topic": "hats"}, {"colour": "red"}, {"words": 3}])
def test_a_request_that_cannot_be_changes_nothing(ledger, wrong):
    ledger.set(topic="exercise")
    with pytest.raises(InputError):
        ledger.set(**wrong)
    assert ledger.code() == "explore.claims(topic='exercise')"


def test_votes_from_page_and_cell_meet(ledger):
    ledger.widget._on_message(None, {"do": "vote", "id": "S2-17", "vote": "agree"}, [])
    assert ledger.vote("S2-18", "unsure").verdict == "contradicted"
    assert ledger.widget.state["mine"] == {"S2-17": "agree", "S2-18": "unsure"}
    assert ledger.counts().loc["contradicted", ["agree", "disagree", "unsure"]].tolist() == [1, 0, 1]
    ledger.widget._on_message(None, {"do": "vote", "id": "S2-17", "vote": None}, [])
    assert "You have voted on 1." in ledger.describe()


def test_a_class_is_counted_and_forgotten(ledger, tmp_path):
    for name, vote in (("Ann", "agree"), ("Ben", "agree"), ("Cleo", "disagree")):
        Votes().vote(name, "S2-17", vote).save(tmp_path / f"{name}.csv")
    ledger.vote("S0-01", "agree")
    ledger.load_votes(*tmp_path.glob("*.csv"))
    assert ledger.widget.state["room"] == {"S2-17": [2, 1, 0]} and ledger.widget.state["voters"] == 3
    assert ledger.table().set_index("id").loc["S2-17", "agree"] == 2
    ledger.widget._on_message(None, {"do": "forget"}, [])
    assert ledger.widget.state["room"] == {} and ledger.votes.of(ledger.voter) == {"S0-01": "agree"}


def test_a_damaged_file_loses_no_vote(ledger, tmp_path, monkeypatch):
    monkeypatch.delenv("VMO_EDU_STRICT", raising=False)
    ledger.vote("S0-01", "agree")
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(GOOD)
    bad.write_text(GOOD.replace("agree", "perhaps"))
    with pytest.raises(VoteFileError, match=r"bad\.csv, row 2, column vote"):
        ledger.load_votes(good, bad)
    assert not ledger.room.cast and ledger.votes.of(ledger.voter) == {"S0-01": "agree"}
    ledger.widget._on_message(None, {"do": "load", "name": "bad.csv", "text": bad.read_text()}, [])
    assert ledger.widget.state["error"].startswith("bad.csv, row 2, column vote")
    assert ledger.widget.state["mine"] == {"S0-01": "agree"}


def test_own_votes_come_back(ledger, tmp_path):
    ledger.widget._on_message(None, {"do": "voter", "voter": "Ann"}, [])
    ledger.vote("S0-01", "agree")
    path = ledger.save_votes(tmp_path / "mine.csv")
    other = explore.claims().load_votes(path, mine=True)
    assert other.voter == "Ann" and other.votes.of("Ann") == {"S0-01": "agree"}
    room = tmp_path / "room.csv"
    Votes().vote("Ann", "S0-01", "agree").vote("Ben", "S0-01", "agree").save(room)
    with pytest.raises(InputError, match="2 people"):
        other.load_votes(room, mine=True)
    assert other.votes.of("Ann") == {"S0-01": "agree"}
    other.close()


def test_a_new_name_keeps_the_votes(ledger):
    ledger.vote("S0-01", "agree")
    ledger.widget._on_message(None, {"do": "voter", "voter": "Ann"}, [])
    assert ledger.votes.of("Ann") == {"S0-01": "agree"} and ledger.votes.voters == ("Ann",)


def test_running_the_cell_again_keeps_the_votes(monkeypatch):
    runs = iter([("cell", "run 1"), ("cell", "run 2"), ("other", "run 3")])
    cell = [next(runs)]
    monkeypatch.setattr("vmo_edu.lesson.card.running_cell", lambda: cell[0])
    first = explore.claims()
    first._repr_mimebundle_()
    first.vote("S2-17", "agree")
    cell[0] = next(runs)
    second = explore.claims()
    second._repr_mimebundle_()
    assert second.votes.of(second.voter) == {"S2-17": "agree"} and first.widget.comm is None
    cell[0] = next(runs)
    third = explore.claims()
    assert not third.votes.cast
    second.close()
    third.close()


def test_one_explorer_at_a_time_opens_below_the_ledger(ledger):
    first = ledger.open("S2-17")
    assert first.state()["volume"] == 20 and first.state()["model"] == "rule"
    ledger.widget._on_message(None, {"do": "explore", "id": "S1-23"}, [])
    assert ledger.opened.name == "tracking" and ledger.opened.state()["vmo"] == 0
    assert ledger._place.children == (ledger.opened.widget,)
    with pytest.raises(InputError, match="closed"):
        _ = first.widget
    assert "explore.tracking(vmo=0, flexion=0)" in ledger.widget.state["said"]
    with pytest.raises(InputError, match="no explorer can test claim S0-21"):
        ledger.open("S0-21")


def test_the_widget_closes_all_it_opened():
    import ipywidgets

    before = set(ipywidgets.widgets.widget._instances)
    for _ in range(3):
        ledger = explore.claims()
        ledger.open("S2-17")
        ledger.close()
    # What is left are the Layout models that ipywidgets itself never closes.
    left = {key: one for key, one in ipywidgets.widgets.widget._instances.items() if key not in before}
    assert not [one for one in left.values() if not isinstance(one, ipywidgets.Layout)]


def test_saved_page_is_whole(ledger, tmp_path):
    html = ledger.save_page(tmp_path / "claims.html").read_text(encoding="utf-8")
    assert html.count("</script>") == 1 and "export default" not in html
    data = json.loads(re.search(r"const data = (\{.*\});\n", html)[1])
    assert len(data["spec"]["claims"]) == 154
    assert not re.search(r"""(src|href)=["']https?:""", html)


# -- in the browser
@pytest.fixture
def saved_page(chrome, tmp_path):
    ledger = explore.claims()
    path = ledger.save_page(tmp_path / "claims.html")
    ledger.close()
    page = chrome.new_page(viewport={"width": 1000, "height": 900}, accept_downloads=True)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path.as_uri())
    yield page
    page.close()
    assert not faults


@pytest.mark.browser
def test_all_claims_are_reachable_by_keyboard(saved_page):
    page = saved_page
    page.evaluate("""() => { document.querySelector("select").focus(); }""")
    seen = set()
    for _ in range(600):
        page.keyboard.press("Tab")
        at = page.evaluate("(a => a.closest('li')?.dataset.id || a.tagName)(document.activeElement)")
        if at == "SUMMARY":
            break
        seen.add(at)
    assert {claim.id for claim in CLAIMS} <= seen


@pytest.mark.browser
def test_vote_shows_the_verdict_and_filters_work_by_keyboard(saved_page):
    page = saved_page
    page.get_by_label("Words").press_sequentially("swelling essentially")
    assert "1 of 154 claims shown" in page.locator(".vmol-status").first.inner_text()
    claim = page.locator('li[data-id="S2-17"]')
    assert not claim.locator(".vmol-answer").is_visible()
    page.get_by_role("button", name="disagree").locator("visible=true").focus()
    page.keyboard.press("Enter")
    assert "contradicted" in claim.inner_text() and "Spencer" in claim.inner_text()
    assert page.locator("tr[data-verdict=contradicted] td").nth(2).inner_text() == "1"
    page.keyboard.press("Enter")
    assert not claim.locator(".vmol-answer").is_visible()


@pytest.mark.browser
def test_saved_votes_can_be_read_back(saved_page, tmp_path):
    page = saved_page
    page.locator('li[data-id="S0-01"] button[data-vote=agree]').click()
    page.locator("summary").click()
    page.get_by_label("Name or number").fill('Ann, "A"')
    with page.expect_download() as download:
        page.get_by_role("button", name="Save my votes").click()
    download.value.save_as(tmp_path / "votes.csv")
    assert Votes.load(tmp_path / "votes.csv").cast == {('Ann, "A"', "S0-01"): "agree"}


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_ledger_in_jupyterlab(lab_page, tmp_path):
    show = "lab = explore.claims(topic='effusion dose')\nlab"
    notebook = lab_page(["from vmo_edu import explore", show, "lab.describe()", "lab"])
    page = notebook.page
    views = page.locator('li[data-id="S2-17"]')
    claim, again = views.first, views.nth(1)
    claim.locator("button[data-vote=agree]").click()
    assert "contradicted" in claim.inner_text()
    again.locator("button[data-vote=agree][aria-pressed=true]").wait_for()      # a second view follows the first
    again.locator("button[data-vote=disagree]").click()
    claim.locator("button[data-vote=disagree][aria-pressed=true]").wait_for()
    claim.get_by_role("button", name="Try it").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".vmo-edu", timeout=30000)
    page.wait_for_selector("text=Opened below the list: explore.effusion(volume=20")
    page.wait_for_function("""() => {
        const {top} = document.querySelector('.vmo-edu .vmo-title').getBoundingClientRect();
        return 0 < top && top < innerHeight / 2; }""")                              # and is in sight
    page.locator(".vmol-room summary").first.click()
    (tmp_path / "votes.csv").write_text(GOOD + "vmo_edu,Ben,S2-17,disagree\n")
    page.get_by_label("Load the files of a class").first.set_input_files(tmp_path / "votes.csv")
    page.wait_for_selector("text=The room: 1 agree, 1 disagree, 0 unsure")
    page.wait_for_selector("text=the room's votes (2 voters)")
    (tmp_path / "votes.csv").write_text(GOOD.replace("vmo_edu,", "history,"))
    page.get_by_label("Topic").first.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("!document.querySelector('.vmol-status').textContent.startsWith('2 of')")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 4
    assert notebook.accessibility_faults(".vmol-ledger") == []
    assert not notebook.errors
