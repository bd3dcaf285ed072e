// data-file: a place for a file. Its control is laid over a button of ours, and the name of what was chosen stands beside.

for (const place of document.querySelectorAll("[data-file]")) {
  const field = place.querySelector("input");
  const chosen = place.querySelector(".chosen");
  const name = () => {
    chosen.textContent = [...field.files].map((file) => file.name).join("، ") || chosen.dataset.none;
  };
  place.classList.add("own");
  field.addEventListener("change", name);
  field.form?.addEventListener("reset", () => setTimeout(name));
  name(); // after going back the browser keeps the choice
}
