"""What a lesson shows beside its explorer: predictions, quizzes, sources, tooltips, glossary."""

import json
import pathlib
import re
import shutil
from html.parser import HTMLParser

import pytest

from vmo_edu import evidence, lesson
from vmo_edu.errors import InputError
from vmo_edu.evidence import DataError
from vmo_edu.lesson import card, questions
from vmo_edu.lesson.text import keys, tip

LESSONS = pathlib.Path(__file__).parent.parent / "notebooks"
QUIZZES = sorted(path.stem for path in evidence.data_path("quizzes").glob("*.json"))


class Strict(HTMLParser):
    """Reads HTML and complains of tags that are not closed."""

    VOID = {"br", "input"}

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag


def sound(html):
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return html


# -- text
def test_text_is_escaped_and_marked():
    html = sound(lesson.html("<script>x</script> **bold** *soft* @F0052, @spencer1984 and [[Q-angle]]"))
    assert "<script" not in html and "&lt;script&gt;" in html
    assert "<strong>bold</strong>" in html and "<em>soft</em>" in html
    assert 'tabindex="0"' in html and "Livingston" in html and ("pubmed" in html or "doi.org" in html)


def test_a_tooltip_cannot_end_its_own_attribute():
    assert tip('a < "b"', 'say "no" & <go>') == (
        '<abbr class="vmol-tip" tabindex="0" title="say &quot;no&quot; &amp; &lt;go&gt;">a &lt; &quot;b&quot;</abbr>')


def test_a_figure_tells_its_source_n_spread_and_status():
    html = lesson.html("@F0001")
    assert all(part in html for part in ("Raveendranath", "n = 100 limbs", "1.75 (SD)", "read in the"))


def test_an_unchecked_figure_says_unverified_in_every_form():
    assert "(unverified)" in lesson.html("@F0022") and "unverified" in lesson.plain("@F0022")


@pytest.mark.parametrize("text", ["@F9999", "@nobody1999", "[[nonsense term]]"])
def test_a_token_that_does_not_exist_is_refused(text):
    with pytest.raises(InputError):
        lesson.html(text)


def test_mail_addresses_and_code_are_left_alone():
    assert lesson.plain("write to x@spencer1984 or `@F0001`") == "write to x@spencer1984 or `@F0001`"


def test_terms_are_found_by_all_their_names():
    for row in evidence.rows("glossary"):
        for name in (row["term"], *filter(None, row["also"].split(";"))):
            assert evidence.find_term(name)["term"] == row["term"], name
    assert evidence.find_term("wasting")["term"] == "atrophy"
    assert repr(lesson.term("MPFL")).startswith("medial patellofemoral ligament (MPFL, N)")
    assert "tabindex" in sound(lesson.term("MPFL")._repr_html_())


# -- prediction
def test_prediction_with_choices():
    guess = lesson.predict("Which?", ["A", "B"], answer="B", why="Because @F0052.")
    reveal = guess.reveal()
    assert not guess.committed and "opens once" in repr(reveal)
    assert not reveal.state["shown"] and not reveal.state["answer"]
    guess._on_message(guess, {"value": 0}, [])
    assert guess.value == "A" and reveal.state["judged"] == "not so" and "0.53" in reveal.state["why"]
    guess._on_message(guess, {"value": 1}, [])
    assert guess.value == "A"
    with pytest.raises(InputError, match="already committed"):
        guess.commit("B")


@pytest.mark.parametrize(("value", "judged"), [(4, "close"), (2, "too low"), (9, "too high")])
def test_prediction_with_a_number(value, judged):
    guess = lesson.predict("How many?", low=0, high=20, unit="mm", tolerance=1)
    assert repr(guess.commit(value).reveal(4.2, "So it is.")) == \
        f"You said {value} mm: {judged}. Answer: 4.2 mm. So it is."


@pytest.mark.parametrize(("value", "judged"), [(4.2, "close"), (3, "close"), (2.9, "too low"), (5.1, "too high")])
def test_close_is_a_twentieth_of_the_range(value, judged):
    assert lesson.predict("How many?", low=0, high=20, answer=4).commit(value).judge(4) == judged


def test_prediction_drives_an_explorer_once_committed():
    calls = []
    guess = lesson.predict("Which?", ["A", "B"]).on_commit(lambda **v: calls.append(v), vmo=0.0)
    assert calls == []
    guess.commit("A")
    assert calls == [{"vmo": 0.0}]
    guess.on_commit(calls.append, "late")                      # the cell was run after the button was pressed
    assert calls[1:] == ["late"]


STORED = [name for name in QUIZZES if questions.load(name).get("predict")]


