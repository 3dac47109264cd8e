// The middle pane: the chosen person's channels and bots, newest first, then those they have not met yet.

import { avatar } from "./avatars.js";
import { el, icon, KeyedList } from "./dom.js";
import { stampOf } from "./format.js";
import { followLink, readTelegramLink } from "./links.js";
import { previewOf } from "./media.js";
import { go, openChat } from "./place.js";
import { on, state } from "./state.js";

const list = new KeyedList(document.getElementById("chats-list"));
const search = document.getElementById("chats-search");
const title = document.getElementById("chats-person");
const empty = document.getElementById("chats-empty");
const seen = new Map();

const asChannel = (channel) => ({ ...channel, kind: "channel", met: channel.joined });
const asBot = (bot) => ({ ...bot, kind: "bot", title: bot.first_name, met: bot.started || Boolean(bot.last_message) });

function show() {
  title.textContent = state.person.first_name ?? (state.personId ? "" : "Nobody yet");
  const chats = [...state.person.channels.map(asChannel), ...state.person.bots.map(asBot)].filter(matches).sort(byNewest);
  const [met, unmet] = [chats.filter((chat) => chat.met), chats.filter((chat) => !chat.met)];
  empty.hidden = chats.length > 0;
  empty.textContent = state.personId ? "No channels and no bots yet. Make one in the director's panel." : "Pick a person on the left.";
  list.show([...met.map(item), ...(unmet.length ? [heading()] : []), ...unmet.map(item)]);
}

const newest = (chat) => chat.last_message?.edit_date ?? chat.last_message?.date ?? 0;
const byNewest = (one, other) => newest(other) - newest(one) || one.title.localeCompare(other.title);

function matches(chat) {
  const wanted = search.value.trim().toLowerCase().replace(/^@/, "");
  return `${chat.title} ${chat.username ?? ""}`.toLowerCase().includes(wanted);
}

const heading = () => ({ key: "heading", shows: 0, make: () => el("li", { class: "list-heading" }, "Not joined or started") });

function item(chat) {
  const open = chat.id === state.chatId;
  const unread = isUnread(chat, open);
  return { key: `${state.personId} ${chat.id}`, shows: [chat, open, unread], make: () => row(chat, open, unread) };
}

/** A chat is unread when its newest message came after the person last looked at it in this window. */
function isUnread(chat, open) {
  const key = `${state.personId} ${chat.id}`;
  const last = chat.last_message?.message_id ?? 0;
  if (open || !seen.has(key)) seen.set(key, last);
  return last > seen.get(key);
}

function row(chat, open, unread) {
  const message = chat.last_message;
  return el("li", {}, el("button", { type: "button", class: "entry", "aria-label": chat.title, "aria-describedby": `preview${chat.id}`, "aria-current": open ? "true" : null, onclick: () => openChat(chat.id) },
    avatar(chat.id, chat.title),
    el("span", { class: "entry-lines" },
      el("span", { class: "entry-title" }, icon(chat.kind), el("span", { class: "entry-name" }, chat.title), el("span", { class: "stamp" }, message ? stampOf(message.date) : "")),
      el("span", { class: "entry-preview", id: `preview${chat.id}` }, el("span", { class: "entry-words" }, preview(chat)), unread ? el("span", { class: "unread", title: "Unread" }) : null))));
}

function preview(chat) {
  if (chat.blocked) return "Blocked";
  if (!chat.last_message) return chat.kind === "bot" ? `@${chat.username}` : "Channel";
  const mine = chat.kind === "bot" && chat.last_message.from?.id === state.personId;
  return `${mine ? "You: " : ""}${previewOf(chat.last_message)}`;
}

/** A t.me link typed into the search is followed, as in Telegram. */
function follow(event) {
  if (event.key !== "Enter" || !readTelegramLink(search.value.trim())) return;
  followLink(search.value.trim());
  search.value = "";
  show();
}

search.addEventListener("input", show);
search.addEventListener("keydown", follow);
document.getElementById("chats-back").addEventListener("click", () => go(null));
on("world", show);
on("chats", show);
on("place", show);
