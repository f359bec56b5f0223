// Shows how far the job of the page is, and loads the page anew when it has ended.
"use strict";

// Milliseconds between two looks at a job.
const LOOK = 500;

const at = (id) => document.getElementById(id);

function setText(id, text) {
  // Only if it has changed: screen readers read out what is set.
  if (at(id).textContent !== text) at(id).textContent = text;
}

async function follow(address) {
  let job;
  try {
    job = await (await fetch(address)).json();
  } catch {
    setText("stage", "The page has been ended. Start it again with the command serve.");
    return;
  }
  if (!job.is_running) {
    // No reload, which would send a form again whose answer this page is.
    location.replace(location.pathname);
    return;
  }
  setText("stage", job.stage || "It starts.");
  setText("figures", job.figures);
  at("bar").max = job.total || 1;
  if (job.total) at("bar").value = job.done;
  else at("bar").removeAttribute("value");
  setTimeout(follow, LOOK, address);
}

if (at("job") && at("job").dataset.state) follow(at("job").dataset.state);
