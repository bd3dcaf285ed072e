// data-countdown="": seconds until the authenticator shows its next code (a step is 30 seconds, RFC 6238).
// data-countdown="17": seconds until another try, then data-over. The text is data-text with {n};
// data-one where the language says it of one.
// role=timer keeps screen readers from reading every second.

const STEP = 30;
const number = new Intl.NumberFormat(document.documentElement.lang);
const plural = new Intl.PluralRules(document.documentElement.lang);
const started = new WeakMap();

function draw(element) {
  const wait = Number(element.dataset.countdown);
  if (!started.has(element)) started.set(element, Date.now());
  const left = wait
    ? Math.ceil(wait - (Date.now() - started.get(element)) / 1000)
    : STEP - (Math.floor(Date.now() / 1000) % STEP);
  const over = wait && left <= 0;
  const { one, text } = element.dataset;
  element.textContent = over ? element.dataset.over : (plural.select(left) === "one" ? one : text).replace("{n}", number.format(left));
  if (over) element.removeAttribute("data-countdown");
}

const drawAll = () => document.querySelectorAll("[data-countdown]").forEach(draw);

drawAll();
setInterval(drawAll, 1000);
