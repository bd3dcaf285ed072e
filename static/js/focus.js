// data-focus: takes the focus when it appears, with the page or with a fragment (the summary of errors).

function take(root) {
  const element = root.matches?.("[data-focus]") ? root : root.querySelector("[data-focus]");
  element?.focus();
}

take(document);
document.addEventListener("htmx:afterSettle", (event) => take(event.detail.elt));
