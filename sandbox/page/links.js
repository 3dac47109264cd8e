// What a link means inside the sandbox: a bot to start, a channel to open, or a page of the outside world.

import * as api from "./api.js";
import { notify, refused } from "./notices.js";
import { openChat } from "./place.js";
import { botByUsername, channelByInvite, channelByUsername, announce, state } from "./state.js";

const OPENABLE = new Set(["http:", "https:", "mailto:", "tel:", "tg:"]);
const TELEGRAM_HOSTS = new Set(["t.me", "telegram.me", "telegram.dog"]);

/** The address a browser may open, or null: `javascript:` and the like never become a link. */
export function safeAddress(text) {
  const address = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
  try {
    const url = new URL(address);
    return OPENABLE.has(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** Reads a t.me or tg: link as {name, payload, postId} or {invite}; null when it leads elsewhere. */
export function readTelegramLink(text) {
  const url = safeAddress(text);
  if (!url) return null;
  if (url.protocol === "tg:") return readTg(url);
  if (!TELEGRAM_HOSTS.has(url.hostname)) return null;
  const [first = "", second = "", third = ""] = url.pathname.split("/").filter(Boolean);
  if (first.startsWith("+")) return { invite: first.slice(1) };
  if (first === "joinchat") return { invite: second };
  if (first === "c") return { channelId: Number(`-100${second}`), postId: Number(third) || null };
  if (first === "s") return { name: second, postId: Number(third) || null };
  if (!first || first === "share") return null;
  return { name: first, payload: url.searchParams.get("start"), postId: Number(second) || null };
}

function readTg(url) {
  const get = (name) => url.searchParams.get(name);
  if (get("invite")) return { invite: get("invite") };
  return get("domain") ? { name: get("domain"), payload: get("start"), postId: Number(get("post")) || null } : null;
}

/** Follows a link the way Telegram would: its own links inside the window, all others in a new tab. */
export async function followLink(text) {
  const link = readTelegramLink(text);
  if (!link) return openOutside(text);
  const bot = link.name && botByUsername(link.name);
  if (bot) return startBot(bot, link.payload);
  const channel = channelOf(link);
  if (!channel) return notify("Nobody here has this address.");
  openChat(channel.id);
  if (link.postId) announce("show-post", { chatId: channel.id, messageId: link.postId });
}

function channelOf({ invite, channelId, name }) {
  if (invite) return channelByInvite(invite);
  if (channelId) return state.world.channels.find((channel) => channel.id === channelId);
  return channelByUsername(name);
}

async function startBot(bot, payload) {
  openChat(bot.id);
  if (payload === null || payload === undefined) return;
  await refused(api.start(state.personId, bot.id, payload));
}

export function openOutside(text) {
  const url = safeAddress(text);
  if (url) window.open(url.href, "_blank", "noopener");
}
