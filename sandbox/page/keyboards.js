// Buttons: the inline keyboard under a message and the reply keyboard under the typing box, and what pressing does.

import * as api from "./api.js";
import { el, icon } from "./dom.js";
import { followLink, openOutside, readTelegramLink } from "./links.js";
import { alertDialog, confirmDialog, notify, refused } from "./notices.js";
import { openChat } from "./place.js";
import { state } from "./state.js";

/** The inline keyboard of a message, or null. */
export function keyboardOf(message) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return el("div", { class: "keyboard" }, rows.map((row) =>
    el("div", { class: "keyboard-row" }, row.map((button) => inlineButton(message, button)))));
}

function inlineButton(message, button) {
  const outward = button.url || button.login_url || button.web_app;
  const style = button.style ? `style-${button.style}` : "";
  const node = el("button", { type: "button", class: `key ${style}`, title: button.url ?? null, onclick: () => pressed(node, message, button) },
    el("span", {}, button.text), outward ? icon("arrow") : null, button.copy_text ? icon("copy") : null);
  return node;
}

async function pressed(node, message, button) {
  const outside = outsideOf(button);
  if (button.copy_text) return copy(button.copy_text.text);
  if (button.pay) return pay(node, message);
  if (outside) return openOutside(outside);
  const result = await waiting(node, api.press(state.personId, message.chat.id, message.message_id, button.text));
  if (result) await showResult(result, message);
}

/** A button spins for as long as its bot thinks. */
async function waiting(node, promise) {
  node.classList.add("waiting");
  node.setAttribute("aria-busy", "true");
  const result = await refused(promise);
  node.classList.remove("waiting");
  node.removeAttribute("aria-busy");
  return result;
}

/** Stars are asked about first, as Telegram does; the bot may still say no. */
async function pay(node, message) {
  const { title, total_amount: stars } = message.invoice ?? {};
  if (!stars || !(await confirmDialog("Confirm your purchase", `Pay ${stars} Stars for “${title}”?`, `Pay ⭐ ${stars}`))) return;
  const result = await waiting(node, api.pay(state.personId, message.chat.id, message.message_id));
  if (result && !result.paid) await alertDialog(title, result.error);
}

/** An address of the outside world is opened at once: a browser lets only a fresh click open a tab. */
function outsideOf(button) {
  const address = button.url ?? button.web_app?.url ?? button.login_url?.url;
  return address && !readTelegramLink(address) ? address : null;
}

/** A bot behind a link has been started by the server already, so the window only has to show it. */
async function showResult({ answer, started, url }, message) {
  if (answer?.url) await followLink(answer.url);
  if (answer?.text && answer.show_alert) await alertDialog(message.from?.first_name ?? message.chat.title ?? "Telegram", answer.text);
  else if (answer?.text) notify(answer.text);
  if (started) openChat(started);
  else if (url) await followLink(url);
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  notify("Copied");
}

/** The reply keyboard that holds now: the newest one asked for, unless a later message took it away. */
export function replyKeyboardOf(messages, say) {
  const markups = messages.map((message) => message.reply_markup).filter((markup) => markup && !markup.inline_keyboard);
  const rows = markups.at(-1)?.keyboard;
  if (!rows?.length) return null;
  return el("div", { class: "reply-keyboard" }, rows.map((row) =>
    el("div", { class: "keyboard-row" }, row.map((key) => replyKey(typeof key === "string" ? key : key.text, say)))));
}

const replyKey = (text, say) => el("button", { type: "button", class: "reply-key", onclick: () => say(text) }, text);
