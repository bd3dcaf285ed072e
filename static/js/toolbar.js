// [data-toolbar]: one stop for the Tab key; the arrow keys go through its tools (the toolbar pattern of ARIA's authoring
// guide). Home and End are left to the page below. Without this module each tool is a stop of its own, and a link.
// Escape puts away the name that is shown beside a tool (WCAG 1.4.13).
const TOOL = "a[href], button";
const STEPS = document.dir === "rtl" ? { ArrowLeft: 1, ArrowRight: -1 } : { ArrowRight: 1, ArrowLeft: -1 };

const toolsOf = (bar) => [...bar.querySelectorAll(TOOL)];
const isThere = (tool) => tool.getClientRects().length > 0;

function attach(bar) {
  let last = null; // the tool that had the focus last

  function settle() {
    const there = toolsOf(bar).filter(isThere);
    const stop = there.includes(last) ? last : there[0];
    for (const tool of toolsOf(bar)) tool.tabIndex = tool === stop ? 0 : -1;
  }

  function pressed(event) {
    const tool = event.target.closest(TOOL);
    if (!tool || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) {
      const there = toolsOf(bar).filter(isThere);
      there.at((there.indexOf(tool) + STEPS[event.key]) % there.length).focus();
    } else if (event.key === " " && tool.getAttribute("role") === "button") {
      tool.click();
    } else {
      return;
    }
    event.preventDefault();
  }

  bar.setAttribute("role", "toolbar");
  bar.addEventListener("keydown", pressed);
  bar.addEventListener("focusin", (event) => {
    last = event.target.closest(TOOL);
    settle();
  });
  for (const leaving of ["focusout", "pointerleave"]) bar.addEventListener(leaving, () => bar.classList.remove("quiet"));
  document.addEventListener("keydown", (event) => event.key === "Escape" && bar.classList.add("quiet"));
  new MutationObserver(settle).observe(bar, { attributeFilter: ["hidden"], subtree: true });
  new ResizeObserver(settle).observe(bar);
  settle();
}

document.querySelectorAll("[data-toolbar]").forEach(attach);
