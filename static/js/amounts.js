// data-grouped: a whole number whose thousands are set apart while one types, in the page's own digits, as the server
// writes it back. What is no whole number (a decimal point, a sign, groups that are none) stays as it was typed: the
// server refuses it, and nothing here guesses.

const persian = document.documentElement.lang === "fa";
const SEPARATOR = persian ? "٬" : ",";
const ZERO = persian ? 0x6f0 : 0x30;
const MARKS = /[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g; // pasted along, never typed
const BETWEEN = ",٬،'’ \u00a0\u202f"; // what the server takes between groups, but for a point
const NUMBER = new RegExp(`^[0-9${BETWEEN}]*$`);
const WHOLE = new RegExp(`^(?:[0-9]*|[0-9]{1,3}([.${BETWEEN}])[0-9]{3}(?:\\1[0-9]{3})*)$`);

const latin = (text) =>
  text.replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 0xf)).replace(MARKS, "");
const digitsOf = (text) => latin(text).replace(/[^0-9]/g, "");
const shown = (digits) =>
  digits.replace(/[0-9]/g, (digit) => String.fromCharCode(ZERO + Number(digit))).replace(/(?<=.)(?=(?:.{3})+$)/g, SEPARATOR);

// Where the caret stands with so many digits before it; beyond a separator, where one deletes forwards.
function place(text, before, beyond) {
  let at = 0;
  for (let seen = 0; at < text.length && seen < before; at += 1) if (text[at] !== SEPARATOR) seen += 1;
  return beyond && text[at] === SEPARATOR ? at + 1 : at;
}

const untouched = new WeakSet(); // fields into which something was put that is no whole number

function group(field, kind) {
  const text = latin(field.value.trim());
  if (untouched.has(field) ? !WHOLE.test(text) : !NUMBER.test(text) && !WHOLE.test(text)) return;
  untouched.delete(field);
  const caret = field.selectionStart;
  const all = digitsOf(field.value);
  const kept = all.replace(/^0+(?=.)/, "");
  const before = Math.max(0, digitsOf(field.value.slice(0, caret)).length - (all.length - kept.length));
  field.value = shown(kept);
  const at = place(field.value, before, kind === "deleteContentForward");
  field.setSelectionRange(at, at);
}

document.addEventListener("beforeinput", ({ target, inputType, data }) => {
  if (!target.matches?.("[data-grouped]") || !/^insertFrom(Paste|Drop)/.test(inputType)) return;
  if (!WHOLE.test(latin(data ?? "").trim())) untouched.add(target);
});

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-grouped]") && !event.isComposing) group(event.target, event.inputType);
});
