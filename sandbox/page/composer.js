// Under the conversation: the typing box, or the one big button that stands in its place.

import * as api from "./api.js";
import { el } from "./dom.js";
import { replyKeyboardOf } from "./keyboards.js";
import { refused } from "./notices.js";
import { announce, isChannel, on, openBot, openChannel, state } from "./state.js";

const MAX_LINES_PX = 160;

const footer = document.getElementById("footer");
const form = document.getElementById("composer");
const field = document.getElementById("composer-text");
const big = document.getElementById("big-button");
const keys = document.getElementById("reply-keys");
const drafts = new Map();

let drafting = null;
let keysShown = "";

/** What a person may do here: write, press one button, or only read. */
function mode() {
  if (!state.chatId || !state.personId) return "read";
  if (isChannel(state.chatId)) return openChannel()?.owned ? "write" : "read";
  const bot = openBot();
  if (!bot) return "read";
  if (bot.blocked) return "restart";
  return bot.started ? "write" : "start";
}

function show() {
  const now = mode();
  footer.hidden = now === "read";
  form.hidden = now !== "write";
  big.hidden = now !== "start" && now !== "restart";
  big.textContent = now === "restart" ? "Restart" : "Start";
  keys.hidden = now !== "write";
  field.placeholder = isChannel(state.chatId ?? 0) ? "Broadcast a post…" : "Message";
}

async function say(text) {
  const chat = state.chatId;
  const call = isChannel(chat) ? api.post(chat, text) : api.say(state.personId, chat, text);
  const done = await refused(call);
  announce("changed");
  return done !== undefined;
}

async function send(event) {
  event?.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  grow();
  if (!(await say(text))) field.value ||= text;
  field.focus();
}

async function begin() {
  const bot = openBot();
  if (bot.blocked) await refused(api.unblock(state.personId, bot.id));
  await refused(api.start(state.personId, bot.id));
  announce("changed");
  field.focus();
}

export function showReplyKeyboard(messages) {
  const rows = replyKeyboardOf(messages, say);
  const signature = rows?.textContent ?? "";
  if (signature === keysShown) return;
  keysShown = signature;
  keys.replaceChildren(...(rows ? [rows] : []));
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, MAX_LINES_PX)}px`;
  form.classList.toggle("has-text", field.value.trim() !== "");
}

/** Every chat keeps its own unfinished text. */
function swapDraft() {
  const place = `${state.personId}/${state.chatId}`;
  if (place === drafting) return;
  if (drafting) drafts.set(drafting, field.value);
  drafting = place;
  field.value = drafts.get(place) ?? "";
  showReplyKeyboard([]);
  grow();
}

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
});
field.addEventListener("input", grow);
form.addEventListener("submit", send);
big.addEventListener("click", begin);
on("place", swapDraft);
on("place", show);
on("chats", show);
on("world", show);
