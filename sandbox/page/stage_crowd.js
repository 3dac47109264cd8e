// A crowd that comes over a minute: it starts from the newest post with a deep-link button, and a bar shows how far it is.

import * as api from "./api.js";
import { exact } from "./format.js";
import { readTelegramLink } from "./links.js";
import { notify, refused } from "./notices.js";
import { announce, botByUsername, on, state } from "./state.js";

const ASK_MS = 700;
const RUNNING = "sandbox.crowd";

const form = document.getElementById("stage-crowd");
const button = document.getElementById("crowd-button");
const progress = document.getElementById("crowd-progress");
const bar = document.getElementById("crowd-bar");
const words = document.getElementById("crowd-words");

const buttonsOf = (message) => (message.reply_markup?.inline_keyboard ?? []).flat();

function leadsToBot({ url }) {
  const link = url ? readTelegramLink(url) : null;
  return Boolean(link?.payload && botByUsername(link.name));
}

/** The newest post of all channels whose button starts a bot, or undefined. */
async function newestInvitation() {
  const transcripts = await Promise.all(state.world.channels.map((channel) => api.posts(channel.id)));
  const inviting = transcripts.flat().filter((message) => buttonsOf(message).some(leadsToBot));
  return inviting.sort((one, other) => one.date - other.date || one.message_id - other.message_id).at(-1);
}

async function send(event) {
  event.preventDefault();
  const post = await refused(newestInvitation());
  if (!post) return notify("No post has a button that leads to a bot yet.");
  const { count, seconds, captcha } = form.elements;
  const crowd = await refused(api.sendCrowd({ channel_id: post.chat.id, post_id: post.message_id,
    count: Number(count.value), over_seconds: Number(seconds.value), captcha: captcha.value }));
  if (!crowd) return;
  sessionStorage.setItem(RUNNING, crowd.crowd_id);
  watch(crowd.crowd_id);
}

async function watch(id) {
  const came = await refused(api.crowd(id));
  if (!came) return rest();
  button.disabled = came.started < came.count;
  progress.hidden = false;
  bar.max = came.count;
  bar.value = came.finished;
  words.textContent = `${exact(came.started)} started, ${exact(came.answered)} answered, of ${exact(came.count)}${came.done ? ": done" : ""}`;
  if (!came.done) return setTimeout(() => watch(id), ASK_MS);
  sessionStorage.removeItem(RUNNING);
  announce("changed");
}

function rest() {
  button.disabled = false;
  progress.hidden = true;
  sessionStorage.removeItem(RUNNING);
}

form.addEventListener("submit", send);
on("world", () => {
  const running = sessionStorage.getItem(RUNNING);
  if (running && progress.hidden) watch(running);
});
