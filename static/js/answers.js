// What htmx does with answers that are not the fragment it asked for.
// A whole page (an error, a sign-in that has expired) takes the place of `main`, never of a fragment;
// no answer at all says so in the line above the page.

const bar = () => document.getElementById("flash");

function say(template) {
  const line = document.createElement("p");
  line.className = "notice bad";
  line.textContent = document.getElementById(template)?.content.textContent ?? "";
  bar()?.replaceChildren(line);
  bar()?.scrollIntoView({ block: "center" });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const detail = event.detail;
  const page = typeof detail.serverResponse === "string" && detail.serverResponse.includes("<main ");
  if (page) {
    detail.shouldSwap = true;
    detail.target = document.querySelector("main");
    detail.selectOverride = "main";
    detail.swapOverride = "outerHTML";
  } else if (detail.xhr.status >= 500) {
    detail.shouldSwap = false;
    say("answer-lost");
  }
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => say("answer-lost"));
}
