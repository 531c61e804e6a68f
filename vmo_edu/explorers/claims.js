// The ledger of claims: vote first, then see the verdict. All texts arrive escaped or are set as text.
// In a saved page there is no Python: then `model.page` is true, votes stay on the page, and explorers are named only.

const VOTES = ["agree", "disagree", "unsure"];
const SIGNS = { supported: "✓", partly_supported: "◐", insufficient: "?", contradicted: "✕" };

const option = (value, text) => make("option", { value }, text);
const labelled = (uid, text, field) => {
  field.id = uid;
  return make("div", { class: "vmol-field" }, make("label", { for: uid }, text), field);
};

function verdictHtml(claim) {
  const sources = claim.sources || "none known";
  return `<p class="vmol-verdict" data-verdict="${claim.verdict}"><span aria-hidden="true">${SIGNS[claim.verdict]}</span> ` +
    `${claim.verdictText} <span class="vmol-quiet">· strength of the evidence: ${claim.strength}</span></p>` +
    `<p>${claim.evidence}</p><p class="vmol-quiet">Sources: ${sources}</p><p>${claim.lookFor}</p>`;
}

function claimCard(claim, act) {
  const votes = VOTES.map((vote) => make("button", {
    type: "button", "aria-pressed": "false", "data-vote": vote, on: { click: () => act("vote", claim.id, vote) },
  }, vote));
  const answer = make("div", { class: "vmol-answer", hidden: true });
  const open = claim.code && (act.page ? make("span", {}, "Try it in the notebook:") : make("button",
    { type: "button", on: { click: () => act("explore", claim.id) } }, `Try it: ${claim.explorer.replace("_", " ")}`));
  const head = make("p", { class: "vmol-claim", id: `${act.uid}-${claim.id}` }, `“${claim.claim}”`);
  const meta = make("span", { class: "vmol-quiet" }, ` ${claim.id} · ${claim.topic}`);
  head.append(meta);
  const group = make("div", { role: "group", class: "vmol-row", "aria-labelledby": head.id }, ...votes);
  const room = make("p", { class: "vmol-quiet", hidden: true });
  const node = make("li", { "data-id": claim.id }, head, group, answer, room);
  let shown = false;
  return {
    claim, node,
    update(vote, counts, reveal) {
      votes.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.vote === vote)));
      const show = Boolean(vote) || reveal;
      if (show && !shown) {
        answer.innerHTML = verdictHtml(claim);
        if (open) answer.append(make("div", { class: "vmol-row" }, open, make("code", {}, claim.code)));
        shown = true;
      }
      answer.hidden = !show;
      room.hidden = !show || !counts;
      if (counts) room.textContent = `The room: ${VOTES.map((name, i) => `${counts[i]} ${name}`).join(", ")}`;
    },
  };
}

// The chart is a table whose cells hold bars: the figures are there for every reader.
function chart(uid) {
  const body = make("tbody");
  const head = make("thead", {}, make("tr", {}, ...["Verdict", "Claims", "Agree", "Disagree", "Unsure"].map((text) =>
    make("th", { scope: "col" }, text))));
  const caption = make("caption");
  const node = make("table", { class: "vmol-chart" }, caption, head, body);
  return {
    node,
    draw(rows, whose) {
      const most = Math.max(1, ...rows.map((row) => row.claims));
      const votes = Math.max(1, ...rows.flatMap((row) => row.votes));
      caption.textContent = `Claims by verdict, and ${whose}`;
      body.replaceChildren(...rows.map((row) => make("tr", { "data-verdict": row.verdict },
        make("th", { scope: "row" }, `${SIGNS[row.verdict]} ${row.text}`),
        bar(row.claims, most, "claims"), ...row.votes.map((count) => bar(count, votes, "votes")))));
    },
  };
}

function bar(count, most, kind) {
  const fill = make("span", { class: `vmol-bar vmol-bar-${kind}` });
  fill.style.width = `${(100 * count) / most}%`;
  return make("td", {}, make("span", { class: "vmol-barbox", "aria-hidden": "true" }, fill), make("span", {}, String(count)));
}

