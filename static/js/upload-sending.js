// One file on its way (tus 1.0, by tus-js-client): fingerprint first, then its bytes; on a cut it goes on by itself.

const BACK_OFF = [500, 1000, 2000, 4000, 8000, 15000, 30000, ...Array(1000).fill(60000)]; // milliseconds
const AGAIN = new Set([408, 409, 423, 429, 460]); // the rest below 500 is the portal's last word

const sheet = () => document.getElementById("upload-queue").dataset;

let client = null;
function tusClient() {
  client ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: sheet().client });
    script.addEventListener("load", () => resolve(window.tus));
    script.addEventListener("error", () => {
      client = null;
      reject(new Error("the client does not load"));
    });
    document.head.append(script);
  });
  return client;
}

// SHA-256 in hex; null where the browser has no such worker: the portal then computes it alone.
function digestOf(file, row, stop) {
  return new Promise((resolve) => {
    const worker = new Worker(sheet().digest, { type: "module" });
    const end = (digest) => {
      worker.terminate();
      resolve(digest);
    };
    stop.addEventListener("abort", () => end(null));
    worker.addEventListener("error", () => end(null));
    worker.addEventListener("message", ({ data }) => {
      if (data.done !== undefined) row.digesting(data.done);
      else end(data.digest ?? null);
    });
    worker.postMessage(file);
  });
}

// `fields`: kind, year, replaces. `resume(digest)`: the address of an unfinished upload of this very file, or null.
export async function send(file, fields, row, resume, ended) {
  const stop = new AbortController();
  let upload = null;
  let refusal = null;
  let timer = 0;

  const wait = (attempt) => {
    const until = performance.now() + BACK_OFF[attempt];
    clearInterval(timer);
    const tick = () => row.retrying(Math.max((until - performance.now()) / 1000, 1));
    timer = setInterval(tick, 1000);
    tick();
  };
  const again = () => {
    clearInterval(timer);
    upload.abort().then(() => {
      row.show("starting");
      upload.start();
    });
  };
  const retryNow = () => row.element.dataset.state === "retrying" && again();
  const leave = (state, text = null) => {
    clearInterval(timer);
    removeEventListener("online", retryNow);
    row.show(state, {}, text);
    ended(state);
  };

  row.on("stop", () => {
    stop.abort();
    upload?.abort(true).catch(() => {}); // what could not be said to the portal expires by itself
    leave("stopped");
  });
  row.on("pause", () => {
    clearInterval(timer);
    upload?.abort().then(() => row.show("paused"));
  });
  row.on("resume", again);
  row.on("retry-now", again);
  addEventListener("online", retryNow);

  row.digesting(0);
  const [tus, sha256] = await Promise.all([tusClient().catch(() => null), digestOf(file, row, stop.signal)]);
  if (stop.signal.aborted) return;
  if (!tus) {
    leave("refused");
    return;
  }
  const given = { case: sheet().case, filename: file.name, filetype: file.type, sha256, ...fields };
  const place = resume(sha256);
  row.done = 0;
  row.show("starting");
  upload = new tus.Upload(file, {
    endpoint: "/uploads",
    uploadUrl: place,
    metadata: Object.fromEntries(Object.entries(given).filter(([, value]) => value)),
    retryDelays: BACK_OFF,
    storeFingerprintForResuming: false,
    removeFingerprintOnSuccess: true,
    async onAfterResponse(request, response) {
      clearInterval(timer);
      const offset = Number(response.getHeader("Upload-Offset"));
      if (request.getMethod() === "HEAD" && offset > 0) row.continued(offset / file.size);
      // The answer that refused it was lost on the way: sending everything again would end alike.
      if (response.getStatus() === 410 && response.getHeader("Upload-Ended") === "refused") {
        refusal = await (await fetch(request.getURL())).text();
        throw new Error(refusal);
      }
    },
    onProgress(sent, total) {
      if (!row.isLive) return; // a late word of a request that was aborted
      if (sent < total) row.progress(sent / total, total);
      else row.show("checking");
    },
    onShouldRetry(error, attempt) {
      const status = error.originalResponse?.getStatus() ?? 0;
      const isTomorrow = Number(error.originalResponse?.getHeader("Retry-After") ?? 0) > 600; // a day's limit is reached
      const goesOn = !refusal && !isTomorrow && (status === 0 || status >= 500 || AGAIN.has(status));
      if (goesOn && row.isLive) wait(attempt);
      return goesOn;
    },
    onError(error) {
      const answer = error.originalResponse;
      if (answer?.getStatus() === 401) leave("signed-out");
      else leave("refused", refusal ?? (answer?.getBody() || null));
    },
    onSuccess: () => leave("finished"),
  });
  upload.start();
}
