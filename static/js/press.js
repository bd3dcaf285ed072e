// A form that posts rests after the first press, until its answer is there: a second press on a slow line sends nothing.
// It wakes when the page comes back from the browser's memory, when htmx has an answer that leads nowhere else, and when
// none came for a minute.
// Its buttons keep their names (aria-disabled, never disabled): what they stand for is sent along. Whoever sends a form
// by script (`requestSubmit`) looks at its aria-busy before.

const LONGEST = 60_000;
const resting = new Map(); // a form to its buttons and the alarm that wakes it

const readyOf = (form) =>
  [...form.elements].filter((each) => each.tagName === "BUTTON" && !each.hasAttribute("aria-disabled"));

function rest(form) {
  const buttons = readyOf(form);
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  form.setAttribute("aria-busy", "true");
  resting.set(form, { buttons, alarm: setTimeout(() => wake(form), LONGEST) });
}

function wake(form) {
  const { buttons, alarm } = resting.get(form) ?? { buttons: [] };
  clearTimeout(alarm);
  resting.delete(form);
  for (const button of buttons) button.removeAttribute("aria-disabled");
  form.removeAttribute("aria-busy");
}

function pressed(event) {
  const form = event.target;
  const method = event.submitter?.getAttribute("formmethod") ?? form.getAttribute("method") ?? "get";
  const posts = method.toLowerCase() === "post" || form.hasAttribute("hx-post");
  if (!posts) return;
  if (resting.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  rest(form);
  // Another module took the submission over: it minds it itself.
  setTimeout(() => event.defaultPrevented && !form.hasAttribute("hx-post") && wake(form));
}

document.addEventListener("submit", pressed, true);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const leads = detail.xhr?.getResponseHeader("HX-Location");
  if (detail.requestConfig?.verb === "post" && resting.has(detail.elt) && !leads) wake(detail.elt);
});
window.addEventListener("pageshow", () => [...resting.keys()].forEach(wake));
