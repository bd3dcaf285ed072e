// form[data-upload="<id of the fragment>"]: sends a document with a progress bar; without this module the form
// posts by itself. A file dropped on the form is sent at once. When the last running upload has ended, the
// fragment is drawn anew from the page that the answer names, or from the answer itself.

const language = document.documentElement.lang;
const percent = new Intl.NumberFormat(language, { style: "percent" });
const unit = (value, name, digits) =>
  new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long", maximumFractionDigits: digits }).format(value);
const speed = (bytes) => (bytes < 1048576 ? unit(bytes / 1024, "kilobyte", 0) : unit(bytes / 1048576, "megabyte", 1));
const time = (seconds) => (seconds < 90 ? unit(Math.ceil(seconds), "second", 0) : unit(Math.ceil(seconds / 60), "minute", 0));

let running = 0;
let last = null; // the newest answer that changes the fragment
const refusals = new Map(); // id of the file input to the sentence, kept over a redraw

function state(form, text, wrong = false) {
  const line = form.querySelector("[role=status]");
  line.textContent = text;
  line.classList.toggle("error", wrong);
}

function busy(form, now) {
  form.classList.toggle("busy", now);
  form.setAttribute("aria-busy", String(now));
  form.querySelector("progress").hidden = !now;
}

function progressed(form, begun, event) {
  if (!event.lengthComputable) return;
  const done = event.loaded / event.total;
  form.querySelector("progress").value = done;
  if (done === 1) return state(form, form.dataset.checking);
  const rate = event.loaded / Math.max((performance.now() - begun) / 1000, 0.001);
  const left = (event.total - event.loaded) / rate;
  state(form, form.dataset.progress.replace("{percent}", percent.format(done)).replace("{rate}", speed(rate)).replace("{left}", time(left)));
}

// Replaces one element of this page by its namesake in `html`; false where either is missing.
function replace(html, selector) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(selector);
  const stale = document.querySelector(selector);
  if (!fresh || !stale) return false;
  stale.replaceWith(document.adoptNode(fresh));
  const settled = document.querySelector(selector);
  window.htmx?.process(settled);
  settled.querySelector("[data-focus]")?.focus();
  return true;
}

async function redraw(form, request) {
  const fragment = `#${form.dataset.upload}`;
  const named = request.getResponseHeader("HX-Location");
  if (!named && (replace(request.responseText, fragment) || replace(request.responseText, "main"))) return;
  const place = named?.startsWith("{") ? JSON.parse(named).path : named;
  const page = await fetch(place ?? location.href, { headers: { Accept: "text/html" } });
  if (!replace(await page.text(), fragment)) location.assign(place ?? location.href);
}

// What the portal said about a refused file, in its own words.
function sentence(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  return page.querySelector(".error, .summary li, .notice.bad")?.textContent.trim();
}

function refused(form, text) {
  busy(form, false);
  state(form, text, true);
  refusals.set(form.querySelector("input[type=file]").id, text);
}

async function ended(form, request) {
  running -= 1;
  const said = [413, 422].includes(request.status) && sentence(request);
  if (request.status === 0 || request.status >= 500) refused(form, form.dataset.lost);
  else if (said) refused(form, said);
  else last = request;
  // Drawing the fragment anew would cut off the other uploads in it: whichever ends last does it.
  if (running > 0 || !last) return;
  const answer = last;
  last = null;
  await redraw(form, answer);
  for (const [id, text] of refusals) {
    const again = document.getElementById(id)?.form;
    if (again) state(again, text, true);
  }
  refusals.clear();
}

function send(form) {
  const request = new XMLHttpRequest();
  const begun = performance.now();
  running += 1;
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Target", form.dataset.upload);
  request.upload.addEventListener("progress", (event) => progressed(form, begun, event));
  request.addEventListener("loadend", () => ended(form, request));
  request.send(new FormData(form));
  busy(form, true);
}

document.documentElement.classList.add("scripted");

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-upload] input[type=file]") && event.target.files.length) event.target.form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form) return;
  event.preventDefault();
  if (!form.classList.contains("busy")) send(form);
});

const slot = (event) => {
  const under = event.target.closest?.("form[data-upload], [data-drop]");
  return under?.matches("form") ? under : under?.querySelector("form[data-upload]");
};

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = slot(event);
    if (!form || form.classList.contains("busy")) return;
    event.preventDefault();
    form.classList.toggle("over", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    form.querySelector("input[type=file]").files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
