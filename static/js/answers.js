// What htmx does with answers that are not the fragment it asked for.
// A whole page (an error, a sign-in that has expired) takes the place of `main`, never of a fragment, and only where the
// person was on the way to a page: a part that is drawn anew beside what they type or send leaves all of that as it is.
// The page's scripts come with it. Then, and where no answer came at all, the line above the page says so. Where an act is done, the page that it leads
// to is opened whole, with its scripts.

const bar = () => document.getElementById("flash");

function say(template) {
  const line = document.createElement("p");
  line.className = "notice bad";
  line.textContent = document.getElementById(template)?.content.textContent ?? "";
  bar()?.replaceChildren(line);
}

const isPart = ({ requestConfig: { verb, elt } }) => verb === "get" && !elt.hasAttribute("hx-push-url");

function sayLost(detail) {
  say(isPart(detail) ? "part-lost" : "answer-lost");
  if (!isPart(detail)) bar()?.scrollIntoView({ block: "center" }); // nobody who types is moved away
}

function bringScripts(page) {
  for (const each of new DOMParser().parseFromString(page, "text/html").head.querySelectorAll("script[type=module]")) {
    const src = each.getAttribute("src");
    if ([...document.scripts].some((script) => script.getAttribute("src") === src)) continue;
    document.head.append(Object.assign(document.createElement("script"), { type: "module", src }));
  }
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const next = event.detail.xhr.getResponseHeader("HX-Location");
  if (!next) return;
  event.preventDefault();
  location.assign(next);
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!isPart(event.detail) || !event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  event.preventDefault(); // to sign in: what is typed is kept once it is sent
  sayLost(event.detail);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const detail = event.detail;
  const page = typeof detail.serverResponse === "string" && detail.serverResponse.includes("<main ");
  if (page && !isPart(detail)) {
    detail.shouldSwap = true;
    detail.target = document.querySelector("main");
    detail.selectOverride = "main";
    detail.swapOverride = "outerHTML";
    bringScripts(detail.serverResponse);
  } else if (page || detail.xhr.status >= 500) {
    detail.shouldSwap = false;
    sayLost(detail);
  }
});

// What is announced is announced once: a status that would say the same again stays as it is.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const same = detail.target.textContent.trim() === detail.fragment.textContent.trim();
  if (same && detail.target.getAttribute("role") === "status") detail.shouldSwap = false;
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => sayLost(detail));
}
