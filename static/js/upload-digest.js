// A worker: SHA-256 of a file, piece by piece, so that a large scan never lies in memory.
// Web Crypto does not stream. In: the file. Out: {done} from 0 to 1 on the way, then {digest} in hex.

import { sha256 } from "../vendor/noble-hashes/sha2.js";

const PIECE = 4 * 1024 * 1024;

async function digest(file) {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += PIECE) {
    hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    postMessage({ done: Math.min((at + PIECE) / file.size, 1) });
  }
  postMessage({ digest: Array.from(hash.digest(), (each) => each.toString(16).padStart(2, "0")).join("") });
}

addEventListener("message", (event) => digest(event.data).catch((error) => postMessage({ error: String(error) })));
