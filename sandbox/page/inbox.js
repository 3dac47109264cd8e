// The inbox: mail and SMS that the platform sent, newest first, live while it is open.

import * as api from "./api.js";
import { el, icon, KeyedList } from "./dom.js";
import { dayOf, exact, timeOf } from "./format.js";
import { refused } from "./notices.js";
import { on, paced } from "./state.js";

const PLACE = "#/inbox";
const REFRESH_MS = 300;
const SHOWN = 200;

const dialog = document.getElementById("inbox");
const search = document.getElementById("inbox-search");
const empty = document.getElementById("inbox-empty");
const list = new KeyedList(document.getElementById("inbox-list"));
const toggles = document.querySelectorAll(".inbox-toggle");

let letters = [];
let seen = null;

async function load() {
  const found = await refused(api.inbox());
  if (!found) return;
  letters = found;
  const newest = letters.at(-1)?.id ?? 0;
  if (dialog.open || seen === null) seen = newest;
  for (const button of toggles) button.toggleAttribute("data-news", newest > seen);
  show();
}

const refresh = paced(load, REFRESH_MS);

function show() {
  const words = search.value.trim().toLowerCase();
  const found = letters.filter((one) => !words || [one.to, one.subject, one.text].some((part) => part?.toLowerCase().includes(words)));
  document.getElementById("inbox-count").textContent = exact(letters.length);
  empty.hidden = found.length > 0;
  empty.textContent = letters.length ? "Nothing like that was sent" : "Nothing was sent yet";
  list.show(found.slice(-SHOWN).reverse().map((one) => ({ key: one.id, shows: one, make: () => letter(one) })));
}

function letter(one) {
  const at = el("time", { datetime: new Date(one.at * 1000).toISOString() }, `${dayOf(one.at)}, ${timeOf(one.at)}`);
  return el("article", { class: "letter" },
    el("span", { class: `letter-icon ${one.channel}`, title: one.channel === "sms" ? "SMS" : "E-mail" }, icon(one.channel === "sms" ? "phone" : "inbox")),
    el("div", { class: "letter-lines" }, el("p", { class: "letter-head" }, el("span", {}, one.to), at),
      one.subject ? el("h3", {}, one.subject) : null, el("p", { class: "letter-text", dir: "auto" }, one.text)));
}

function open() {
  if (!dialog.open) dialog.showModal();
  seen = letters.at(-1)?.id ?? 0;
  refresh();
}

for (const button of toggles) button.addEventListener("click", open);
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
dialog.addEventListener("close", () => location.hash === PLACE && history.replaceState(null, "", location.pathname));
search.addEventListener("input", show);
addEventListener("hashchange", () => location.hash === PLACE && open());
on("event", (event) => (event.kind === "inbox" || event.kind === "world") && refresh());
on("reconnected", refresh);
if (location.hash === PLACE) open();
