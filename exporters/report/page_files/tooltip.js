"use strict";
// What a mark says (its <title>) beside the pointer or the finger, and one plot of several at a time. Texts stay texts.
(() => {
  const tip = document.getElementById("tip");
  let shown = null;
  const hide = () => {
    if (shown) shown.mark.prepend(shown.title);
    shown = null;
    tip.hidden = true;
  };
  const show = (event) => {
    const mark = event.target instanceof Element ? event.target : null;
    if (shown && shown.mark === mark) return place(event);
    hide();
    const title = mark && mark.closest("svg") ? mark.querySelector(":scope > title") : null;
    if (!title) return;
    tip.textContent = title.textContent;
    title.remove(); // or the browser would show it a second time
    shown = { mark, title };
    tip.hidden = false;
    place(event);
  };
  const place = (event) => {
    const left = Math.min(event.clientX + 12, window.innerWidth - tip.offsetWidth - 8);
    const above = event.clientY - tip.offsetHeight - 14;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${above < 8 ? event.clientY + 18 : above}px`;
  };
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  document.addEventListener("scroll", hide, { passive: true });

  for (const plots of document.querySelectorAll(".tabbed")) {
    const figures = [...plots.querySelectorAll("figure")];
    const tabs = document.createElement("div");
    tabs.className = "tabs";
    const choose = (at) => {
      figures.forEach((figure, i) => { figure.hidden = i !== at; });
      [...tabs.children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === at)));
    };
    figures.forEach((figure, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = figure.dataset.title;
      button.addEventListener("click", () => choose(i));
      tabs.append(button);
      figure.querySelector("figcaption").hidden = true;
    });
    plots.prepend(tabs);
    choose(0);
  }
})();
