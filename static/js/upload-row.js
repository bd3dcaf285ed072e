// What one file's row shows and says. A screen reader hears each change of state and every quarter of the way.

const language = document.documentElement.lang;
const percent = new Intl.NumberFormat(language, { style: "percent" });
const unit = (value, name, digits) =>
  new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long", maximumFractionDigits: digits }).format(value);
const MEGABYTE = 1024 * 1024; // as sizes are said everywhere
const speed = (bytes) => (bytes < MEGABYTE ? unit(bytes / 1024, "kilobyte", 0) : unit(bytes / MEGABYTE, "megabyte", 1));
const time = (seconds) => (seconds < 90 ? unit(Math.ceil(seconds), "second", 0) : unit(Math.ceil(seconds / 60), "minute", 0));

const BUTTONS = {
  waiting: ["stop"],
  digesting: ["stop"],
  starting: ["pause", "stop"],
  running: ["pause", "stop"],
  continued: ["pause", "stop"],
  retrying: ["retry-now", "pause", "stop"],
  paused: ["resume", "stop"],
  checking: [],
};
const LIVE = new Set(["digesting", "starting", "running", "continued", "retrying", "checking"]);

const word = (name) => document.getElementById("upload-words").content.querySelector(`[data-word=${name}]`).textContent;

export function announce(text) {
  document.getElementById("upload-live").textContent = text;
}

export class Row {
  constructor(name) {
    this.element = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
    this.element.setAttribute("aria-label", name);
    this.element.querySelector("bdi").textContent = name;
    this.name = name;
    this.done = 0;
    this.quarter = 0;
    this.samples = [];
  }

  on(action, listener) {
    this.element.querySelector(`[data-action=${action}]`).addEventListener("click", listener);
  }

  get isLive() {
    return LIVE.has(this.element.dataset.state);
  }

  // `text` replaces the state's own sentence: a refusal in the portal's words.
  show(state, facts = {}, text = null) {
    const before = this.element.dataset.state;
    const held = this.element.contains(document.activeElement);
    this.element.dataset.state = state;
    const said = (text ?? word(state)).replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? percent.format(this.done));
    const line = this.element.querySelector(".line");
    line.textContent = said;
    line.classList.toggle("error", ["refused", "signed-out"].includes(state));
    this.element.querySelector("progress").hidden = !(this.isLive || state === "paused");
    for (const button of this.element.querySelectorAll("[data-action]")) {
      button.hidden = !(BUTTONS[state] ?? ["close"]).includes(button.dataset.action);
    }
    if (held && !this.element.contains(document.activeElement)) this.element.querySelector("[data-action]:not([hidden])")?.focus();
    if (state !== before) announce(`${this.name}: ${said}`);
    return said;
  }

  // `done` from 0 to 1 of `total` bytes; the rate is that of the last seconds.
  progress(done, total) {
    this.done = done;
    this.element.querySelector("progress").value = done;
    const now = performance.now();
    this.samples = [...this.samples.filter(([at]) => now - at < 8000), [now, done * total]];
    const [since, then] = this.samples[0];
    const rate = (done * total - then) / Math.max((now - since) / 1000, 0.001);
    if (rate <= 0) return;
    const said = this.show("running", { rate: speed(rate), left: time(((1 - done) * total) / rate) });
    const quarter = Math.floor(done * 4);
    if (quarter > this.quarter && quarter < 4) announce(`${this.name}: ${said}`);
    this.quarter = quarter;
  }

  digesting(done) {
    this.element.querySelector("progress").value = done;
    this.show("digesting", { percent: percent.format(done) });
  }

  retrying(seconds) {
    this.samples = [];
    this.show("retrying", { left: time(seconds) });
  }

  continued(done) {
    this.done = done;
    this.samples = [];
    this.element.querySelector("progress").value = done;
    this.show("continued");
  }
}
