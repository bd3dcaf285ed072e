// form[data-verify]: the file stays here. Its digest is computed in the browser, and with the code that the file carries
// (uncompressed, in its metadata) sent in its place. Where the browser computes none, the form sends the file itself.

const CODE = /\/verify\/(\d{20})(?!\d)/;
const hex = (bytes) => [...new Uint8Array(bytes)].map((each) => each.toString(16).padStart(2, "0")).join("");

async function examined(file) {
  const bytes = await file.arrayBuffer();
  const code = CODE.exec(new TextDecoder("latin1").decode(bytes))?.[1] ?? "";
  return { sha256: hex(await crypto.subtle.digest("SHA-256", bytes)), code };
}

function send(form, fields) {
  const own = document.createElement("form");
  own.method = "post";
  own.action = form.action;
  for (const [name, value] of Object.entries(fields)) {
    own.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(own);
  own.submit();
  own.remove();
}

document.querySelectorAll("[data-verify]").forEach((form) => {
  const field = form.querySelector("input[type=file]");
  form.addEventListener("submit", async (event) => {
    if (!globalThis.crypto?.subtle || !field.files.length) return;
    event.preventDefault();
    try {
      send(form, await examined(field.files[0]));
    } catch {
      form.submit();
    }
  });
});
