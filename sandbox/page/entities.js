// Text with Telegram's entities turned into DOM nodes; offsets are UTF-16 code units, just as JavaScript counts.

import * as api from "./api.js";
import { el } from "./dom.js";
import { followLink, safeAddress } from "./links.js";
import { notify, refused } from "./notices.js";
import { isChannel, state } from "./state.js";

const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };

/** These end their line themselves, so the line feed after them is not shown again. */
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

const MAKERS = {
  pre: (text, inside, entity) => el("pre", { "data-language": entity.language || null }, el("code", {}, inside)),
  blockquote: (text, inside) => el("blockquote", {}, inside),
  expandable_blockquote: (text, inside) => expandable(inside),
  spoiler: (text, inside) => spoiler(inside),
  url: (text, inside) => link(text, inside),
  text_link: (text, inside, entity) => link(entity.url, inside),
  email: (text, inside) => link(`mailto:${text}`, inside),
  phone_number: (text, inside) => link(`tel:${text.replace(/[^+\d]/g, "")}`, inside),
  mention: (text, inside) => link(`https://t.me/${text.slice(1)}`, inside),
  bot_command: (text, inside) => command(text, inside),
  hashtag: (text, inside) => el("span", { class: "tag" }, inside),
  cashtag: (text, inside) => el("span", { class: "tag" }, inside),
  text_mention: (text, inside) => el("span", { class: "tag" }, inside),
};

/** Nodes for `text`; entities may nest, and one that crosses another's end is cut there and goes on after it. */
export function richText(text, entities = []) {
  const queue = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return between(text, 0, text.length, queue);
}

function between(text, from, to, queue) {
  const nodes = [];
  let at = from;
  while (queue.length && queue[0].offset < to) {
    const entity = queue.shift();
    const begin = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    putBackRest(queue, entity, end);
    if (end <= begin) continue;
    if (begin > at) nodes.push(text.slice(at, begin));
    nodes.push(wrap(entity, text.slice(begin, end), between(text, begin, end, queue)));
    at = BLOCKS.has(entity.type) && text[end] === "\n" && end < to ? end + 1 : end;
  }
  if (to > at) nodes.push(text.slice(at, to));
  return nodes;
}

function putBackRest(queue, entity, end) {
  const rest = entity.offset + entity.length - end;
  if (rest <= 0) return;
  const place = queue.findIndex((other) => other.offset >= end);
  queue.splice(place < 0 ? queue.length : place, 0, { ...entity, offset: end, length: rest });
}

function wrap(entity, text, inside) {
  if (PLAIN[entity.type]) return el(PLAIN[entity.type], {}, inside);
  const make = MAKERS[entity.type];
  return make ? make(text, inside, entity) : el("span", {}, inside);
}

function link(address, inside) {
  const url = safeAddress(address ?? "");
  if (!url) return el("span", {}, inside);
  return el("a", { href: url.href, title: url.href, target: "_blank", rel: "noopener", onclick: (event) => {
    event.preventDefault();
    followLink(url.href);
  } }, inside);
}

/** A command is a link, as in Telegram: pressing it says it. */
function command(text, inside) {
  const say = (event) => {
    event.preventDefault();
    if (isChannel(state.chatId)) notify("Commands are for a chat with a bot.");
    else refused(api.say(state.personId, state.chatId, text));
  };
  return el("a", { href: `tg://bot_command?command=${text.slice(1)}`, onclick: say }, inside);
}

function spoiler(inside) {
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler, press to reveal" }, el("span", {}, inside));
  const reveal = (event) => {
    if (node.classList.contains("revealed") || (event.type === "keydown" && event.key !== "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    node.classList.add("revealed");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", reveal, true);
  node.addEventListener("keydown", reveal, true);
  return node;
}

function expandable(inside) {
  const quote = el("blockquote", { class: "folded" }, inside);
  quote.addEventListener("click", () => quote.classList.toggle("folded"));
  return quote;
}
