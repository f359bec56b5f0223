// Copies the text of an element when the button that names it is pressed.
"use strict";

async function copy(text) {
  const copied = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(text.textContent);
    copied.textContent = `Copied: ${text.textContent}`;
  } catch {
    getSelection().selectAllChildren(text);
    copied.textContent = "The browser does not allow it; the text is selected.";
  }
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(document.getElementById(button.dataset.copies)));
}
