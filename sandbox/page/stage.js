// The stage director's panel: channels, bots, a crowd, and Telegram's moods.

import * as api from "./api.js";
import { el } from "./dom.js";
import { plural } from "./format.js";
import { confirmDialog, notify, refused } from "./notices.js";
import { forgetPerson, go, openChat } from "./place.js";
import { announce, on, state, worldChannel } from "./state.js";
import "./stage_crowd.js";
import "./stage_moods.js";

const OPEN = "sandbox.stage";

const panel = document.getElementById("stage");
const channels = document.getElementById("stage-channel");
const bots = document.getElementById("stage-bot");
const token = document.getElementById("stage-token");
const byId = (id) => document.getElementById(id);

function toggle(open = panel.hidden) {
  panel.hidden = !open;
  document.body.classList.toggle("stage-open", open);
  localStorage.setItem(OPEN, open ? "open" : "closed");
  if (open) byId("stage-close").focus({ preventScroll: true });
}

function show() {
  choices(channels, state.world.channels.map((one) => [one.id, `${one.title} · ${plural(one.members_count ?? 0, "member", "members")}`]), "No channel yet");
  choices(bots, state.world.bots.map((one) => [one.id, `${one.first_name} · @${one.username}`]), "No bot yet");
  for (const node of panel.querySelectorAll("[data-needs-channel]")) node.disabled = !state.world.channels.length;
  for (const node of panel.querySelectorAll("[data-needs-bot]")) node.disabled = !state.world.bots.length || !state.world.channels.length;
}

/** Fills a select and keeps what was chosen. */
function choices(select, pairs, none) {
  const signature = JSON.stringify(pairs);
  if (select.dataset.shows === signature) return;
  const chosen = select.value;
  select.dataset.shows = signature;
  select.replaceChildren(...(pairs.length ? pairs.map(([value, label]) => el("option", { value }, label)) : [el("option", { value: "" }, none)]));
  if (pairs.some(([value]) => String(value) === chosen)) select.value = chosen;
}

export const chosenChannel = () => Number(channels.value) || null;

async function createChannel(event) {
  event.preventDefault();
  const form = event.target;
  const owner = state.personId ?? state.world.people[0]?.id;
  if (!owner) return notify("A channel needs an owner: add a person first.");
  const username = form.elements.username.value.trim().replace(/^@/, "");
  const title = form.elements.title.value.trim();
  const made = await refused(api.createChannel({ title, owner_id: owner, ...(username ? { username } : {}) }));
  if (!made) return;
  form.reset();
  notify(`“${title}” is open.`);
  announce("changed");
}

async function createBot(event) {
  event.preventDefault();
  const form = event.target;
  const username = form.elements.username.value.trim().replace(/^@/, "");
  const bot = await refused(api.createBot(username, form.elements.title.value.trim() || username));
  if (!bot) return;
  form.reset();
  token.hidden = false;
  token.replaceChildren("Token of ", el("strong", {}, `@${bot.username}`), el("code", { tabindex: "0" }, bot.token));
  announce("changed");
}

async function publish(event) {
  event.preventDefault();
  const text = event.target.elements.text.value.trim();
  if (!text || (await refused(api.post(chosenChannel(), text))) === undefined) return;
  event.target.reset();
  announce("changed");
}

async function staff(move, done) {
  const answer = await refused(move(chosenChannel(), Number(bots.value)));
  if (answer === undefined) return;
  notify(done(bots.selectedOptions[0].textContent.split(" · ")[0], worldChannel(chosenChannel()).title));
  announce("changed");
}

async function reset() {
  const sure = await confirmDialog("Forget everything?", "People, channels, bots and all that was written will be gone.", "Forget everything");
  if (!sure) return;
  // First away from a person who is about to vanish: the reset's event would ask for their chats.
  forgetPerson();
  go(null);
  token.hidden = true;
  await refused(api.reset());
  announce("changed");
}

byId("stage-new-channel").addEventListener("submit", createChannel);
byId("stage-new-bot").addEventListener("submit", createBot);
byId("stage-post").addEventListener("submit", publish);
byId("stage-promote").addEventListener("click", () => staff(api.promote, (bot, channel) => `${bot} may post in “${channel}”.`));
byId("stage-demote").addEventListener("click", () => staff(api.demote, (bot, channel) => `${bot} lost its rights in “${channel}”.`));
byId("stage-open-channel").addEventListener("click", () => chosenChannel() && openChat(chosenChannel()));
byId("stage-reset").addEventListener("click", reset);
byId("stage-close").addEventListener("click", () => toggle(false));
for (const button of document.querySelectorAll(".stage-toggle")) button.addEventListener("click", () => toggle());
/** Over a narrow window the panel covers the page, and a touch beside it closes it. */
function closeBeside(event) {
  const covers = getComputedStyle(panel).position === "fixed";
  const inside = event.target.closest("#stage, .stage-toggle, dialog, #conversation-header .icon-button");
  if (!panel.hidden && covers && !inside) toggle(false);
}

document.addEventListener("pointerdown", closeBeside);
panel.addEventListener("keydown", (event) => event.key === "Escape" && toggle(false));
on("toggle-stage", () => toggle());
on("world", show);
if (localStorage.getItem(OPEN) === "open" && innerWidth >= 900) toggle(true);
