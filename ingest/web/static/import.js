// Sends exports to the page, piece by piece, and shows how far an import is.
"use strict";

// Bytes of a piece, and of a block of the digest; ingest/web/uploads.py has the same blocks.
const PIECE = 8 << 20;
// Milliseconds between two looks at an import.
const LOOK = 500;

const at = (id) => document.getElementById(id);

function setText(id, text) {
  // Only if it has changed: screen readers read out what is set.
  if (at(id).textContent !== text) at(id).textContent = text;
}

function thousands(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function duration(seconds) {
  const whole = Math.round(seconds);
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function figures(job) {
  if (!job.total) return job.note;
  const parts = [`${thousands(job.done)} of ${thousands(job.total)} ${job.unit}`, job.note];
  if (job.seconds_left !== null) parts.push(`${duration(job.seconds_left)} left`);
  return parts.filter(Boolean).join(", ");
}

async function follow() {
  let job;
  try {
    job = await (await fetch("/import/state")).json();
  } catch {
    setText("stage", "The page has been ended. Start it again with the command serve.");
    return;
  }
  if (!job.is_running) {
    location.reload();
    return;
  }
  setText("stage", job.stage || "It starts.");
  setText("figures", figures(job));
  at("bar").max = job.total || 1;
  if (job.total) at("bar").value = job.done;
  else at("bar").removeAttribute("value");
  setTimeout(follow, LOOK);
}

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

if (at("job") && "running" in at("job").dataset) follow();
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
