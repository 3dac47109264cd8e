// Keeps the bars and numbers of broadcasts up to date while something is under way.
"use strict";
(() => {
  const EVERY = 3000;

  function show(bar, facts) {
    const progress = bar.querySelector("progress");
    progress.max = facts.most;
    progress.value = facts.done;
    bar.querySelector("span").textContent = facts.text;
    for (const cell of document.querySelectorAll(`[data-of="${bar.dataset.broadcast}"]`)) {
      cell.textContent = facts.numbers[cell.dataset.count].toLocaleString("en-US");
    }
    const over = !facts.live;
    bar.dataset.live = over ? "" : "1";
    return over;
  }

  async function look() {
    const bars = [...document.querySelectorAll("[data-broadcast][data-live='1']")];
    if (!bars.length) return;
    const ids = bars.map((bar) => bar.dataset.broadcast);
    const full = document.querySelector("[data-full]") ? "&full=1" : "";
    try {
      const answer = await fetch(`${bars[0].dataset.url}?ids=${ids.join(",")}${full}`, {credentials: "same-origin"});
      if (answer.ok) {
        const found = await answer.json();
        const ended = bars.filter((bar) => found[bar.dataset.broadcast] && show(bar, found[bar.dataset.broadcast]));
        const busy = document.querySelector("input.action-select:checked");
        if (ended.length && !busy) return window.location.reload();
      }
    } catch { /* the next look may be luckier */ }
    window.setTimeout(look, EVERY);
  }

  window.addEventListener("DOMContentLoaded", () => window.setTimeout(look, EVERY));
})();
