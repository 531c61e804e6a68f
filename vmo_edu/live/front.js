// The front end of every explorer: native controls, the picture, and the frames that move it.
// One file, no build step, nothing loaded from elsewhere. It runs in two places: as the anywidget of a live
// explorer (a kernel answers), and inside a saved page (all frames are in the page, nobody answers).
//
// A *frame* is everything the browser must set so that the drawn picture shows one state of the controls.
// Frames are found by the values of ALL controls (and the pinned baseline), so a wrong one cannot be shown:
// where there is no frame for exactly these values, the kernel is asked.

const UNITS = 20;                 // coordinates travel as whole numbers of 1/20 px
const REST = 160;                 // ms without a change after which the kernel's own result is asked for
const SPEAK = 350;                // ms without a change after which the description is rewritten (and read out)
const SILENCE = 20000;            // ms after which we say that the kernel does not answer
const PATIENCE = 180000;          // the same while a page is being saved, which takes its time
const STORE_BYTES = 24e6;         // memory for frames in the page; the oldest blocks go first
const MAX_POINTS = 121;           // states of one sweep
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

// ---------------------------------------------------------------------------------------------------------------
// Reading frames (the other half of frames.py)

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Undo the packing: the head (JSON) and n frames {values, looks, shapes, says}. */
function unpack(body) {
  const length = new DataView(body.buffer, body.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(body.subarray(4, 4 + length)));
  const planes = body.subarray(4 + length), half = planes.length / 2;
  const numbers = new Int16Array(half);
  for (let i = 0; i < half; i++) numbers[i] = planes[i] | (planes[half + i] << 8);
  const frames = head.values.map((values, i) => ({values, says: head.says[i], looks: {}, shapes: {}}));
  let place = 0;
  for (const [gid, letters, width, where, still] of head.shapes) {
    const rows = where ? where.length : head.n;
    for (let r = 0; r < rows; r++) {
      const frame = frames[where ? where[r] : r];
      if (r && still) { frame.shapes[gid] = frames[where ? where[0] : 0].shapes[gid]; continue; }
      const at = place, before = at - width;              // each row is the difference from the row before
      if (r) for (let i = 0; i < width; i++) numbers[at + i] += numbers[before + i];
      else for (let i = 2; i < width; i++) numbers[at + i] += numbers[at + i - 2];
      frame.shapes[gid] = {letters, points: numbers.subarray(at, at + width)};
      place += width;
    }
  }
  for (const [gid, look] of Object.entries(head.looks)) {
    frames.forEach((frame, i) => {
      const one = look.pool ? look.pool[look.at[i]] : look;
      if (one) frame.looks[gid] = one;
    });
  }
  return {head, frames, bytes: body.length};
}

function asBytes(buffer) {
  return buffer instanceof DataView ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
}

/** SVG path text. Letters come one for each vertex, so the control points of a curve share one command. */
function pathText({letters, points}) {
  if (!letters) return "M0 0";
  let text = "", k = 0, left = 0;
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i];
    if (letter === "Z") { text += "Z"; continue; }
    if (left > 0) { left--; text += " "; } else { text += letter; left = letter === "C" ? 2 : letter === "Q" ? 1 : 0; }
    text += points[k] / UNITS + " " + points[k + 1] / UNITS;
    k += 2;
  }
  return text;
}

function sameShape(a, b) {
  if (a === b) return true;
  if (!a || !b || a.letters !== b.letters || a.points.length !== b.points.length) return false;
  for (let i = 0; i < a.points.length; i++) if (a.points[i] !== b.points[i]) return false;
  return true;
}

/** Frames by key, in blocks as they came; the block not used for longest goes when there is no more room. */
class Store {
  constructor() { this.clear(); }

  clear() { this.frames = new Map(); this.blocks = new Set(); this.bytes = 0; }

  get(key) {
    const entry = this.frames.get(key);
    if (!entry) return undefined;
    this.blocks.delete(entry.block); this.blocks.add(entry.block);
    return entry.frame;
  }

  has(key) { return this.frames.has(key); }

