// The bar over the conversation: whom it is with, Join or Leave for a channel, the menu of a bot.

import * as api from "./api.js";
import { avatar } from "./avatars.js";
import { el, icon, iconButton } from "./dom.js";
import { plural } from "./format.js";
import { refused } from "./notices.js";
import { go } from "./place.js";
import { announce, isChannel, on, openBot, openChannel, state, worldChannel } from "./state.js";

const bar = document.getElementById("conversation-header");
let shown = "";

function show() {
  const chat = state.chatId && (isChannel(state.chatId) ? openChannel() : openBot());
  const members = worldChannel(state.chatId)?.members_count;
  const signature = JSON.stringify([state.personId, chat?.id, chat?.title, chat?.joined, chat?.started, chat?.blocked, members]);
  if (signature === shown) return;
  shown = signature;
  bar.hidden = !chat;
  if (chat) bar.replaceChildren(...(isChannel(chat.id) ? channelBar(chat, members) : botBar(chat)));
}

const back = () => iconButton("back", "Back to chats", () => go(state.personId), { class: "icon-button only-narrow" });

function channelBar(channel, members) {
  const about = [members === undefined ? "channel" : plural(members, "subscriber", "subscribers"), channel.username ? `@${channel.username}` : "private"];
  const [label, move] = channel.joined ? ["Leave", api.leave] : ["Join", api.join];
  const button = channel.owned ? el("span", { class: "count" }, "owner") : el("button", { type: "button", class: channel.joined ? "quiet-button" : "main-button", onclick: () => act(move(channel.id, state.personId)) }, label);
  return [back(), ...title(channel.id, channel.title, about.join(" · ")), button, director()];
}

function botBar(bot) {
  const label = bot.blocked ? "Unblock" : "Block";
  const move = bot.blocked ? api.unblock : api.block;
  const item = el("button", { type: "button", role: "menuitem", onclick: () => act(move(state.personId, bot.id)) }, icon("block"), label);
  const menu = el("div", { class: "menu", role: "menu", id: "chat-menu", popover: "auto" }, item);
  const opener = iconButton("more", "More", () => menu.togglePopover(), { "aria-haspopup": "menu", "aria-controls": "chat-menu" });
  return [back(), ...title(bot.id, bot.first_name, bot.blocked ? "blocked" : `bot · @${bot.username}`), opener, menu, director()];
}

const title = (id, name, about) => [avatar(id, name), el("div", { class: "heading-lines" }, el("h1", {}, name), el("p", {}, about))];

const director = () => iconButton("director", "Director's panel", () => announce("toggle-stage"), { class: "icon-button only-narrow" });

async function act(promise) {
  await refused(promise);
  announce("changed");
}

on("chats", show);
on("world", show);
on("place", show);
