// data-focus: takes the focus when it appears, with the page or with a fragment (the summary of errors).
// autofocus: the browser also scrolls there. On a narrow page what is to be read stands above it, and is shown first.

const NARROW = "(max-width: 60rem)";

function take(root) {
  const element = root.matches?.("[data-focus]") ? root : root.querySelector("[data-focus]");
  element?.focus();
}

take(document);
document.addEventListener("htmx:afterSettle", (event) => take(event.detail.elt));
window.addEventListener("load", () => {
  const arrived = document.querySelector("[autofocus]:not([aria-invalid])");
  if (arrived && matchMedia(NARROW).matches) requestAnimationFrame(() => scrollTo(0, 0));
});