  put(frames, bytes, keyOf) {
    const block = {bytes, keys: frames.map((frame) => keyOf(frame.values))};
    frames.forEach((frame, i) => this.frames.set(block.keys[i], {frame, block}));
    this.blocks.add(block); this.bytes += bytes;
    for (const old of this.blocks) {
      if (this.bytes <= STORE_BYTES || old === block) break;
      this.blocks.delete(old); this.bytes -= old.bytes;
      for (const key of old.keys) if (this.frames.get(key)?.block === old) this.frames.delete(key);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Controls: legal values and how they are written

const decimals = (number) => (String(number).split(".")[1] || "").length;

class Control {
  constructor(spec) {
    Object.assign(this, spec);
    this.given = null;                // a saved page has frames for these values only
    if (this.kind === "slider") this.digits = Math.max(decimals(this.step), decimals(this.low));
  }

  /** The legal value nearest to a number. */
  snap(number) {
    if (this.given) return this.given.reduce((a, b) => Math.abs(b - number) < Math.abs(a - number) ? b : a);
    const bounded = Math.min(this.high, Math.max(this.low, number));
    const value = Number((this.low + Math.round((bounded - this.low) / this.step) * this.step).toFixed(this.digits));
    return Math.min(this.high, Math.max(this.low, value));
  }

  /** The value some steps further; an odd value typed by hand first goes to the next legal one. */
  step_by(value, steps) {
    if (this.given) {
      const at = this.given.indexOf(this.snap(value));
      return this.given[Math.min(this.given.length - 1, Math.max(0, at + steps))];
    }
    const snapped = this.snap(value);
    if (Math.abs(steps) === 1 && snapped !== value && (snapped - value) * steps > 0) return snapped;
    return this.snap(snapped + steps * this.step);
  }

  /** Every value that a sweep of this control holds, at most MAX_POINTS around the present one. */
  points(now) {
    if (this.kind === "choice") return this.options.map(([value]) => value);
    if (this.kind === "toggle") return [false, true];
    if (this.given) return this.given;
    const steps = Math.round((this.high - this.low) / this.step);
    const first = Math.max(0, Math.min(steps + 1 - MAX_POINTS,
      Math.round((now - this.low) / this.step) - (MAX_POINTS >> 1)));
    const count = Math.min(steps + 1, MAX_POINTS);
    return [...new Set(Array.from({length: count}, (_, i) => this.snap(this.low + (first + i) * this.step)))];
  }

  /** The value in words, with its unit. */
  text(value) {
    if (this.kind === "choice") return (this.options.find(([v]) => v === value) || ["", value])[1];
    if (this.kind === "toggle") return value ? "on" : "off";
    return this.number(value) + (this.unit ? (this.unit === "°" ? "" : " ") + this.unit : "");
  }

  /** What can be typed. */
  range() {
    const unit = this.unit ? (this.unit === "°" ? "" : " ") + this.unit : "";
    return `${this.label} goes from ${this.number(this.low)} to ${this.number(this.high)}${unit}.`;
  }

  number(value) {
    return Number(value.toFixed(this.digits)) === value ? value.toFixed(this.digits) : String(Number(value.toFixed(4)));
  }
}

/** Cut the points of a sweep into runs, the one around the present value first, then outwards. */
function chunks(points, now) {
  let at = points.indexOf(now);
  if (at < 0) at = points.reduce((best, p, i) => Math.abs(p - now) < Math.abs(points[best] - now) ? i : best, 0);
  let low = Math.max(0, at - 6), high = Math.min(points.length, at + 7);
  const out = [points.slice(low, high)], run = 30;
  while (low > 0 || high < points.length) {
    if (high < points.length) {
      const end = points.length - high < 1.3 * run ? points.length : high + run;     // no small remainders
      out.push(points.slice(high, end));
      high = end;
    }
    if (low > 0) {
      const end = low < 1.3 * run ? 0 : low - run;
      out.push(points.slice(end, low));
      low = end;
    }
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------------
// Session: the state of one explorer on this page, shared by all its views

class Session {
  /** send: message -> kernel, or null in a saved page. */
  constructor(spec, picture, send) {
    this.spec = spec;
    this.picture = picture;
    this.send = send && ((message) => {
      try { send(message); } catch { this.lost(); }
    });
    this.controls = new Map(spec.controls.map((c) => [c.name, new Control(c)]));
    this.client = Math.random().toString(36).slice(2);
    this.values = {...spec.defaults};
    Object.assign(this, {preset: null, era: 0, pinned: null, code: "", labels: true, error: "", part: -1, speed: 1});
    this.store = new Store();
    this.refused = new Set();       // states that the kernel could not compute in a sweep: not asked for again
    this.views = new Set();
    this.kernel = null;             // the last full frame as the kernel knows it
    this.rev = -1;
    this.seq = 0;
    this.waiting = 0;               // number of the message the kernel has not answered yet: one at a time
    this.acked = "";                // what the kernel last confirmed
    this.shown = null;              // what every view shows: {key, says, looks, shapes, exact}
    this.jobs = [];
    this.flying = new Map();
    this.idle = [];                 // controls whose sweeps may be fetched while nothing moves
    this.lastInput = -1e9;
    this.inHand = null;
    this.queue = null;
    this.playing = null;
    this.gone = false;              // the line to Python is cut
  }

  key(values = this.values) {
    let key = this.era + "|";
    for (const name of this.controls.keys()) key += values[name] + "|";
    return key;
  }

  state() { return this.key() + this.preset; }

  isShown() { return this.shown !== null && this.shown.key === this.key(); }

  // -- what the reader does ----------------------------------------------------------------------------------

  /** Change controls; show the frame at once if it is here, else ask the kernel. */
  change(changes, preset = this.preset) {
    Object.assign(this.values, this.cleared(changes), changes);
    this.preset = preset;
    if (this.useGrid) this.useGrid();
    this.lastInput = performance.now();
    this.idle = [];
    this.refresh();
    for (const view of this.views) view.controlsChanged();
    this.restSoon();
  }

  /** Some controls put others back to their default when they change (a new case takes the commitment away). */
  cleared(changes) {
    const changed = Object.keys(changes).filter((name) => changes[name] !== this.values[name]);
    const others = changed.flatMap((name) => this.controls.get(name).clears ?? []);
    return Object.fromEntries(others.map((name) => [name, this.spec.defaults[name]]));
  }

  refresh() {
    const frame = this.store.get(this.key());
    if (!frame) { this.ask(); return; }
    this.error = "";
    this.display(frame, false);
  }

  restSoon() {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => { this.restTimer = 0; this.rest(); }, REST);
  }

  /** Nothing has moved for a moment: let the kernel know, then prepare what is likely to move next. */
  rest() {
    if (this.playing) return;
    if (this.acked !== this.state()) { this.ask(); return; }
    if (this.shown && this.isShown()) {
      this.shown.exact = true;
      for (const view of this.views) view.root.dataset.exact = true;
    }
    if (!this.send || document.hidden || ![...this.views].some((view) => view.visible)) return;
    this.idle = [...new Set([this.inHand, this.spec.play, ...this.spec.main])].filter((name) => name);
    this.prepare();
  }

  /** Fetch the sweeps of the likeliest controls, one after the other, as long as nothing else is to do. */
  prepare() {
    while (this.idle.length && !this.jobs.length && !this.flying.size) this.want(this.idle.shift());
  }

  /** Send the newest values; while an answer is outstanding they wait (and newer ones replace them). */
  ask() {
    if (!this.send || this.waiting || this.acked === this.state()) return;
    this.post("set", {values: {...this.values}, preset: this.preset}, this.state());
  }

  post(type, message, state) {
    this.seq += 1;
    this.waiting = this.seq;
    this.waitingState = state;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.silent(), type === "file" ? PATIENCE : SILENCE);
    this.send({type, seq: this.seq, client: this.client, ...message});
  }

  silent() {
    this.waiting = 0;
    this.fail("Python has not answered for a while. If it is busy, wait; if it was restarted, run this cell again.");
  }

  /** The line to Python is cut for good: what is here can still be shown, nothing new will come. */
  lost() {
    this.gone = true;
    this.waiting = 0;
    this.acked = this.state();
    clearTimeout(this.silence);
    this.jobs = [];
    this.idle = [];
    this.flying.clear();
    this.fail("This picture has lost its Python, maybe because the kernel was restarted. Run this cell again.");
  }

  /** Pin, unpin: the kernel draws the baseline. */
  act(action) {
    if (this.send) this.post("act", {action, values: {...this.values}, preset: this.preset}, null);
  }

  reset() {
    this.pause();
    if (this.pinned) this.act("unpin");
    const kept = this.spec.controls.filter((c) => c.stays).map((c) => [c.name, this.values[c.name]]);
    this.change({...this.spec.defaults, ...Object.fromEntries(kept)}, null);
  }

  file(what) { this.post("file", {what, values: {...this.values}, preset: this.preset}, null); }

  // -- what the kernel says ------------------------------------------------------------------------------------

  /** Messages are handled strictly in the order they came, though inflating takes a moment. */
  receive(message, buffers) {
    const bytes = buffers && buffers.length ? asBytes(buffers[0]) : null;
    const packed = bytes && message.type !== "file";
    if (packed && bytes[0] === 1) {
      const ready = inflate(bytes.subarray(1));
      this.then(async () => this.handle(message, unpack(await ready)));
    } else if (this.queue) {
      this.then(() => this.handle(message, packed ? unpack(bytes.slice(1)) : bytes));
    } else {
      this.handle(message, packed ? unpack(bytes.slice(1)) : bytes);
    }
  }

  then(job) {
    const mine = (this.queue || Promise.resolve()).then(job).catch((error) => this.fail(String(error)));
    this.queue = mine;
    mine.then(() => { if (this.queue === mine) this.queue = null; });
  }

  handle(message, content) {
    if (message.type === "frame") this.takeFrame(content);
    else if (message.type === "picture") this.takePicture(message.picture, content);
    else if (message.type === "block") this.takeBlock(message, content);
    else if (message.type === "error") this.takeError(message);
    else if (message.type === "file" && message.client === this.client) {
      this.answered(message);
      for (const view of this.views) view.download(message.name, content);
    }
  }

  answered(message) {
    const mine = message.client === this.client && message.seq === this.waiting;
    if (mine) { this.waiting = 0; clearTimeout(this.silence); }
    return mine;
  }

  takeFrame({head, frames: [part], bytes}) {
    if (!head.full) {
      if (head.rev <= this.rev) return;
      if (head.basis !== this.rev) {                                   // we missed one: ask for all
        this.answered(head);
        this.send({type: "hello"});
        return;
      }
    }
    this.rev = head.rev;
    const frame = head.full || !this.kernel ? part
      : {...part, looks: {...this.kernel.looks, ...part.looks}, shapes: {...this.kernel.shapes, ...part.shapes}};
    this.kernel = frame;
    this.code = head.code;
    if (head.era !== this.era) { this.store.clear(); this.refused.clear(); }
    this.era = head.era;
    this.pinned = head.pinned;
    const mine = this.answered(head);
    const busy = this.waiting || this.playing || performance.now() - this.lastInput < 400;
    if (!mine && head.client !== this.client && !busy) {        // Python or another page has changed the controls
      this.values = {...frame.values};
      this.preset = head.preset;
    }
    this.acked = this.key(frame.values) + head.preset;
    this.error = "";
    this.store.put([frame], bytes + 20000, (values) => this.key(values));
    const wanted = this.key(frame.values) === this.key();
    if (wanted || !this.isShown()) this.display(frame, wanted);   // an old answer never replaces the right frame
    if (mine && this.acked !== this.state() && (!this.isShown() || !this.restTimer)) this.ask();
    for (const view of this.views) view.controlsChanged();
    if (mine && !this.restTimer) this.restSoon();
  }

  /** The kernel has drawn the picture anew (for another width): swap it, and fill it before anything is painted. */
  takePicture(picture, content) {
    this.picture = picture;
    this.shown = null;
    for (const view of this.views) view.mountPicture();
    this.takeFrame(content);
  }

  takeBlock(message, content) {
    if (message.client !== this.client) return;
    const {timer, keys = []} = this.flying.get(message.seq) || {};
    clearTimeout(timer);
    this.flying.delete(message.seq);
    if (content && message.era === this.era) {
      this.store.put(content.frames, content.bytes * 2, (values) => this.key(values));
      if (this.refused.size > 1000) this.refused.clear();
      for (const key of keys) if (!this.store.has(key)) this.refused.add(key);
      if (!this.isShown()) this.refresh();
    }
    this.pump();
    this.prepare();
  }

  takeError(message) {
    if (message.client !== this.client) return;
    clearTimeout(this.flying.get(message.seq)?.timer);
    this.flying.delete(message.seq);
    const mine = this.answered(message);
    if (mine && this.waitingState) this.acked = this.waitingState;             // do not ask the same again
    const inputs = message.values ? Object.entries(message.values)
      .map(([name, value]) => this.controls.get(name)?.label + " " + this.controls.get(name)?.text(value)) : [];
    this.fail(message.text + (inputs.length ? " (with " + inputs.join(", ") + "). The picture shows the last "
      + "state that could be computed." : ""));
    if (mine && this.acked !== this.state()) this.ask();
  }

  fail(text) {
    this.error = text;
    for (const view of this.views) view.controlsChanged();
  }

  // -- sweeps: the frames of the control in hand, before it moves ----------------------------------------------

  /** Ask for all states of one control, nearest first. */
  want(name) {
    if (!this.send) return;
    const control = this.controls.get(name);
    const missing = control.points(this.values[name]).filter((v) => !this.known(this.key({...this.values, [name]: v})));
    if (!missing.length || this.jobs.some((job) => job.name === name && !this.stale(job))) return;
    const runs = control.kind === "slider" ? chunks(missing, this.values[name]) : [missing];
    const asked = runs.map((run) => run.map((value) => ({[name]: value})));
    this.jobs.unshift({name, base: {...this.values}, era: this.era, runs: asked});
    this.jobs.length = Math.min(this.jobs.length, 2);
    this.pump();
  }

  known(key) { return this.store.has(key) || this.refused.has(key); }

  wantPresets() {
    if (!this.send || this.jobs.some((job) => job.name === "")) return;
    const missing = this.spec.presets.map(([, values]) => values).filter((values) => !this.known(this.key(values)));
    if (missing.length) this.jobs.unshift({name: "", base: {}, era: this.era, runs: [missing]});
    this.pump();
  }

  /** A job is out of date when any other control, or the baseline, has changed since. */
  stale(job) {
    if (job.era !== this.era) return true;
    if (!job.name) return false;
    return this.key({...job.base, [job.name]: this.values[job.name]}) !== this.key();
  }

  /** Few requests under way: enough for 61 states in one round trip, and a live value waits for no long sweep. */
  pump() {
    while (this.flying.size < 3 && this.jobs.length) {
      const job = this.jobs[0];
      const run = this.stale(job) ? undefined : job.runs.shift();
      if (!run) { this.jobs.shift(); continue; }
      const seq = ++this.seq;
      this.flying.set(seq, {timer: setTimeout(() => this.flying.delete(seq), SILENCE),
        keys: run.map((change) => this.key({...job.base, ...change}))});
      this.send({type: "sweep", seq, client: this.client, era: job.era, values: job.base, changes: run});
    }
  }

  /** Are all states of a control here? */
  ready(name) {
    const points = this.controls.get(name).points(this.values[name]);
    return points.every((value) => this.known(this.key({...this.values, [name]: value})));
  }

  // -- play ----------------------------------------------------------------------------------------------------

  play() {
    const control = this.controls.get(this.spec.play), now = this.values[control.name];
    if (this.spec.playMode === "once" && now >= control.high) this.change({[control.name]: control.low});
    this.playing = {control, at: this.values[control.name], direction: this.values[control.name] >= control.high ? -1 : 1, held: 0, last: 0};
    this.want(control.name);
    const tick = (time) => { if (this.playing) { this.advance(time); this.ticker = requestAnimationFrame(tick); } };
    this.ticker = requestAnimationFrame(tick);
    for (const view of this.views) view.controlsChanged();
  }

  advance(time) {
    const p = this.playing, {control} = p, range = control.high - control.low;
    const since = time - (p.last || time), passed = Math.min(100, since);
    if (STILL.matches && p.last && time - p.last < 800) return;          // fewer, larger steps instead of motion
    p.last = time;
    let next = p.at + p.direction * (STILL.matches ? range / 12 : passed / 7000 * range * this.speed);
    if (next >= control.high || next <= control.low) {
      next = Math.min(control.high, Math.max(control.low, next));
      if (this.spec.playMode === "once") p.done = true;
      p.direction = next >= control.high ? -1 : 1;
    }
    const value = control.snap(next);
    if (value !== this.values[control.name] && !this.store.has(this.key({...this.values, [control.name]: value}))) {
      this.want(control.name);
      p.held += since;
      if (p.held < 1500) return;                                         // wait for the sweep rather than stutter
    }
    p.held = 0;
    p.at = next;
    if (value !== this.values[control.name]) this.change({[control.name]: value});
    if (p.done) this.pause();
  }

  pause() {
    if (!this.playing) return;
    this.playing = null;
    cancelAnimationFrame(this.ticker);
    this.restSoon();
    for (const view of this.views) view.controlsChanged();
  }

  // -- showing -------------------------------------------------------------------------------------------------

  /** Set, in all views, only the attributes that differ from what they show. */
  display(frame, exact) {
    const before = this.shown || {looks: {}, shapes: {}}, patch = [];
    for (const [gid, look] of Object.entries(frame.looks)) {
      const old = before.looks[gid];
      if (look !== old) {
        for (const name in look) if (!old || old[name] !== look[name]) patch.push([gid, name, look[name]]);
      }
    }
    const shapes = {...before.shapes};
    for (const [gid, shape] of Object.entries(frame.shapes)) {
      if (!sameShape(shape, shapes[gid])) { shapes[gid] = shape; patch.push([gid, "d", pathText(shape)]); }
    }
    // a hidden curve keeps its old path and maybe an old colour: remember what is really set
    const looks = {...before.looks};
    for (const [gid, look] of Object.entries(frame.looks)) if (look !== looks[gid]) looks[gid] = {...looks[gid], ...look};
    this.shown = {key: this.key(frame.values), values: frame.values, says: frame.says, looks, shapes, exact};
    for (const view of this.views) view.apply(patch);
  }

  /** Everything set so far, for a view that opens late. */
  everything() {
    const patch = [];
    for (const [gid, look] of Object.entries(this.shown.looks)) {
      for (const name in look) patch.push([gid, name, look[name]]);
    }
    for (const [gid, shape] of Object.entries(this.shown.shapes)) patch.push([gid, "d", pathText(shape)]);
    return patch;
  }
}

// ---------------------------------------------------------------------------------------------------------------
// View: the HTML of one explorer

let count = 0;

/** h("button", {class: "x", onclick: f}, "text", child) */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  // Notebook 7 takes arrow keys from what has the focus unless that element itself, not only one above it, says no.
  if (["input", "select", "button", "summary"].includes(tag)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const svgElement = (tag, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

const KEYS = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10};

class View {
  constructor(session, host) {
    this.session = session;
    this.id = "vmo" + (count += 1) + session.client.slice(0, 4);
    this.visible = true;
    this.inputs = new Map();
    this.build();
    host.append(this.root);
    this.mountPicture();
    session.views.add(this);
    if (session.shown) this.apply(session.everything());
    this.controlsChanged();
    this.speak();
    this.watch = new IntersectionObserver((entries) => {
      this.visible = entries.at(-1).isIntersecting;
      if (this.visible) this.placeHits();
    });
    this.watch.observe(this.root);
    this.sizes = new ResizeObserver(() => {
      clearTimeout(this.sizeTimer);
      this.sizeTimer = setTimeout(() => this.fit(), 200);
    });
    this.sizes.observe(this.root);
  }

  /** A narrow page gets the tall layout of the picture, where the scene has one. */
  fit() {
    const {session} = this, width = this.root.clientWidth, {layout} = session.picture;
    if (!width || !session.spec.layouts.includes("tall")) return;
    const wish = width < 540 ? "tall" : width > 600 ? "wide" : layout;
    if (wish !== layout) session.send ? session.send({type: "layout", layout: wish}) : session.relayout(wish);
  }

  destroy() {
    this.watch.disconnect();
    this.sizes.disconnect();
    window.removeEventListener("keydown", this.gate, true);
    clearTimeout(this.sizeTimer);
    clearTimeout(this.speaker);
    this.session.views.delete(this);
    if (!this.session.views.size) this.session.pause();
  }

  // -- building ------------------------------------------------------------------------------------------------

  build() {
    const {session, id} = this, {spec} = session;
    const title = h(session.send ? "h3" : "h1", {class: "vmo-title", id: id + "t"}, spec.title);
    this.picture = h("div", {class: "vmo-picture"});
    this.fault = h("p", {class: "vmo-error", role: "alert", hidden: true});
    this.readouts = h("dl", {class: "vmo-readouts"});
    this.description = h("p", {class: "vmo-description", id: id + "d", "aria-live": "polite"});
    const panel = h("div", {class: "vmo-panel"},
      ...[...session.controls.values()].filter((c) => session.send || !spec.kept || spec.kept.includes(c.name))
        .map((control) => this.buildControl(control)),
      this.buildPlay(), this.buildButtons());
    this.root = h("section", {class: "vmo-edu", "aria-labelledby": id + "t",
      "data-lm-suppress-shortcuts": ""},         // JupyterLab and Notebook 7 look for this before they take keys
      title, this.buildPresets() ?? "",
      h("div", {class: "vmo-body"},
        h("div", {class: "vmo-figure"}, this.picture, this.buildParts()),
        panel,
        h("div", {class: "vmo-says"}, this.fault, this.readouts, this.description)));
    // Keys belong to the control that has the focus; combinations such as Ctrl+S still belong to the notebook.
    const shortcut = (event) => event.ctrlKey || event.metaKey;
    this.gate = (event) => {
      if (!this.root.contains(event.target)) return;
      for (const element of [this.root, event.target]) {
        element.toggleAttribute("data-lm-suppress-shortcuts", !shortcut(event));
      }
    };
    window.addEventListener("keydown", this.gate, true);
    this.root.addEventListener("keydown", (event) => { if (!shortcut(event)) event.stopPropagation(); });
    if (this.fullChanged) this.root.addEventListener("fullscreenchange", this.fullChanged);
    this.root.vmo = this;                              // for tests and the curious: element.vmo.session
  }

  buildPresets() {
    const {spec} = this.session;
    if (!spec.presets.length) return null;
    this.chips = spec.presets.map(([name, values]) => h("button", {type: "button", class: "vmo-chip",
      "aria-pressed": "false", onclick: () => { this.session.pause(); this.session.change({...values}, name); }}, name));
    const group = h("div", {class: "vmo-presets", role: "group", "aria-label": "Presets"}, ...this.chips);
    group.addEventListener("pointerenter", () => this.session.wantPresets());
    group.addEventListener("focusin", () => this.session.wantPresets());
    return group;
  }

  buildControl(control) {
    const box = control.kind === "slider" ? this.buildSlider(control)
      : control.kind === "choice" ? this.buildChoice(control) : this.buildToggle(control);
    box.dataset.control = control.name;
    box.title = control.help || "";
    this.takesInHand(box, control.name);
    return box;
  }

  /** Pointer or focus on a control: have its sweep ready before it moves. */
  takesInHand(element, name) {
    let timer = 0;
    const take = () => { this.session.inHand = name; this.session.want(name); };
    element.addEventListener("pointerenter", () => { timer = setTimeout(take, 50); });
    element.addEventListener("pointerleave", () => clearTimeout(timer));
    element.addEventListener("pointerdown", take);
    element.addEventListener("focusin", take);
  }

  buildSlider(control) {
    const {session} = this, {name} = control, id = this.id + name;
    const set = (value) => {
      if (session.playing?.control === control) session.pause();
      session.inHand = name;
      if (value !== session.values[name]) session.change({[name]: value});
      else this.controlsChanged();
    };
    const range = h("input", {type: "range", id, min: control.low, max: control.high, step: control.step,
      "aria-describedby": control.help ? id + "h" : null});
    const number = h("input", {type: "number", class: "vmo-number", min: control.low, max: control.high, step: "any",
      "aria-label": control.label + ", exact value" + (control.unit ? " in " + control.unit : "")});
    range.addEventListener("input", () => set(control.snap(Number(range.value))));
    range.addEventListener("keydown", (event) => {
      const value = this.keyed(control, event);
      if (value !== undefined) { event.preventDefault(); set(value); }
    });
    const write = (value) => { set(value); number.value = control.number(session.values[name]); };
    number.addEventListener("change", () => {
      const typed = number.value === "" ? NaN : Number(number.value);
      const bounded = Math.min(control.high, Math.max(control.low, typed));
      if (Number.isFinite(typed)) write(control.given ? control.snap(bounded) : bounded);
      else number.value = control.number(session.values[name]);
      this.note.textContent = typed === bounded ? "" : control.range();
    });
    number.addEventListener("keydown", (event) => {            // sideways keys, Home and End move the text cursor
      const value = /^(Arrow(Up|Down)|Page)/.test(event.key) ? this.keyed(control, event) : undefined;
      if (value !== undefined) { event.preventDefault(); write(value); }
    });
    const mark = (kind) => h("span", {class: "vmo-mark vmo-" + kind, "aria-hidden": "true"});
    const ticks = {normal: mark("normal"), pinned: mark("pinned")};
    this.inputs.set(name, {control, range, number, ticks});
    return h("div", {class: "vmo-control"},
      h("div", {class: "vmo-line"}, h("label", {for: id}, control.label),
        h("span", {class: "vmo-value"}, number, h("span", {class: "vmo-unit"}, control.unit))),
      h("div", {class: "vmo-track"}, ticks.normal, ticks.pinned, range),
      control.help ? h("span", {class: "vmo-hidden", id: id + "h"}, control.help) : null);
  }

  /** The value that a key asks for, or undefined. */
  keyed(control, event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const now = this.session.values[control.name];
    if (event.key === "Home") return control.snap(control.low);
    if (event.key === "End") return control.snap(control.high);
    const steps = KEYS[event.key];
    return steps ? control.step_by(now, steps * (event.shiftKey ? 5 : 1)) : undefined;
  }

  buildChoice(control) {
    const {name} = control, id = this.id + name, choose = (value) => this.session.change({[name]: value});
    if (control.options.length > 4) {
      const select = h("select", {id, onchange: () => choose(select.value)},
        ...control.options.map(([value, label]) => h("option", {value}, label)));
      this.inputs.set(name, {control, select});
      return h("div", {class: "vmo-control vmo-line"}, h("label", {for: id}, control.label), select);
    }
    const radios = control.options.map(([value]) =>
      h("input", {type: "radio", name: id, value, onchange: () => choose(value)}));
    this.inputs.set(name, {control, radios});
    return h("fieldset", {class: "vmo-control vmo-radios"}, h("legend", {}, control.label),
      ...control.options.map(([, label], i) => h("label", {}, radios[i], " " + label)));
  }

  buildToggle(control) {
    const box = h("input", {type: "checkbox", onchange: () => this.session.change({[control.name]: box.checked})});
    this.inputs.set(control.name, {control, box});
    return h("div", {class: "vmo-control"}, h("label", {}, box, " " + control.label));
  }

  buildPlay() {
    const {session} = this, control = session.controls.get(session.spec.play);
    if (!control) return null;
    this.playButton = h("button", {type: "button", class: "vmo-play",
      onclick: () => session.playing ? session.pause() : session.play()});
    const speed = h("select", {"aria-label": "Speed", onchange: () => { session.speed = Number(speed.value); }},
      ...[["0.25", "¼×"], ["0.5", "½×"], ["1", "1×"], ["2", "2×"]]
        .map(([value, label]) => h("option", {value}, label)));
    speed.value = "1";
    this.takesInHand(this.playButton, control.name);
    return h("div", {class: "vmo-buttons"}, this.playButton, speed);
  }

  buildButtons() {
    const {session} = this;
    const button = (label, onclick, more = {}) => h("button", {type: "button", onclick, ...more}, label);
    const bar = h("div", {class: "vmo-buttons"}, button("Reset", () => session.reset()));
    if (session.send) {
      const pin = () => session.act(session.pinned ? "unpin" : "pin");
      this.pinButton = button("Pin baseline", pin, {"aria-pressed": "false"});
      bar.append(this.pinButton);
    }
    if (session.picture.labels) {
      this.labelButton = button("Labels", () => {
        session.labels = !session.labels;
        for (const view of session.views) view.controlsChanged();
      }, {"aria-pressed": "true"});
      bar.append(this.labelButton);
    }
    if (session.send) bar.append(button("Copy state", () => this.copy()), this.buildSave(button));
    else bar.append(button("Save picture", () => this.saveSvg()));
    if (document.fullscreenEnabled) bar.append(this.buildFull(button));
    this.note = h("p", {class: "vmo-note", role: "status"});
    return h("div", {}, bar, this.note);
  }

  /** For the projector: nothing but this explorer, as large as the screen. */
  buildFull(button) {
    const isFull = () => document.fullscreenElement === this.root;
    const full = button("Full screen", () => (isFull() ? document.exitFullscreen() : this.root.requestFullscreen())
      .catch((error) => { this.note.textContent = "The browser does not allow it here: " + error.message; }),
    {"aria-pressed": "false"});
    this.fullChanged = () => full.setAttribute("aria-pressed", isFull());
    return full;
  }

  buildSave(button) {
    const menu = h("details", {class: "vmo-save"}, h("summary", {}, "Save"));
    const save = (what, label) => button(label, () => {
      menu.open = false;
      menu.firstChild.focus();
      this.note.textContent = what === "page" ? "Preparing the page, this takes some seconds …" : "Preparing …";
      this.saving = true;
      this.session.file(what);
    });
    menu.append(h("div", {class: "vmo-menu"}, save("picture", "Picture (PNG)"), save("data", "Numbers (CSV)"),
      save("page", "Page that works without Python")));
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { menu.open = false; menu.firstChild.focus(); }
    });
    return menu;
  }

  buildParts() {
    const {session} = this, {parts} = session.spec;
    if (!parts.length) return null;
    const go = (index, aloud = true) => {           // a pointer that wanders over the picture is not read out
      session.part = index;
      for (const view of session.views) view.partChanged(aloud);
    };
    this.partSelect = h("select", {"aria-label": "Part of the picture",
      onchange: () => go(this.partSelect.selectedIndex - 1)},
      h("option", {}, "Point at a part, or choose one"), ...parts.map(([, name]) => h("option", {}, name)));
    this.partText = h("p", {class: "vmo-part-text", role: "status"});
    const step = (by) => () => go(session.part < 0 ? (by > 0 ? 0 : parts.length - 1)
      : (session.part + by + parts.length) % parts.length);
    this.goToPart = go;
    return h("div", {class: "vmo-parts"},
      h("div", {class: "vmo-buttons"},
        h("button", {type: "button", "aria-label": "Previous part", onclick: step(-1)}, "‹"),
        this.partSelect, h("button", {type: "button", "aria-label": "Next part", onclick: step(1)}, "›")),
      this.partText);
  }

  // -- the picture ---------------------------------------------------------------------------------------------

  mountPicture() {
    const {spec, picture} = this.session;
    this.picture.innerHTML = picture.svg;
    this.svg = this.picture.querySelector("svg");
    this.svg.setAttribute("role", picture.handles.length ? "group" : "img");
    this.svg.setAttribute("aria-label", spec.title);
    this.svg.setAttribute("aria-describedby", this.id + "d");
    this.svg.removeAttribute("width"); this.svg.removeAttribute("height");
    this.groups = new Map();
    for (const group of this.svg.querySelectorAll("[data-gid]")) {
      this.groups.set(group.dataset.gid, {group, path: group.querySelector(":scope > path"), hit: null});
    }
    for (const name of this.inputs.keys()) if (name.startsWith("handle ")) this.inputs.delete(name);
    for (const handle of picture.handles) this.mountHandle(handle);
    this.partGroups = spec.parts.map(([gid]) => this.svg.querySelector(`[data-gid="${gid}"],[data-part="${gid}"]`));
    this.partGroups.forEach((group, i) => {
      if (!group) return;
      group.classList.add("vmo-part");
      group.addEventListener("pointerenter", () => this.goToPart(i, false));
      group.addEventListener("click", () => this.goToPart(i));
    });
    if (this.session.part >= 0) this.partChanged();
    if (this.visible) this.placeHits();
  }

  /** Something in the picture that can be dragged: it moves one control with x and perhaps another with y. */
  mountHandle(handle) {
    const entry = this.groups.get(handle.gid);
    const {session} = this, {kept} = session.spec;
    const axes = ["x", "y"].filter((axis) => handle[axis] && (!kept || kept.includes(handle[axis][0])));
    if (!entry || !axes.length) return;
    const {group, path} = entry;
    const controls = axes.map((axis) => session.controls.get(handle[axis][0]));
    group.classList.add("vmo-handle");
    for (const [name, value] of [["tabindex", "0"], ["role", "slider"], ["aria-label", handle.label],
      ["data-lm-suppress-shortcuts", "true"]]) group.setAttribute(name, value);
    if (path) {                                      // a wide invisible line catches fingers and shaky mice
      entry.hit = svgElement("path", {class: "vmo-hit", d: path.getAttribute("d") || "M0 0"});
      group.append(entry.hit);
    }
    this.inputs.set("handle " + handle.gid, {control: controls[0], handle: group, moves: controls});
    controls.forEach((control) => this.takesInHand(group, control.name));
    group.addEventListener("pointerdown", (event) => this.drag(event, handle, group, axes, controls));
    group.addEventListener("keydown", (event) => {
      const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
      const axis = axes.length === 2 ? (vertical ? 1 : 0) : 0, control = controls[axis];
      let value = this.keyed(control, event);
      // sideways and up or down keys move the handle on screen, whichever way the control counts
      const along = axes[axis] === "x" && !vertical || axes[axis] === "y" && vertical;
      if (value !== undefined && along && KEYS[event.key] && Math.abs(KEYS[event.key]) === 1) {
        const sign = handle[axes[axis]][1] < 0 ? -1 : 1, screen = axes[axis] === "y" ? -1 : 1;
        value = control.step_by(session.values[control.name], KEYS[event.key] * sign * screen * (event.shiftKey ? 5 : 1));
      }
      if (value !== undefined) { event.preventDefault(); session.change({[control.name]: value}); }
    });
  }

  /** Around a rigid part goes a box; it can only be measured once the picture is on screen. */
  placeHits() {
    for (const {gid} of this.session.picture.handles) {
      const entry = this.groups.get(gid);
      if (!entry || entry.path || entry.hit) continue;
      const box = entry.group.getBBox(), pad = Math.max(4, (34 - Math.min(box.width, box.height)) / 2);
      if (!box.width && !box.height) continue;
      entry.hit = svgElement("rect", {class: "vmo-hit", x: box.x - pad, y: box.y - pad,
        width: box.width + 2 * pad, height: box.height + 2 * pad});
      entry.group.append(entry.hit);
    }
  }

  drag(event, handle, group, axes, controls) {
    if (event.button) return;
    event.preventDefault();
    group.focus({preventScroll: true});
    group.setPointerCapture(event.pointerId);
    const {session} = this, toPicture = this.svg.getScreenCTM().inverse();
    const at = (e) => new DOMPoint(e.clientX, e.clientY).matrixTransform(toPicture);
    const start = at(event), from = controls.map((control) => session.values[control.name]);
    const move = (e) => {
      const point = at(e), changes = {};
      axes.forEach((axis, i) => {
        changes[controls[i].name] = controls[i].snap(from[i] + (point[axis] - start[axis]) * handle[axis][1]);
      });
      if (controls.some((control) => changes[control.name] !== session.values[control.name])) session.change(changes);
    };
    const stop = new AbortController();
    group.addEventListener("pointermove", move, {signal: stop.signal});
    for (const end of ["pointerup", "pointercancel"]) {
      group.addEventListener(end, () => stop.abort(), {signal: stop.signal});
    }
  }

  // -- showing -------------------------------------------------------------------------------------------------

  apply(patch) {
    for (const [gid, name, value] of patch) {
      const entry = this.groups.get(gid);
      if (!entry) continue;
      if (name === "d") { entry.path?.setAttribute("d", value); entry.hit?.setAttribute("d", value); }
      else if (name === "markup") entry.group.innerHTML = value;
      else (entry.path && name !== "transform" ? entry.path : entry.group).setAttribute(name, value);
    }
    const {shown} = this.session;
    this.root.dataset.shown = shown.key;
    this.root.dataset.exact = shown.exact;
    this.showReadouts(shown.says.readouts || []);
    clearTimeout(this.speaker);
    this.speaker = setTimeout(() => this.speak(), SPEAK);
  }

  showReadouts(rows) {
    while (this.readouts.children.length > rows.length) this.readouts.lastChild.remove();
    rows.forEach(([label, text, unit, tone], i) => {
      let tile = this.readouts.children[i];
      if (!tile) {
        tile = h("div", {class: "vmo-tile"}, h("dt"), h("dd", {}, h("b"), h("span")));
        this.readouts.append(tile);
      }
      const [dt, dd] = tile.children;
      const parts = [[dt, label], [dd.firstChild, text], [dd.lastChild, unit ? " " + unit : ""]];
      for (const [element, words] of parts) if (element.textContent !== words) element.textContent = words;
      if (tile.dataset.tone !== tone) tile.dataset.tone = tone;
      tile.classList.toggle("vmo-wordy", text.length > 9);          // a verdict is longer than a number
    });
  }

  /** The description is rewritten at rest only, so that a screen reader is not flooded. */
  speak() {
    const {session} = this, text = session.shown?.says.describe;
    if (text === undefined || session.playing) return;
    if (!session.isShown()) { this.speaker = setTimeout(() => this.speak(), SPEAK); return; }
    const words = text.replace(/(\d) (%|mm|ml|N|MPa|Hz)(?!\w)/g, "$1\u00a0$2");       // a unit stays with its number
    if (this.description.textContent !== words) this.description.textContent = words;
  }

  controlsChanged() {
    const {session} = this, {values, pinned, spec} = session;
    for (const entry of this.inputs.values()) this.showControl(entry, values[entry.control.name], pinned);
    spec.presets.forEach(([name, preset], i) => {
      const on = session.preset === name && Object.keys(preset).every((key) => preset[key] === values[key]);
      set(this.chips[i], "aria-pressed", String(on));
    });
    if (this.pinButton) set(this.pinButton, "aria-pressed", String(Boolean(pinned)));
    if (this.labelButton) set(this.labelButton, "aria-pressed", String(session.labels));
    this.picture.classList.toggle("vmo-nolabels", !session.labels);
    if (this.playButton) {
      const name = session.controls.get(spec.play).label.toLowerCase();
      text(this.playButton, session.playing ? "⏸ Pause" : "▶ Play " + name);
    }
    this.fault.hidden = !session.error;
    text(this.fault, session.error);
    clearTimeout(this.speaker);
    this.speaker = setTimeout(() => this.speak(), SPEAK);
  }

  showControl({control, range, number, ticks, select, radios, box, handle, moves}, value, pinned) {
    if (range) {
      const onGrid = !control.given && control.snap(value) === value;
      if (control.given) range.disabled = number.disabled = control.given.length < 2;
      set(range, "step", onGrid ? String(control.step) : "any");       // an exact value must not be rounded away
      if (range.valueAsNumber !== value) range.value = value;
      set(range, "aria-valuetext", control.text(value));
      const written = control.number(value), share = (v) => ((v - control.low) / (control.high - control.low)).toFixed(4);
      if (document.activeElement !== number && number.value !== written) number.value = written;
      range.style.setProperty("--at", share(value));
      ticks.normal.style.setProperty("--at", share(control.default));
      ticks.pinned.hidden = !pinned;
      if (pinned) ticks.pinned.style.setProperty("--at", share(pinned[control.name]));
    } else if (handle) {
      const says = moves.length === 1 ? control.text(value)
        : moves.map((one) => one.label + " " + one.text(this.session.values[one.name])).join(", ");
      for (const [name, v] of [["aria-valuemin", control.low], ["aria-valuemax", control.high], ["aria-valuenow", value],
        ["aria-valuetext", says]]) set(handle, name, String(v));
    } else if (select) {
      for (const option of select.options) {
        option.disabled = Boolean(control.given) && !control.given.includes(option.value);
      }
      select.value = value;
    } else if (radios) {
      for (const radio of radios) {
        radio.disabled = Boolean(control.given) && !control.given.includes(radio.value);
        radio.checked = radio.value === value;
      }
    } else if (box) {
      box.disabled = Boolean(control.given) && control.given.length < 2;
      box.checked = value;
    }
  }

  partChanged(aloud = false) {
    const {session} = this, {parts} = session.spec, at = session.part;
    set(this.partText, "aria-live", aloud ? "polite" : "off");
    this.partGroups.forEach((group, i) => group?.classList.toggle("vmo-on", i === at));
    this.picture.classList.toggle("vmo-pointing", at >= 0);
    this.partSelect.selectedIndex = at + 1;
    this.partText.textContent = at < 0 ? "" : parts[at][2];
  }

  // -- files and the clipboard ---------------------------------------------------------------------------------

  async copy() {
    const {session} = this;
    for (let i = 0; i < 40 && session.acked !== session.state(); i++) {
      session.ask();
      await new Promise((done) => setTimeout(done, 50));
    }
    if (session.gone || session.acked !== session.state()) {
      this.note.textContent = "Python has not confirmed this state, so there is no line to copy.";
      return;
    }
    this.note.replaceChildren("This state in Python: ", h("code", {}, session.code));
    try {
      await navigator.clipboard.writeText(session.code);
      this.note.append(" (copied)");
    } catch { /* no permission: the line is there to be selected by hand */ }
  }

  download(name, bytes) {
    if (!this.saving) return;                          // only the view whose button was pressed
    this.saving = false;
    this.note.textContent = name + " was handed to your browser's downloads.";
    const link = h("a", {href: URL.createObjectURL(new Blob([bytes])), download: name});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  saveSvg() {
    const copy = this.svg.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    for (const hit of copy.querySelectorAll(".vmo-hit")) hit.remove();
    this.saving = true;
    this.download(this.session.spec.name + ".svg", new TextEncoder().encode(new XMLSerializer().serializeToString(copy)));
  }
}

function set(element, name, value) { if (element.getAttribute(name) !== value) element.setAttribute(name, value); }

function text(element, words) { if (element.textContent !== words) element.textContent = words; }

// ---------------------------------------------------------------------------------------------------------------
// Where it runs

/** In a notebook: anywidget calls this once for each model. */
export default () => {
  let session = null;
  return {
    initialize({model}) {
      session = new Session(model.get("spec"), model.get("picture"), (message) => model.send(message));
      const now = asBytes(model.get("now"));
      session.opened = (now[0] === 1 ? inflate(now.subarray(1)) : Promise.resolve(now.slice(1)))
        .then((body) => session.takeFrame(unpack(body)));
      const listen = (message, buffers) => session.receive(message, buffers);
      model.on("msg:custom", listen);
      return () => { session.pause(); model.off("msg:custom", listen); };
    },
    async render({model, el}) {
      await session.opened;
      const view = new View(session, el);
      session.send({type: "hello"});                    // whatever happened since the state was read
      return () => view.destroy();
    },
  };
};

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** In a saved page: page.py has packed the pictures and all frames that the kept controls can reach. */
export async function mountPage(page, host) {
  const session = new Session(page.spec, null, null), kept = page.spec.kept;
  const others = page.spec.controls.map((c) => c.name).filter((name) => !kept.includes(name));
  session.useGrid = () => {                            // which values of the kept controls have frames here
    const grid = page.grids[JSON.stringify(others.map((name) => session.values[name]))];
    for (const [name, control] of session.controls) control.given = grid?.[name] ?? [session.values[name]];
  };
  const load = async (layout) => {
    session.store.clear();
    for (const block of page.blocks[layout]) {
      const content = unpack(await inflate(bytesOf(block).subarray(1)));
      session.store.put(content.frames, 0, (values) => session.key(values));
    }
    const svg = new TextDecoder().decode(await inflate(bytesOf(page.pictures[layout].svg)));
    session.picture = {...page.pictures[layout], svg};
    session.shown = null;
    for (const view of session.views) view.mountPicture();
    session.display(session.store.get(session.key()), true);
    for (const view of session.views) view.controlsChanged();
  };
  let turn = Promise.resolve();
  session.relayout = (layout) => { turn = turn.then(() => layout !== session.picture.layout && load(layout)); };
  Object.assign(session.values, page.values);
  session.preset = page.preset;
  session.useGrid();
  await load(page.spec.layouts.includes("tall") && host.clientWidth < 540 ? "tall" : page.spec.layouts[0]);
  return new View(session, host);
}
