// data-passkey="get": a passkey answers the page's challenge instead of a code; the answer travels in `assertion`.
// data-passkey="create": a device makes a passkey; what it offers travels in `credential`.
// Without this module, or in a browser without passkeys, the block stays hidden and the code is enough.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const words = (list) => (list ? list.split(" ") : []);
const known = (list) => words(list).map((id) => ({ type: "public-key", id: bytes(id) }));

function asked({ rp, challenge, credentials }) {
  return { rpId: rp, challenge: bytes(challenge), allowCredentials: known(credentials), userVerification: "required" };
}

function wanted({ rp, challenge, credentials, user, username, display, algorithms }) {
  return {
    rp: { id: rp, name: document.querySelector(".brand")?.textContent.trim() || rp },
    user: { id: bytes(user), name: username, displayName: display },
    challenge: bytes(challenge),
    pubKeyCredParams: words(algorithms).map((alg) => ({ type: "public-key", alg: Number(alg) })),
    excludeCredentials: known(credentials),
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
    attestation: "none",
  };
}

function written({ id, type, response }) {
  const parts = ["clientDataJSON", "authenticatorData", "signature", "attestationObject"].filter((name) => response[name]);
  return JSON.stringify({ id, rawId: id, type, response: Object.fromEntries(parts.map((name) => [name, text(response[name])])) });
}

async function use(block) {
  const makes = block.dataset.passkey === "create";
  const form = block.closest("form");
  if (form.hasAttribute("aria-busy")) return;
  const line = block.querySelector("[role=status]");
  line.textContent = "";
  // What stands beside the passkey, such as its name and the code that allows it, is asked for first.
  if (makes && !form.reportValidity()) return;
  try {
    const found = makes
      ? await navigator.credentials.create({ publicKey: wanted(block.dataset) })
      : await navigator.credentials.get({ publicKey: asked(block.dataset) });
    form.elements[makes ? "credential" : "assertion"].value = written(found);
    form.noValidate = true; // nobody types a code beside it
    form.requestSubmit();
    form.noValidate = false; // where the answer is refused, the form stays
  } catch {
    line.textContent = block.dataset.failed;
  }
}

function offer(root) {
  for (const block of root.querySelectorAll("[data-passkey][hidden]")) {
    block.hidden = false;
    block.querySelector("button").addEventListener("click", () => use(block));
  }
}

if (window.PublicKeyCredential) {
  offer(document);
  document.addEventListener("htmx:afterSettle", ({ detail }) => offer(detail.elt));
}
