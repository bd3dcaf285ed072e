// [data-viewer]: what has to be said of the page that is shown stands beneath it, and is asked for when the page turns.
// Without this module the reader's own page says it.
function attach(root) {
  const image = root.querySelector(".stage img");
  let asked = null;
  let said = root.dataset.reader ? root.dataset.page : "";

  async function ask() {
    const page = root.dataset.page;
    if (page === said) return;
    said = page;
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`${root.dataset.viewer}${page}/notes`, { signal: asked.signal, headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html").querySelector("[data-notes]");
      root.parentElement.querySelector("[data-notes]")?.replaceChildren(...(fresh?.childNodes ?? []));
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  image.addEventListener("load", ask);
  image.addEventListener("error", ask);
  new MutationObserver(() => said && ask()).observe(root, { attributeFilter: ["data-page"] });
  if (image.complete && image.naturalWidth) ask();
}

document.querySelectorAll("[data-viewer]").forEach(attach);
