// Sends exports to the page, piece by piece; job.js, which comes first, has what they share.
"use strict";

// Bytes of a piece, and of a block of the digest; ingest/web/uploads.py has the same blocks.
const PIECE = 8 << 20;

async function digest(file) {
  const sums = [];
  for (let start = 0; start < file.size; start += PIECE) {
    const block = await file.slice(start, start + PIECE).arrayBuffer();
    sums.push(new Uint8Array(await crypto.subtle.digest("SHA-256", block)));
  }
  const whole = await crypto.subtle.digest("SHA-256", await new Blob(sums).arrayBuffer());
  return Array.from(new Uint8Array(whole), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function asked(address, options) {
  const answer = await fetch(address, options);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

// Where to go on: behind what is there, if that is the beginning of this file.
async function begin(file, query, signal) {
  const there = await asked(`/import/upload?${query}`, { signal });
  if (!there.have || there.have > file.size || !crypto.subtle) return 0;
  setText("sent", "Comparing what is here already");
  return (await digest(file.slice(0, there.have))) === there.digest ? there.have : 0;
}

async function send(file, signal) {
  const query = new URLSearchParams({ name: file.name, size: file.size });
  let there = { have: await begin(file, query, signal), path: null };
  while (there.path === null) {
    const body = file.slice(there.have, there.have + PIECE);
    const address = `/import/upload?${query}&offset=${there.have}`;
    there = await asked(address, { method: "PUT", body, signal });
    at("sent-bar").value = there.have / file.size;
    setText("sent", `${file.name}: ${Math.floor((100 * there.have) / file.size)} % sent`);
  }
  return there.path;
}

async function take(file) {
  const stopper = new AbortController();
  at("stop").onclick = () => stopper.abort();
  setText("send-problem", "");
  at("drop").hidden = true;
  at("sending").hidden = false;
  try {
    const chosen = document.createElement("input");
    Object.assign(chosen, { type: "hidden", name: "export", value: await send(file, stopper.signal) });
    at("run").append(chosen);
    at("run").submit();
  } catch (err) {
    const isStopped = err.name === "AbortError";
    const isBroken = isStopped || err instanceof TypeError; // no connection
    const reason = isBroken ? "It was stopped; choose the file again to go on" : err.message;
    setText("send-problem", `${reason}.`);
    at("drop").hidden = false;
    at("sending").hidden = true;
    at("file").value = "";
  }
}

if (at("send")) {
  at("send").hidden = false;
  at("file").addEventListener("change", () => at("file").files[0] && take(at("file").files[0]));
  // Anywhere on the page, since a browser would open a file that is dropped beside the zone.
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file && at("sending").hidden) take(file);
  });
}