def test_every_lesson_stores_its_questions_and_but_one_its_prediction():
    lessons = sorted(path.stem for path in LESSONS.glob("[0-9]*.ipynb"))
    assert lessons == QUIZZES
    assert set(QUIZZES) - set(STORED) == {"11_model_card"}           # its answer comes from the model, when asked


@pytest.mark.parametrize("name", STORED)
def test_every_stored_prediction_can_be_asked_and_revealed(name):
    guess = lesson.predict(name)
    reveal = guess.reveal()
    guess.commit(questions.load(name)["predict"]["answer"])
    assert reveal.state["judged"] in ("right", "close") and len(reveal.state["why"]) > 20


def test_the_prediction_on_claims_agrees_with_the_table():
    verdicts = [row["verdict"] for row in evidence.rows("claims")]
    stored = questions.load("claims_and_evidence")["predict"]
    assert abs(stored["answer"] - 100 * verdicts.count("supported") / len(verdicts)) < 0.5
    assert f"{verdicts.count('supported')} of {len(verdicts)}" in stored["why"]


def test_reveal_can_be_forced_and_takes_a_function():
    reveal = lesson.predict("Which?", ["A", "B"], answer=lambda: "A").reveal()
    reveal._on_message(reveal, {"do": "show"}, [])
    assert reveal.state["shown"] and reveal.state["answer"] == "A" and not reveal.state["guess"]


@pytest.mark.parametrize("bad", [
    {"choices": ["A"]}, {"choices": ["A", "A"]}, {"choices": "AB"}, {"choices": [1, 2]}, {},
    {"low": 3, "high": 3}, {"low": 0}, {"choices": ["A", "B"], "answer": "C"},
])
def test_a_question_that_cannot_be_asked_is_refused(bad):
    with pytest.raises(InputError):
        lesson.predict("Which?", **bad)


@pytest.mark.parametrize("value", [-1, 21, "4", None, True, float("nan")])
def test_a_number_out_of_range_is_refused(value, monkeypatch):
    guess = lesson.predict("How many?", low=0, high=20, unit="mm")
    with pytest.raises(InputError, match="guess must be between 0 and 20 mm"):
        guess.commit(value)
    monkeypatch.delenv("VMO_EDU_STRICT", raising=False)
    guess._on_message(guess, {"value": value}, [])
    assert "between 0 and 20 mm" in guess.state["error"] and not guess.committed


def test_errors_are_raised_in_strict_mode(monkeypatch):
    monkeypatch.setenv("VMO_EDU_STRICT", "1")
    with pytest.raises(InputError):
        lesson.predict("Which?", ["A", "B"])._on_message(None, {"value": 7}, [])


# -- quiz
@pytest.mark.parametrize("name", QUIZZES)
def test_every_question_can_be_answered(name):
    quiz = lesson.quiz(name)
    questions = quiz._content["questions"]
    assert 3 <= len(questions) <= 5
    for number, question in enumerate(questions, start=1):
        for index, choice in enumerate(question["choices"]):
            if not choice.get("right"):
                said = quiz.answer(number, "abcdefgh"[index])
                assert said.startswith("Not so. ") and lesson.plain(choice["feedback"]) in said
                assert lesson.plain(question["why"]) not in said
        right = next(i for i, choice in enumerate(question["choices"]) if choice.get("right"))
        assert lesson.plain(question["why"]) in quiz.answer(number, "abcdefgh"[right])
    assert quiz.score.startswith(f"{len(questions)} of {len(questions)} right")
    sound(quiz.static_html())
    assert quiz.sources and all(evidence.cite(key).key == key for key in quiz.sources)


def test_the_score_tells_first_attempts():
    quiz = lesson.quiz("q_angle")
    for number, question in enumerate(quiz._content["questions"][:2], start=1):
        places = [bool(choice.get("right")) for choice in question["choices"]]
        if number == 1:
            quiz.answer(number, "abcdefgh"[places.index(False)])
        quiz.answer(number, "abcdefgh"[places.index(True)])
    assert quiz.score == f"2 of {len(quiz._content['questions'])} right, 1 at the first attempt"


def test_right_answers_are_not_always_in_the_same_place():
    places = [next(i for i, c in enumerate(q["choices"]) if c.get("right"))
              for name in QUIZZES for q in questions.load(name)["questions"]]
    assert all(places.count(place) > len(places) / 5 for place in (0, 1, 2))


def test_the_page_never_learns_the_answer_before_an_attempt():
    quiz = lesson.quiz("effusion_inhibition")
    sent = json.dumps([quiz.spec, quiz.state])
    assert "right\": true" not in sent and "No trial has tested it" not in sent
    quiz._on_message(quiz, {"do": "show", "question": 0}, [])
    assert not quiz.state["questions"][0]["shown"]
    quiz._on_message(quiz, {"do": "answer", "question": 0, "choice": 0}, [])
    quiz._on_message(quiz, {"do": "show", "question": 0}, [])
    assert quiz.state["questions"][0]["shown"]


