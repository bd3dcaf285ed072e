// [data-viewer]: one page of a document at a time. Without this module its tools are links to the reader's own page.
// Keys act while the focus is inside (WCAG 2.1.4); a pinch or Ctrl and the wheel zoom; the next pages are fetched ahead.
import "./toolbar.js";

const number = new Intl.NumberFormat(document.documentElement.lang === "fa" ? "fa" : "en", { useGrouping: false });
const ZOOMS = [1, 1.5, 2, 3];
const [LEAST, MOST] = [1, 5];
const CLOSE = 2800; // pixels: the larger of the two pictures that there are of each page
const AHEAD = [1, 2, -1];
const apart = ([one, two]) => Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
const KEYS = {
  PageDown: "next", PageUp: "previous", Home: "first", End: "last", "+": "larger", "=": "larger", "-": "smaller",
  "−": "smaller", 0: "fit", "۰": "fit", w: "whole", r: "turn", g: "goto",
};
// The same keys under a Persian layout.
const CODES = { KeyW: "whole", KeyR: "turn", KeyG: "goto" };

// Where the scroll counts from: under fa the right edge is zero, and what lies left of it is negative.
const origin = (stage) => (document.dir === "rtl" ? stage.scrollWidth - stage.clientWidth : 0);

function attach(root) {
  const stage = root.querySelector(".stage");
  const image = stage.querySelector("img");
  const status = root.querySelector("[role=status]");
  const last = Number(root.dataset.pages);
  let page = Number(root.dataset.page);
  let zoom = Number(stage.dataset.zoom) || 1;
  let pinch = null;

  const address = (n, close) => `${root.dataset.viewer}${n}${close ? `?width=${CLOSE}` : ""}`;

  function draw() {
    const wanted = address(page, zoom > 1);
    if (image.getAttribute("src") === wanted) return;
    stage.setAttribute("aria-busy", "true");
    image.src = wanted;
  }

  function scale(wanted, x = stage.clientWidth / 2, y = 0) {
    const next = Math.min(MOST, Math.max(LEAST, wanted));
    const [across, down] = [origin(stage) + stage.scrollLeft + x, stage.scrollTop + y];
    const grown = next / zoom;
    zoom = next;
    stage.dataset.zoom = "free";
    stage.style.setProperty("--zoom", String(zoom));
    stage.scrollTo(across * grown - x - origin(stage), down * grown - y);
    draw();
  }

  function disable(name, off) {
    const tool = root.querySelector(`[data-do=${name}]`);
    if (!tool) return; // of a single page
    if (off) tool.setAttribute("aria-disabled", "true");
    else tool.removeAttribute("aria-disabled");
  }

  function show(wanted) {
    page = Math.min(last, Math.max(1, wanted));
    root.dataset.page = String(page);
    root.querySelector("[data-shown]").textContent = root.dataset.where.replace("{n}", number.format(page));
    image.alt = root.dataset.alt.replace("{n}", number.format(page));
    disable("previous", page === 1);
    disable("next", page === last);
    status.textContent = "";
    status.classList.remove("error");
    stage.scrollTo(0, 0);
    draw();
    if (root.dataset.reader) follow();
  }

  // The address and the text of the reader's own page go along.
  function follow() {
    const here = new URL(location.href);
    here.searchParams.set("page", String(page));
    history.replaceState(null, "", here);
    const field = document.getElementById("field-page");
    if (field) field.value = number.format(page);
    const text = "#document-text";
    htmx.ajax("GET", here.href, { source: text, target: text, select: `${text} > *`, swap: "innerHTML" });
  }

  const acts = {
    next: () => show(page + 1),
    previous: () => show(page - 1),
    first: () => show(1),
    last: () => show(last),
    larger: () => scale(ZOOMS.find((each) => each > zoom + 0.01) ?? MOST),
    smaller: () => scale(ZOOMS.findLast((each) => each < zoom - 0.01) ?? LEAST),
    fit: () => scale(1),
    whole: () => {
      scale(1);
      stage.dataset.zoom = "page";
    },
    turn: () => (stage.dataset.turn = String((Number(stage.dataset.turn) + 90) % 360)),
    goto: () => document.getElementById("field-page")?.select(),
  };

  for (const tool of root.querySelectorAll("[data-do]")) tool.setAttribute("role", "button");
  root.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-do]");
    if (!tool || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (tool.getAttribute("aria-disabled") !== "true") acts[tool.dataset.do]();
  });
  root.addEventListener("keydown", (event) => {
    const act = acts[KEYS[event.key] ?? CODES[event.code]];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  image.addEventListener("load", () => {
    stage.removeAttribute("aria-busy");
    for (const step of AHEAD) if (page + step >= 1 && page + step <= last) new Image().src = address(page + step, zoom > 1);
  });
  image.addEventListener("error", () => {
    stage.removeAttribute("aria-busy");
    status.textContent = root.dataset.failed;
    status.classList.add("error");
  });

  stage.addEventListener("touchstart", (event) => (pinch = event.touches.length === 2 ? [apart(event.touches), zoom] : null), { passive: true });
  stage.addEventListener("touchmove", (event) => {
    if (!pinch || event.touches.length !== 2) return;
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    const [one, two] = event.touches;
    scale((pinch[1] * apart(event.touches)) / pinch[0], (one.clientX + two.clientX) / 2 - box.left, (one.clientY + two.clientY) / 2 - box.top);
  }, { passive: false });
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    scale(zoom * Math.exp(-event.deltaY / 200), event.offsetX, event.offsetY);
  }, { passive: false });

  if (root.dataset.reader) document.querySelector("[data-goto]")?.addEventListener("submit", (event) => {
    const typed = document.getElementById("field-page").value.replace(/[۰-۹]/g, (each) => "۰۱۲۳۴۵۶۷۸۹".indexOf(each));
    if (!/^\d+$/.test(typed)) return;
    event.preventDefault();
    show(Number(typed));
    stage.focus();
  });
  if (image.complete) image.dispatchEvent(new Event(image.naturalWidth ? "load" : "error"));
}

document.querySelectorAll("[data-viewer]").forEach(attach);
