// The page side of predict, reveal, quiz and glossary: native HTML controls built from `spec`, kept up to date from
// `state`. HTML in spec and state comes from Python, escaped there. Nothing here knows which answer is right.

// A group of radio buttons inside a fieldset: arrow keys and screen readers know it without help.
function choiceGroup(uid, legendHtml, choices) {
  const inputs = choices.map((_, i) => make("input", { type: "radio", name: uid, value: String(i) }));
  const labels = inputs.map((input, i) => make("label", {}, input, make("span", { html: choices[i] })));
  const group = make("fieldset", {}, make("legend", { html: legendHtml }), ...labels);
  return { group, inputs, labels, chosen: () => inputs.findIndex((input) => input.checked) };
}

// Hide a button; if it has the focus, what it has brought up takes it, or the keyboard would start again at the top.
function hide(element, hidden, next) {
  if (hidden && element === document.activeElement) {
    next.tabIndex = -1;
    next.focus();
  }
  element.hidden = hidden;
}

function predict(model, root, uid) {
  const spec = model.get("spec");
  const say = status();
  let value, inputs, body;
  if (spec.choices.length) {
    const choices = choiceGroup(uid, `<span class="vmol-tag">Predict</span> ${spec.question}`, spec.choices);
    body = choices.group;
    inputs = choices.inputs;
    value = () => (choices.chosen() < 0 ? null : choices.chosen());
  } else {
    const input = make("input", { type: "number", id: uid, min: spec.low, max: spec.high, step: spec.step });
    input.setAttribute("aria-label", `Your guess, ${spec.low} to ${spec.high} ${spec.unit}`.trim());
    body = make("div", {},
      make("p", { html: `<span class="vmol-tag">Predict</span> ${spec.question}` }),
      input, make("span", { class: "vmol-quiet" }, ` ${spec.unit} (${spec.low} to ${spec.high})`));
    inputs = [input];
    const fits = () => input.valueAsNumber >= spec.low && input.valueAsNumber <= spec.high;      // the step is a hint
    value = () => (fits() ? input.valueAsNumber : null);
  }
  const commit = button("Commit my guess", () => {
    const guess = value();
    if (guess === null) say.textContent = spec.choices.length ? "Choose one first." : "Type a number in the range first.";
    else model.send({ value: guess });
  });
  root.append(body, make("div", { class: "vmol-row" }, commit), say);
  return () => {
    const state = model.get("state");
    say.textContent = state.error || state.said;
    say.classList.toggle("vmol-error", Boolean(state.error));
    hide(commit, state.committed, say);
    inputs.forEach((input) => { input.disabled = state.committed; });
    if (!state.committed) return;
    if (spec.choices.length) inputs[state.index].checked = true;
    else inputs[0].value = state.value;
  };
}

function reveal(model, root) {
  const say = status();
  const anyway = button("Show the answer without a guess", () => model.send({ do: "show" }));
  root.append(make("p", {}, make("span", { class: "vmol-tag" }, "Reveal")), say, make("div", { class: "vmol-row" }, anyway));
  return () => {
    const state = model.get("state");
    hide(anyway, state.shown, say);
    say.classList.toggle("vmol-error", Boolean(state.error));
    if (state.error) say.textContent = state.error;
    else if (!state.shown) say.textContent = "The answer opens once you have committed your guess above.";
    else say.innerHTML = (state.guess ? `<p>You said <strong>${state.guess}</strong>: ${state.judged}.</p>` : "") +
      `<p>Answer: <strong>${state.answer}</strong>. ${state.why}</p>`;
  };
}

function quiz(model, root, uid) {
  const spec = model.get("spec");
  const score = status();
  const parts = spec.questions.map((question, q) => {
    const choices = choiceGroup(`${uid}-${q}`, `<span class="vmol-tag">${q + 1}</span> ${question.text}`, question.choices);
    const say = status();
    const check = button("Check", () => {
      if (choices.chosen() < 0) say.textContent = "Choose one first.";
      else model.send({ do: "answer", question: q, choice: choices.chosen() });
    });
    const show = button("Show the answer", () => model.send({ do: "show", question: q }));
    root.append(make("div", { class: "vmol-question" }, choices.group, make("div", { class: "vmol-row" }, check, show), say));
    return { choices, say, check, show, last: "" };
  });
  root.prepend(make("p", { class: "vmol-title" }, spec.title));
  root.append(score);
  return () => {
    const state = model.get("state");
    score.textContent = state.error || (state.questions.some((one) => one.tried.length) ? state.score : "");
    score.classList.toggle("vmol-error", Boolean(state.error));
    state.questions.forEach((one, q) => {
      const part = parts[q];
      const tried = one.tried.length > 0;
      hide(part.show, !tried || one.shown, part.say);
      hide(part.check, one.right, part.say);
      part.choices.labels.forEach((label, i) => {
        const mark = one.tried.includes(i) ? (one.right && i === one.tried.at(-1) ? "right" : "wrong") : "";
        label.dataset.mark = mark;
        part.choices.inputs[i].disabled = one.right;
      });
      if (tried && part.choices.chosen() < 0) part.choices.inputs[one.tried.at(-1)].checked = true;
      if (one.feedback !== part.last) part.say.innerHTML = part.last = one.feedback;
    });
  };
}

function glossary(model, root, uid) {
  const { entries, search } = model.get("spec");
  const box = make("input", { type: "search", id: uid, value: search, autocomplete: "off", on: { input: filter } });
  const count = status();
  const items = entries.map((entry) => {
    const extra = [entry.symbol, entry.unit].filter(Boolean).join(", ");
    const head = make("dt", {}, entry.term + (extra ? ` (${extra})` : ""));
    const meaning = make("dd", {}, entry.meaning + (entry.also ? `. Also: ${entry.also}` : ""));
    return { node: make("div", {}, head, meaning), text: Object.values(entry).join(" ").toLowerCase() };
  });
  const list = make("dl", { class: "vmol-terms", tabindex: "0", "aria-label": "Terms" }, ...items.map((item) => item.node));
  root.append(make("label", { for: uid, class: "vmol-title" }, "Glossary: search a term"), box, count, list);
  function filter() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const hit = words.every((word) => item.text.includes(word));
      item.node.hidden = !hit;
      shown += hit;
    }
    count.textContent = shown ? `${shown} of ${items.length} terms` : "No term found; try a shorter word.";
  }
  return filter;
}

const KINDS = { predict, reveal, quiz, glossary };

export default {
  render({ model, el }) {
    const { root, uid } = card(el, model.get("spec").title || model.get("spec").kind);
    const update = KINDS[model.get("spec").kind](model, root, uid);
    update();
    model.on("change:state", update);
    return () => model.off("change:state", update);
  },
};
