// The open chat: its transcript kept live, with the scroll held at the newest message.

import * as api from "./api.js";
import { KeyedList } from "./dom.js";
import { dayOf } from "./format.js";
import { itemsOf, messageRow, pill } from "./messages.js";
import { refused } from "./notices.js";
import { countViews } from "./views.js";
import { isChannel, on, paced, state } from "./state.js";
import { showReplyKeyboard } from "./composer.js";

const NEAR_BOTTOM_PX = 80;
const REFRESH_MS = 150;

const scroller = document.getElementById("scroller");
const log = document.getElementById("log");
const down = document.getElementById("down");
const pane = document.getElementById("conversation");
const list = new KeyedList(log);

let shownChat = null;
let wantedPost = null;

const place = () => `${state.personId}/${state.chatId}`;

async function load() {
  const asked = place();
  if (!state.personId || !state.chatId) return;
  const messages = await refused(isChannel(state.chatId) ? api.posts(state.chatId) : api.transcript(state.personId, state.chatId));
  if (!messages || asked !== place()) return;
  show(messages);
  if (isChannel(state.chatId)) countViews(messages);
}

export const reload = paced(load, REFRESH_MS);

function show(messages) {
  const first = shownChat !== place();
  const atBottom = first || isNearBottom();
  const before = log.childElementCount;
  const focus = focusedButton();
  shownChat = place();
  log.classList.toggle("settled", !first);
  list.show(itemsOf(messages, dayOf).map(node));
  if (!messages.length) log.replaceChildren(pill(emptyWords()));
  log.setAttribute("aria-busy", "false");
  showReplyKeyboard(isChannel(state.chatId) ? [] : messages);
  restore(focus);
  if (atBottom) toBottom();
  else if (log.childElementCount > before) down.dataset.news = "true";
  if (wantedPost) showPost();
}

function emptyWords() {
  return isChannel(state.chatId) ? "No posts yet" : "No messages here yet";
}

function node(item) {
  if (item.kind !== "message") return { key: item.key, shows: item.text, make: () => pill(item.text) };
  const mine = !isChannel(state.chatId) && item.group[0].from?.id === state.personId;
  const title = isChannel(state.chatId) ? item.group[0].chat.title : null;
  return { key: item.key, shows: [item.group, item.follows, mine], make: (old) => replaced(old, messageRow(item.group, { mine, title, follows: item.follows })) };
}

/** An edited message takes the place of the old bubble without the entrance of a new one. */
function replaced(old, row) {
  if (old) row.classList.add("edited");
  return row;
}

/** Which button under which message has the focus, so that an edit does not take it from the keyboard's user. */
function focusedButton() {
  const button = document.activeElement?.closest?.("#log button");
  const message = button?.closest("[data-message]")?.dataset.message;
  return message ? { message, text: button.textContent } : null;
}

function restore(focus) {
  if (!focus || document.activeElement !== document.body) return;
  const buttons = log.querySelectorAll(`[data-message="${Number(focus.message)}"] button`);
  [...buttons].find((button) => button.textContent === focus.text)?.focus();
}

const isNearBottom = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_BOTTOM_PX;

function toBottom() {
  scroller.scrollTop = scroller.scrollHeight;
  delete down.dataset.news;
}

function showPost() {
  const row = log.querySelector(`[data-message="${wantedPost}"]`);
  wantedPost = null;
  row?.scrollIntoView({ block: "center" });
  row?.classList.add("pointed");
  setTimeout(() => row?.classList.remove("pointed"), 2000);
}

function arrive() {
  const chosen = Boolean(state.personId && state.chatId);
  pane.classList.toggle("nothing-open", !chosen);
  if (shownChat === place()) return;
  list.clear();
  if (!chosen) {
    shownChat = null;
    return;
  }
  log.setAttribute("aria-busy", "true");
  reload();
}

/** An event without a chat means "look at everything"; a private chat's event names its person. */
function concerns({ chat_id: chat, person_id: person }) {
  if (chat === undefined) return true;
  return isChannel(state.chatId ?? 0) ? chat === state.chatId : person === state.personId;
}

on("event", (event) => concerns(event) && reload());
on("reconnected", reload);
on("place", arrive);
on("show-post", ({ messageId }) => {
  wantedPost = messageId;
  reload();
});
scroller.addEventListener("scroll", () => {
  down.hidden = isNearBottom();
  if (down.hidden) delete down.dataset.news;
});
new ResizeObserver(() => !down.dataset.news && down.hidden && toBottom()).observe(scroller);
down.addEventListener("click", () => scroller.scrollTo({ top: scroller.scrollHeight, behavior: "smooth" }));
