// Who has the focus when a page or a fragment appears, and what is heard of it.
// data-focus: takes the focus when it appears (the summary of errors). autofocus: the browser also scrolls there. On a
// narrow page what is to be read stands above it, and is shown first.
// data-flash: what became of the act that led here takes the focus where nothing else does: a live region that comes with
// the page says nothing by itself. Elsewhere it is put in once more, for the live region to say it.
// What htmx draws anew keeps the focus: the control of the same id (htmx sees to it), or one like it in the same place,
// or the place. Where it draws what describes the control that has the focus, that is said.

const NARROW = "(max-width: 60rem)";
const CONTROL = "a[href], button, input:not([type=hidden]), select, textarea";
const BEAT = 200; // milliseconds, for a screen reader to notice the region first

function take(root) {
  const element = root.matches?.("[data-focus]") ? root : root.querySelector("[data-focus]");
  element?.focus();
  return element;
}

function say(line) {
  if (!take(document) && !document.querySelector("[autofocus]") && !location.hash) return line.focus();
  const region = line.parentElement;
  setTimeout(() => region.replaceChildren(line.cloneNode(true)), BEAT);
}

const isPlain = (element) => !element || element === document.body;
const kindOf = (element) => `${element.tagName}[${element.getAttribute("type")}]`;
const described = (element) =>
  (element?.getAttribute("aria-describedby") ?? "").split(" ").map((id) => [id, document.getElementById(id)?.textContent.trim() ?? ""]);

const heard = document.createElement("p");
heard.className = "visually-hidden";
heard.setAttribute("role", "status");
document.body.append(heard);

let before = null;
function keep() {
  const held = document.activeElement;
  const place = held.closest("[data-slot], form[id], section[id], div[id]");
  const at = place?.dataset.slot ? `[data-slot="${CSS.escape(place.dataset.slot)}"]` : place && `#${CSS.escape(place.id)}`;
  before = isPlain(held) ? null : { held, at, kind: kindOf(held), told: described(held) };
}

function restore() {
  if (!before || before.held.isConnected || !isPlain(document.activeElement)) return;
  const place = before.at && document.querySelector(before.at);
  if (!place) return;
  const controls = [...place.querySelectorAll(CONTROL)].filter((each) => !each.disabled && each.getClientRects().length);
  const next = controls.find((each) => kindOf(each) === before.kind) ?? controls[0];
  if (!next) place.tabIndex = -1;
  (next ?? place).focus();
}

function tell() {
  if (!before?.held.isConnected || before.held !== document.activeElement) return;
  const was = new Map(before.told);
  const fresh = described(before.held).filter(([id, text]) => text && text !== was.get(id));
  if (fresh.length) heard.textContent = fresh.map(([, text]) => text).join(" ");
}

const line = document.querySelector("[data-flash]");
if (line) say(line);
else take(document);
document.addEventListener("htmx:beforeSwap", keep);
document.addEventListener("htmx:afterSettle", (event) => {
  if (take(event.detail.elt)) return;
  restore();
  tell();
});
window.addEventListener("load", () => {
  const arrived = document.querySelector("[autofocus]:not([aria-invalid])");
  if (arrived && matchMedia(NARROW).matches) requestAnimationFrame(() => scrollTo(0, 0));
});
