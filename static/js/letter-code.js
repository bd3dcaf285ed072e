// What a letter's QR code says, and what it is worth by the journal's published keys: portal/domain/letter_codes.py, in
// the browser. The status of a letter is not in it.
import { verifyAsync } from "../vendor/noble-ed25519/index.js";

const ADDRESS = /^(?:(https?:\/\/[^\s#]+)\/verify\/(\d{20})#)?([\w-]+)$/;
const LINES = /^[^\n]+\n(\d{4}-\d\d-\d\d)\n(raised|unchanged|lowered|refused)\n((?:[1-9]\d?)?)\n[^\n]+\n[^\n]+$/;
const HEAD = 85; // key id, signature, statement, code
const LONGEST = 4096;
const KIND = "daraje/letter-code/1\n";

const hexOf = (bytes) => [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
const textOf = (bytes) => String.fromCharCode(...bytes);
const bytesOf = (text) => Uint8Array.from(text, (each) => each.charCodeAt(0));
const inTehran = (at) => new Date(at).toLocaleDateString("en-CA", { timeZone: "Asia/Tehran" });

function unpacked(payload) {
  const raw = bytesOf(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  const again = btoa(textOf(raw)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw.subarray(HEAD));
  const code = BigInt(`0x${hexOf(raw.subarray(76, HEAD))}`).toString().padStart(20, "0");
  if (again !== payload || !LINES.test(text) || code.length > 20) throw new Error("no claim of a letter");
  const [number, date, outcome, grade, town, province] = text.split("\n");
  const statement = hexOf(raw.subarray(68, 76));
  // RFC 8785: the names in their order, as JSON.stringify writes strings
  const claim = { code, date, grade: grade ? Number(grade) : null, number, outcome, province, statement, town };
  return { claim, keyId: hexOf(raw.subarray(0, 4)), signature: raw.slice(4, 68) };
}

async function verifies(key, signature, message) {
  let own;
  try {
    own = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  } catch {
    return verifyAsync(signature, message, key, { zip215: false }); // a browser of before 2025
  }
  return crypto.subtle.verify("Ed25519", own, signature, message);
}

function worthOf(key, claim, baseUrl, code, ownBaseUrl) {
  if (key.revoked_at) return "revoked";
  if (claim.date < inTehran(key.since.at) || (key.until && claim.date > inTehran(key.until.at))) return "out-of-time";
  if (code && code !== claim.code) return "another-code";
  return baseUrl && baseUrl !== ownBaseUrl ? "elsewhere" : "genuine";
}

/** { worth, claim?, key? }; worth is "cannot-tell" where the browser has no cryptography at all. */
export async function checkLetterCode(text, keys, ownBaseUrl) {
  let read;
  const [whole, baseUrl, code, payload] = (text.length <= LONGEST && ADDRESS.exec(text.trim())) || [];
  try {
    if (!whole) throw new Error("no address of a letter, and no payload");
    read = unpacked(payload);
  } catch {
    return { worth: "unreadable" };
  }
  const { claim, keyId, signature } = read;
  const key = keys.find((each) => each.key_id === keyId);
  if (!key) return { worth: "stranger" };
  try {
    const message = new TextEncoder().encode(KIND + JSON.stringify(claim));
    if (!(await verifies(bytesOf(atob(key.public_key)), signature, message))) return { worth: "forged", key };
  } catch {
    return { worth: "cannot-tell", key };
  }
  return { worth: worthOf(key, claim, baseUrl, code, ownBaseUrl), claim, key };
}
