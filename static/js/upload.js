// form[data-upload="<id of the fragment>"]: a place for a document. Choosing or dropping a file sends it, resumably;
// without this module the form posts by itself. #upload-queue takes several files and asks where each belongs.
// When a file is recorded the fragment is drawn anew; rows of files on their way move over into it.

import { Row, announce } from "./upload-row.js";
import { send } from "./upload-sending.js";

const rows = new Map(); // a file's row to the name of its slot, null while that is asked
const queue = () => document.getElementById("upload-queue");
const forms = () => [...document.querySelectorAll("[data-slot] form[data-upload]")];
const slotOf = (form) => form.closest("[data-slot]").dataset.slot;
const isBusy = (slot) => slot !== "other" && [...rows].some(([row, its]) => its === slot && (row.isLive || row.element.dataset.state === "paused"));

function settle() {
  if (!queue()) return;
  for (const [row, slot] of rows) {
    const place = document.querySelector(`[data-slot="${CSS.escape(slot ?? "")}"]`) ?? queue().querySelector("[data-rows]");
    if (row.element.parentElement !== place) place.append(row.element);
  }
  for (const form of forms()) {
    const held = form.contains(document.activeElement);
    if (form.classList.toggle("busy", isBusy(slotOf(form))) && held) form.closest("[data-slot]").querySelector(".sending")?.focus();
  }
  for (const input of document.querySelectorAll("[data-many]")) input.multiple = true;
}

// One at a time: htmx would draw what it has queued in the place of a fragment that is gone by then.
const wanted = new Set();
let isDrawing = false;
async function redraw(fragment) {
  wanted.add(fragment);
  if (isDrawing) return;
  isDrawing = true;
  for (const each of wanted) {
    wanted.delete(each);
    await htmx.ajax("GET", location.pathname, { target: `#${each}`, swap: "outerHTML settle:0ms" }).catch(() => {});
  }
  isDrawing = false;
}
let focused = null;
document.addEventListener("htmx:beforeSwap", () => (focused = document.activeElement));
document.addEventListener("htmx:afterSwap", () => {
  settle();
  if (focused?.isConnected && document.activeElement === document.body) focused.focus();
});

function begin(file, form) {
  const fields = Object.fromEntries(new FormData(form));
  const [slot, fragment] = [slotOf(form), form.dataset.upload];
  delete fields.file;
  const row = new Row(file.name);
  rows.set(row, slot);
  row.on("close", () => {
    const place = row.element.closest("[data-slot]");
    rows.delete(row);
    row.element.remove();
    place?.querySelector("a[href], input[type=file]")?.focus();
  });
  const lines = [...form.closest("[data-slot]").querySelectorAll("[data-unfinished]")];
  const resume = (digest) => {
    const same = ({ dataset }) => Number(dataset.length) === file.size && (dataset.digest ? dataset.digest === digest : dataset.name === file.name);
    const line = lines.find(same);
    line?.remove();
    return line?.dataset.unfinished ?? null;
  };
  send(file, fields, row, resume, (state) => {
    settle();
    if (state === "finished") redraw(fragment);
  });
  settle();
}

// A file whose place is still to be said: its row asks for it.
function ask(file) {
  const row = new Row(file.name);
  const label = row.element.querySelector(".place");
  const select = label.querySelector("select");
  for (const form of forms()) if (!isBusy(slotOf(form))) select.append(new Option(form.dataset.label, slotOf(form)));
  const leave = () => {
    rows.delete(row);
    row.element.remove();
  };
  label.hidden = false;
  row.show("waiting", {}, "");
  row.on("stop", leave);
  select.addEventListener("change", () => {
    const form = forms().find((each) => slotOf(each) === select.value);
    if (!form || isBusy(select.value)) return;
    leave();
    begin(file, form);
  });
  rows.set(row, null);
  settle();
}

function take(files, form) {
  const several = [...files];
  if (form && (several.length === 1 || slotOf(form) === "other")) several.forEach((file) => begin(file, form));
  else several.forEach(ask);
  if (queue().querySelector("[data-rows] select")) queue().querySelector("[data-rows] select").focus();
}

document.documentElement.classList.add("scripted");
settle();

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!queue() || !input.matches("form[data-upload] input[type=file], #upload-several") || !input.files.length) return;
  take(input.files, input.form);
  input.value = "";
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  const input = form?.querySelector("input[type=file]");
  if (!form || !queue() || !input.files.length) return;
  event.preventDefault();
  take(input.files, form);
});

document.addEventListener("click", async (event) => {
  const line = event.target.closest("[data-give-up]")?.closest("[data-unfinished]");
  if (!line) return;
  const { status } = await fetch(line.dataset.unfinished, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } });
  if (![204, 404, 410].includes(status)) return;
  line.closest("[data-slot]").querySelector("label.button")?.focus();
  announce(event.target.textContent);
  line.remove();
});

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const slot = event.target.closest?.("[data-slot]");
    const form = slot?.querySelector("form[data-upload]:not(.busy)");
    const place = form ? slot : event.target.closest?.("#upload-queue, #case-documents");
    if (!queue() || !place || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    place.classList.toggle("over", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files, form);
  });
}

addEventListener("beforeunload", (event) => {
  if ([...rows.keys()].some((row) => row.isLive)) event.preventDefault();
});