@pytest.mark.parametrize(("number", "letter"), [(0, "a"), (9, "a"), (1, "z"), (1, 2), ("1", "a")])
def test_an_answer_that_does_not_exist_is_refused(number, letter):
    with pytest.raises(InputError):
        lesson.quiz("q_angle").answer(number, letter)


def test_unknown_quiz_lists_the_quizzes():
    with pytest.raises(InputError, match="'01_q_angle'"):
        lesson.quiz("nope")


@pytest.mark.parametrize(("change", "said"), [
    (lambda c: c.update(questions=[]), "has no questions"),
    (lambda c: c["questions"][1].pop("why"), "question 2: 'why' is missing"),
    (lambda c: c["questions"][0]["choices"][0].pop("feedback"), "question 1, choice 1"),
    (lambda c: [x.pop("right", 0) for x in c["questions"][0]["choices"]], "exactly one that is right; has 0"),
    (lambda c: c["questions"][0].update(text="see @F9999"), "question 1: no fact has the id 'F9999'"),
])
def test_a_damaged_quiz_is_named(tmp_path, change, said):
    folder = tmp_path / "data"
    shutil.copytree(evidence.data_path("quizzes"), folder / "quizzes")
    path = folder / "quizzes" / "01_q_angle.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match=r"01_q_angle\.json.*" + re.escape(said)):
        lesson.quiz("q_angle", folder)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="not JSON"):
        lesson.quiz("q_angle", folder)


# -- lists and tables
def test_sources_takes_keys_facts_and_things_with_sources():
    quiz = lesson.quiz("q_angle")
    shown = lesson.sources("spencer1984", "F0001", quiz, lesson.numbers("F0389"), evidence.cite("amis2006"))
    assert {"spencer1984", "raveendranath2009", "neal2019", "amis2006"} <= set(shown.keys)
    assert "unattributed" not in shown.keys and len(set(shown.keys)) == len(shown.keys)
    assert "doi.org/10.1002/jor.20268" in sound(shown._repr_html_())
    with pytest.raises(InputError):
        lesson.sources(3)
    with pytest.raises(InputError, match="nearest"):
        lesson.sources("nobody1999")


def test_sources_are_in_the_order_of_their_authors():
    every = [evidence.cite(key) for key in lesson.sources(*(row["key"] for row in evidence.rows("references"))).keys]
    named = [bool(source.authors) for source in every]
    assert named == sorted(named, reverse=True) and 0 < named.count(False) < len(named)
    authors = [str(source).casefold() for source in every if source.authors]
    assert authors == sorted(authors)


def test_numbers_show_source_n_and_status():
    shown = lesson.numbers("F0001", "F0022")
    html = sound(shown._repr_html_())
    assert "100 limbs" in html and "Raveendranath" in html and "<strong>unverified</strong>" in html
    assert repr(shown).count("\n") == 1


def test_verdicts_of_claims():
    html = sound(lesson.verdicts("S2-17", "S0-21")._repr_html_())
    assert "contradicted" in html and "unverified" in html and "Spencer" in html
    with pytest.raises(InputError, match="S9-99"):
        lesson.verdicts("S9-99")


def test_every_claim_and_fact_shows_as_sound_html():
    sound(lesson.verdicts(*(row["id"] for row in evidence.rows("claims")))._repr_html_())
    sound(lesson.numbers(*(row["id"] for row in evidence.rows("facts")))._repr_html_())
    sound(lesson.sources(*(row["key"] for row in evidence.rows("references")))._repr_html_())


def test_evidence_note_has_its_sources():
    note = lesson.evidence_note("First @F0389.\n\nSecond, see @iles1990.")
    assert note.keys == ("spencer1984", "iles1990") and note._repr_html_().count("<p>") == 2
    assert keys("nothing here") == []


# -- without a kernel
@pytest.mark.parametrize("thing", [
    lambda: lesson.predict("Which <b>?", ["A", "B"]),
    lambda: lesson.predict("How many?", low=0, high=2, unit="mm"),
    lambda: lesson.predict("Which?", ["A", "B"], answer="A").reveal(),
    lambda: lesson.quiz("q_angle"),
    lambda: lesson.glossary_panel("knee"),
])
def test_cards_show_as_text_where_no_kernel_runs(thing):
    card = thing()
    data, _ = card._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    assert "<b>" not in sound(data["text/html"]) and len(data["text/plain"]) > 20
    card.close()


