// A person who looks at a channel adds one view to every post they had not seen before, as on Telegram.

import * as api from "./api.js";
import { refused } from "./notices.js";
import { state } from "./state.js";

const MOST_AT_ONCE = 20;

/** Kept over a reload, so that looking twice counts once; ids of channels are never used twice. */
export function countViews(posts) {
  const key = `sandbox.seen.${state.personId}.${state.chatId}`;
  const seen = Number(localStorage.getItem(key)) || 0;
  const unseen = posts.filter((post) => post.message_id > seen).slice(-MOST_AT_ONCE);
  if (!unseen.length) return;
  localStorage.setItem(key, String(unseen.at(-1).message_id));
  refused(Promise.all(unseen.map((post) => api.see(post.chat.id, post.message_id))));
}
