// The page that checks a letter's QR code without network: by camera, or as pasted text. It is delivered with all that it
// needs inside (portal/web/self_contained.py).
import "../vendor/jsqr/jsQR.js";
import { checkLetterCode } from "./letter-code.js";

const SIGNS = { yes: "M5 12.5l4.5 4.5L19 7.5", no: "M6.5 6.5l11 11M17.5 6.5l-11 11", cant: "M12 5v9M12 17.5v2" };
const CHECKS = {
  genuine: ["yes", "yes"], unreadable: ["no", "cant"], forged: ["no", "no"], stranger: ["cant", "no"],
  revoked: ["cant", "cant"], "out-of-time": ["cant", "no"], "another-code": ["no", "cant"], elsewhere: ["yes", "cant"],
  "cannot-tell": ["cant", "cant"],
};
const TOLD = new Set(["genuine", "elsewhere", "revoked"]); // the others claim nothing that anybody signed
const FIELDS = ["number", "date", "town", "province", "outcome", "grade", "code"];
const EVERY = 150; // milliseconds between two looks

const page = document.querySelector("[data-offline]");
const part = (name) => page.querySelector(`[data-part=${name}]`);
const wordOf = (name) => page.querySelector("template[data-words]").content.querySelector(`[data-word="${name}"]`).innerHTML;
const language = document.documentElement.lang;
const inDigits = (text) => (language === "fa" ? text.replace(/\d/g, (each) => "۰۱۲۳۴۵۶۷۸۹"[each]) : text);

function dayIn(iso) {
  const options = { timeZone: "UTC", year: "numeric", month: language === "fa" ? "long" : "2-digit", day: "2-digit" };
  const parts = new Intl.DateTimeFormat(`${language}-u-ca-persian`, options).formatToParts(new Date(iso));
  const of = (type) => parts.find((each) => each.type === type).value;
  if (language === "fa") return `${of("day").replace(/^[0۰]/, "")} ${of("month")} ${of("year")}`;
  return `${of("year")}/${of("month")}/${of("day")} (${iso})`;
}

function shownOf(claim) {
  const code = claim.code.match(/.{4}/g).join(" ");
  const grade = claim.grade === null ? "–" : inDigits(String(claim.grade));
  return { ...claim, date: dayIn(claim.date), number: inDigits(claim.number), code: inDigits(code), grade };
}

function put(name, kind, why) {
  const box = part(name);
  box.className = `card check ${kind}`;
  box.querySelector(".say").innerHTML = wordOf(kind);
  box.querySelector("[data-why]").innerHTML = why ?? "";
  for (const stop of box.querySelectorAll("[data-stop]")) {
    if (stop.dataset.stop === kind) stop.setAttribute("aria-current", "true");
    else stop.removeAttribute("aria-current");
  }
}

async function judge(text) {
  const { worth, claim, key } = await checkLetterCode(text, JSON.parse(page.dataset.keys), page.dataset.base);
  const kind = worth === "genuine" ? "yes" : worth === "cannot-tell" ? "cant" : "no";
  part("answer").className = `reply ${kind}`;
  part("answer").querySelector("path").setAttribute("d", SIGNS[kind]);
  part("sentence").innerHTML = wordOf(worth);
  part("key").textContent = key?.key_id ?? "–";
  put("text", CHECKS[worth][0], wordOf(`text-${CHECKS[worth][0]}`));
  put("issuer", CHECKS[worth][1], wordOf(`issuer-${CHECKS[worth][1]}`));
  const isTold = TOLD.has(worth);
  part("claim").hidden = !isTold;
  if (isTold) {
    const shown = shownOf(claim);
    for (const each of FIELDS) part(each).textContent = shown[each];
    part("outcome").innerHTML = wordOf(`outcome-${claim.outcome}`);
  }
  part("result").hidden = false;
  part("sentence").focus();
}

async function finder() {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  }
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    if (!canvas.width) return undefined;
    context.drawImage(video, 0, 0);
    return self.jsQR(context.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height)?.data;
  };
}

async function look() {
  const video = part("video");
  let stream;
  try {
    const wanted = { facingMode: "environment", width: { ideal: 1920 } };
    stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
  } catch {
    part("no-camera").hidden = false;
    return;
  }
  video.srcObject = stream;
  part("lens").hidden = false;
  await video.play();
  const find = await finder();
  let found;
  while (!found && stream.active && !part("lens").hidden) {
    found = await find(video).catch(() => undefined);
    await new Promise((after) => setTimeout(after, EVERY));
  }
  for (const track of stream.getTracks()) track.stop();
  part("lens").hidden = true;
  if (!found) return;
  part("typed").value = found;
  await judge(found);
}

part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  judge(part("typed").value);
});
part("look").hidden = !navigator.mediaDevices;
part("look").addEventListener("click", look);
part("stop").addEventListener("click", () => (part("lens").hidden = true));
if (location.protocol === "file:") part("save").hidden = true;