function csvCell(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function download(name, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export default {
  render({ model, el }) {
    const { root, uid } = card(el, "Ledger of popular claims");
    root.classList.add("vmol-ledger");
    const spec = model.get("spec");
    let state = model.get("state");
    let sent = 0; // votes given here
    let opening = false;
    const mine = new Map(Object.entries(state.mine));

    const count = status();
    const note = status();
    const topic = make("select", {}, option("", "All topics"), ...spec.topics.map(([name, n]) => option(name, `${name} (${n})`)));
    const text = make("select", {}, option("", "All texts"), ...spec.texts.map(([name, title]) => option(name, title)));
    const verdict = make("select", {}, option("", "All verdicts"), ...spec.verdicts.map(([name, title]) => option(name, title)));
    const words = make("input", { type: "search", autocomplete: "off" });
    const voted = make("select", {}, option("", "Voted or not"), option("open", "Not voted yet"), option("done", "Voted"));
    const all = make("input", { type: "checkbox", id: `${uid}-all` });
    const filters = { topic, text, verdict, words };

    const act = (kind, id, vote) => {
      if (kind === "vote") {
        const value = mine.get(id) === vote ? null : vote;
        value ? mine.set(id, value) : mine.delete(id);
        model.send({ do: "vote", id, vote: value, view: uid, nth: ++sent });
        refresh();
      } else {
        note.textContent = "Opening …";
        opening = true;
        model.send({ do: "explore", id });
      }
    };
    act.uid = uid;
    act.page = model.page;
    const cards = spec.claims.map((claim) => claimCard(claim, act));
    const list = make("ul", { class: "vmol-claims", tabindex: "0", "aria-label": "Claims" }, ...cards.map((one) => one.node));
    const bars = chart(uid);

    const chosen = () => cards.filter(({ claim }) =>
      (!topic.value || claim.topic === topic.value) && (!text.value || claim.text === text.value) &&
      (!verdict.value || claim.verdict === verdict.value) &&
      (!voted.value || (voted.value === "done") === mine.has(claim.id)) &&
      words.value.toLowerCase().split(/\s+/).every((word) => claim.haystack.includes(word)));

    function refresh() {
      const shown = new Set(chosen());
      for (const one of cards) {
        // A claim on which the reader has just voted stays, so that the verdict can be read.
        one.node.hidden = !shown.has(one) && !one.node.contains(document.activeElement);
        one.update(mine.get(one.claim.id), state.room[one.claim.id], all.checked);
      }
      const open = cards.filter((one) => shown.has(one));
      count.textContent = `${open.length} of ${cards.length} claims shown; you have voted on ${mine.size}.`;
      const room = Object.keys(state.room).length > 0;
      bars.draw(spec.verdicts.map(([name, title]) => {
        const claims = open.filter((one) => one.claim.verdict === name);
        const votes = VOTES.map((vote, i) => claims.reduce((sum, one) => sum + (room
          ? (state.room[one.claim.id] || [0, 0, 0])[i] : Number(mine.get(one.claim.id) === vote)), 0));
        return { verdict: name, text: title, claims: claims.length, votes };
      }), room ? `the room's votes (${state.voters} voters)` : "your votes");
    }

    function filtered() {
      model.send({ do: "filter", filters: Object.fromEntries(Object.entries(filters).map(([name, field]) => [name, field.value])) });
      refresh();
    }
    for (const field of [topic, text, verdict]) field.addEventListener("change", filtered);
    words.addEventListener("input", filtered);
    voted.addEventListener("change", refresh);
    all.addEventListener("change", refresh);

    const voter = make("input", { type: "text", value: state.voter, maxlength: "80", autocomplete: "off" });
    voter.addEventListener("change", () => model.send({ do: "voter", voter: voter.value }));
    const files = (own) => {
      const input = make("input", { type: "file", accept: ".csv,text/csv", multiple: !own });
      input.addEventListener("change", async () => {
        for (const one of input.files) model.send({ do: "load", name: one.name, text: await one.text(), own });
        input.value = "";
      });
      return input;
    };
    const save = button("Save my votes", () => {
      const name = voter.value.trim() || state.voter;
      const rows = [...mine].map(([id, vote]) => ["vmo_edu", name, id, vote].map(csvCell).join(","));
      download("votes.csv", ["course,voter,claim_id,vote", ...rows, ""].join("\n"));
    });
    const forget = button("Forget the room", () => model.send({ do: "forget" }));

    const field = (name, title, control) => labelled(`${uid}-${name}`, title, control);
    root.append(
      make("p", { class: "vmol-title" }, spec.title),
      make("div", { class: "vmol-fields" }, field("topic", "Topic", topic), field("text", "Popular text", text),
        field("verdict", "Verdict", verdict), field("voted", "My votes", voted), field("words", "Words", words),
        make("div", { class: "vmol-field" }, make("label", {}, all, make("span", {}, "Show verdicts without voting")))),
      count, bars.node, note, list,
      make("details", { class: "vmol-room" }, make("summary", {}, "Save votes; count the votes of a class"),
        make("p", { class: "vmol-quiet" }, "Votes stay on this computer. Save yours as a small file and give it to your " +
          "teacher; a teacher loads the files of a class, and the chart counts the room."),
        make("div", { class: "vmol-fields" }, field("voter", "Name or number on my votes", voter),
          ...(model.page ? [] : [
            field("own", "Load my own votes back", files(true)), field("file", "Load the files of a class", files(false))])),
        make("div", { class: "vmol-row" }, save, ...(model.page ? [] : [forget]))));

    function update() {
      state = model.get("state");
      // Python's votes are newer (a file, a cell, another view of this ledger), unless one given here is on its way.
      if ((state.heard[uid] ?? 0) === sent) {
        mine.clear();
        for (const [id, vote] of Object.entries(state.mine)) mine.set(id, vote);
      }
      for (const [name, control] of Object.entries(filters))
        if (document.activeElement !== control) control.value = state.filters[name];
      if (document.activeElement !== voter) voter.value = state.voter;
      note.textContent = state.error || state.said;
      note.classList.toggle("vmol-error", Boolean(state.error));
      refresh();
      if (opening && !state.error && state.said) goThere();
      if (state.error || state.said) opening = false;
    }

    // The explorer opens below the list and mostly out of sight: go there once it is drawn.
    async function goThere() {
      const title = () => el.closest(".widget-vbox")?.querySelector(".vmo-edu .vmo-title");
      for (let tries = 0; tries < 50 && !title(); tries++) await new Promise((done) => setTimeout(done, 100));
      title()?.scrollIntoView({ block: "start" });
    }
    update();
    model.on("change:state", update);
    return () => model.off("change:state", update);
  },
};