def test_running_a_cell_again_closes_its_old_card_and_no_other(monkeypatch):
    run = ["cell-1", "run-0"]
    monkeypatch.setattr(card, "running_cell", lambda: tuple(run))
    first, beside = lesson.quiz("q_angle"), lesson.glossary_panel()
    first._repr_mimebundle_(), beside._repr_mimebundle_()
    assert first.comm is not None and beside.comm is not None        # two in one run live together
    run[1] = "run-1"
    again = lesson.quiz("q_angle")
    again._repr_mimebundle_()
    assert first.comm is None and beside.comm is None and again.comm is not None
    run[:] = ["cell-2", "run-2"]
    other = lesson.quiz("q_angle")
    other._repr_mimebundle_()
    assert again.comm is not None
    again.close(), other.close()


def test_a_closed_reveal_no_longer_follows():
    guess = lesson.predict("Which?", ["A", "B"], answer="A")
    reveal = guess.reveal()
    reveal.close()
    reveal.close()
    guess.commit("B")
    assert not reveal.state["shown"]


# -- in JupyterLab
CELLS = [
    "from vmo_edu import lesson\n"
    "guess = lesson.predict('Which <b>head</b> is the largest?', ['VMO', 'VL'],"
    " answer='VL', why='See @F0099.')\n"
    "guess",
    "guess.reveal()",
    "number = lesson.predict('How many mm?', low=0, high=20, unit='mm', answer=4.2)\nnumber",
    "lesson.quiz('04_effusion_inhibition')",
    "lesson.glossary_panel()",
    "lesson.evidence_note('At 60 ml @F0389, see [[H-reflex]].')",
]


@pytest.fixture(scope="module")
def lesson_page(lab_page):
    return lab_page(CELLS)


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_prediction_and_reveal_in_jupyterlab(lesson_page):
    page = lesson_page.page
    card = page.locator(".vmol-card").first
    assert card.locator("legend").inner_text().endswith("Which <b>head</b> is the largest?")
    card.get_by_role("button", name="Commit my guess").click()
    assert "Choose one first" in card.inner_text()
    card.locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    assert card.locator("input").nth(1).is_checked()
    card.get_by_role("button", name="Commit my guess").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You said VL: right")
    assert card.locator("input").first.is_disabled()
    assert page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_number_prediction_in_jupyterlab(lesson_page):
    card = lesson_page.page.locator(".vmol-card", has_text="How many mm?")
    card.locator("input").fill("99")
    card.get_by_role("button", name="Commit my guess").click()
    assert "Type a number in the range first." in card.inner_text()
    card.locator("input").fill("4.3")
    lesson_page.page.keyboard.press("Tab")
    lesson_page.page.keyboard.press("Enter")
    card.get_by_text("Committed: 4.3 mm").wait_for()
    assert card.evaluate("card => card.contains(document.activeElement)")


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_quiz_in_jupyterlab(lesson_page):
    page = lesson_page.page
    first = page.locator(".vmol-question").first
    first.scroll_into_view_if_needed()
    assert not first.get_by_role("button", name="Show the answer").is_visible()
    question = questions.load("04_effusion_inhibition")["questions"][0]
    wrong = next(i for i, choice in enumerate(question["choices"]) if not choice.get("right"))
    right = next(i for i, choice in enumerate(question["choices"]) if choice.get("right"))
    first.locator("input").nth(wrong).check()
    first.get_by_role("button", name="Check").click()
    first.get_by_text("Not so.").wait_for()
    assert first.get_by_role("button", name="Show the answer").is_visible()
    first.locator("input").nth(right).check()
    first.get_by_role("button", name="Check").click()
    first.get_by_text("Right.").wait_for()
    assert first.evaluate("one => one.contains(document.activeElement)")
    page.wait_for_selector("text=1 of 4 right, 0 at the first attempt")


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_glossary_and_tooltips_in_jupyterlab(lesson_page):
    page = lesson_page.page
    box = page.get_by_label("Glossary: search a term")
    box.scroll_into_view_if_needed()
    box.press_sequentially("wasting")
    assert page.locator("dt:visible").all_inner_texts() == ["atrophy (%)"]
    box.fill("zzz")
    assert page.get_by_text("No term found").is_visible()
    tip = page.locator("abbr.vmol-tip", has_text="55.7").last
    tip.focus()
    shown = tip.evaluate("node => getComputedStyle(node, '::after').content")
    assert all(part in shown for part in ("n = 10", "spread 4.3", "Spencer", "read in the"))


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_cards_have_no_serious_accessibility_fault(lesson_page):
    lesson_page.page.locator(".vmol-card").first.scroll_into_view_if_needed()
    lesson_page.page.wait_for_selector(".vmol-card-root")
    assert lesson_page.accessibility_faults(".vmol-card-root") == []
    assert not lesson_page.errors
