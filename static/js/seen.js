// [data-viewer]: tells the portal which pages were shown: the picture is there, and half of it (or of the room that it
// has) stood in sight for a second. What is fetched ahead never comes to be in sight, so it never counts.
// Says `page-seen` to the document; what is asked [data-until-seen] of that document is asked no more.
const SECOND = 1000;
const AGAIN = 5000; // milliseconds, after no answer came
const STEPS = Array.from({ length: 21 }, (_, step) => step / 20);

const area = (box) => box.width * box.height;

function attach(root) {
  const stage = root.querySelector(".stage");
  const image = stage.querySelector("img");
  const told = new Set();
  let watched = null; // the picture whose second is running
  let timer = 0;

  function isInSight() {
    const [box, room] = [image.getBoundingClientRect(), stage.getBoundingClientRect()];
    const across = Math.min(box.right, room.right, innerWidth) - Math.max(box.left, room.left, 0);
    const down = Math.min(box.bottom, room.bottom, innerHeight) - Math.max(box.top, room.top, 0);
    const half = Math.min(area(box), area(room), innerWidth * innerHeight) / 2;
    return across > 0 && down > 0 && across * down >= half;
  }

  function inSight() {
    const is = document.visibilityState === "visible" && image.complete && image.naturalWidth > 0 && isInSight();
    return is ? image.getAttribute("src") : null;
  }

  function look() {
    const source = inSight();
    if (source === watched) return;
    clearTimeout(timer);
    watched = source;
    if (source && !told.has(source)) timer = setTimeout(tell, SECOND, source);
  }

  async function tell(source) {
    if (inSight() !== source) return look();
    told.add(source);
    const [path, query] = source.split("?");
    try {
      const answer = await fetch(`${path}/view${query ? `?${query}` : ""}`, { method: "POST", keepalive: true, redirect: "manual" });
      if (answer.ok) settle();
    } catch {
      told.delete(source);
      watched = null;
      timer = setTimeout(look, AGAIN);
    }
  }

  function settle() {
    const [, , id] = root.dataset.viewer.split("/");
    for (const each of document.querySelectorAll(`[data-until-seen="${id}"]`)) each.hidden = true;
    document.dispatchEvent(new Event("page-seen"));
  }

  new IntersectionObserver(look, { threshold: STEPS }).observe(stage);
  new MutationObserver(look).observe(image, { attributeFilter: ["src"] });
  for (const name of ["load", "error"]) image.addEventListener(name, look);
  document.addEventListener("visibilitychange", look);
}

document.querySelectorAll("[data-viewer]").forEach(attach);
