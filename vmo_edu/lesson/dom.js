// Small helpers shared by the cards of the lessons and the ledger of claims; put in front of either.

let cards = 0;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "html") node.innerHTML = value;
    else if (name === "on") for (const [event, call] of Object.entries(value)) node.addEventListener(event, call);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const button = (text, call) => make("button", { type: "button", on: { click: call } }, text);
const status = () => make("div", { role: "status", class: "vmol-status" });

// An empty card in `el`, and a prefix for ids that is unique on the page.
function card(el, name) {
  const uid = `vmol-${Date.now().toString(36)}-${cards++}`;
  const root = make("section", { class: "vmol-card", "aria-label": name });
  // JupyterLab would take arrow keys and letters for moving between cells.
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("keydown", (event) => event.stopPropagation());
  el.classList.add("vmol-card-root");
  el.append(root);
  return { root, uid };
}
