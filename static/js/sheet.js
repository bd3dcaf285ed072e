// form[data-sheet]: what is chosen on the sheet so far, said in the bar below it; and keys, which act while the focus is
// within a paper and in no field that is typed into (WCAG 2.1.4). The focus moves where one asks for it, never by itself.
import "./toolbar.js";

const language = document.documentElement.lang;
const number = new Intl.NumberFormat(language, { useGrouping: false });
const COMMA = language === "fa" ? "، " : ", ";
const SIGNS = { good: "✓", bad: "✗", open: "○" };
const VERDICTS = { 1: "good", "۱": "good", "١": "good", 2: "bad", "۲": "bad", "٢": "bad" };
const STEPS = { n: 1, "ن": 1, p: -1, "پ": -1 };
const CODES = { KeyN: 1, KeyP: -1 }; // the same keys under a Persian layout
const TYPED = "select, textarea, input:not([type=radio])";
const MIDDLE = { rootMargin: "-45% 0px -55% 0px" };

function attach(form) {
  const papers = [...form.querySelectorAll("[data-paper]")];
  const bar = document.querySelector(`[data-progress="${form.id}"]`);
  const words = bar.querySelector("template").content;
  const [count, parts, progress] = ["[data-count]", "[data-parts]", "progress"].map((each) => bar.querySelector(each));
  const [next, review] = ["[data-next]", "[data-review]"].map((each) => document.querySelector(each));
  const dots = [...document.querySelectorAll("[data-dot]")];
  let current = papers[0];

  const word = (name, n = 0) => words.querySelector(`[data-word=${name}]`).textContent.replace("{n}", number.format(n));
  const stateOf = (paper) => ["good", "bad"].find((each) => paper.querySelector(`.${each} :checked`)) ?? "open";
  const put = (element, text) => element.textContent !== text && (element.textContent = text); // said once

  function draw() {
    const states = papers.map(stateOf);
    const of = (state) => states.filter((each) => each === state).length;
    const judged = papers.length - of("open");
    put(count, word("judged", judged));
    put(parts, Object.keys(SIGNS).filter(of).map((each) => word(each, of(each))).join(COMMA));
    progress.hidden = false;
    progress.value = judged;
    put(review, word(judged === 1 ? "review-one" : judged ? "review" : "review-none", judged));
    dots.forEach((dot, at) => mark(dot, states[at], papers[at] === current));
    const after = papers.indexOf(current) + 1;
    const open = [...papers.slice(after), ...papers.slice(0, after)].find((each) => stateOf(each) === "open" && each !== current);
    next.hidden = !open;
    if (open) put(next.querySelector("[data-name]"), open.dataset.paper);
    if (open) next.hash = open.querySelector("h2").id;
  }

  function mark(dot, state, isCurrent) {
    dot.dataset.state = state;
    put(dot.querySelector("[data-sign]"), SIGNS[state]);
    put(dot.querySelector("[data-said]"), word(`is-${state}`));
    if (isCurrent) dot.setAttribute("aria-current", "step");
    else dot.removeAttribute("aria-current");
  }

  function go(paper) {
    if (!paper) return;
    current = paper;
    paper.scrollIntoView({ block: "start" });
    (paper.querySelector("[type=radio]:checked") ?? paper.querySelector("[type=radio]")).focus();
    draw();
  }

  function pressed(event) {
    const paper = event.target.closest("[data-paper]");
    if (!paper || event.target.closest(TYPED) || event.ctrlKey || event.metaKey || event.altKey) return;
    const verdict = VERDICTS[event.key];
    const step = STEPS[event.key.toLowerCase()] ?? CODES[event.code];
    if (!verdict && !step) return;
    event.preventDefault();
    if (verdict) paper.querySelector(`.${verdict} input`).click();
    else go(papers[papers.indexOf(paper) + step]);
  }

  function led(event) {
    const link = event.target.closest("[data-dot], [data-next]");
    const paper = link && papers.find((each) => `#${each.querySelector("h2").id}` === link.hash);
    if (!paper || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(paper);
  }

  const watching = new IntersectionObserver((seen) => {
    current = seen.find((each) => each.isIntersecting)?.target ?? current;
    draw();
  }, MIDDLE);
  for (const paper of papers) watching.observe(paper);
  form.addEventListener("change", draw);
  form.addEventListener("keydown", pressed);
  document.addEventListener("click", led);
  addEventListener("pageshow", draw); // the browser fills in what was chosen before
  draw();
}

document.querySelectorAll("[data-sheet]").forEach(attach);
