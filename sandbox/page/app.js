// The page's beginning: loads the world, follows live events, and tells every pane when something changed.

import * as api from "./api.js";
import { refused } from "./notices.js";
import { arrive, forgetPerson, go } from "./place.js";
import { announce, on, paced, state } from "./state.js";
import { reload } from "./conversation.js";
import "./header.js";
import "./people.js";
import "./chats.js";
import "./stage.js";
import "./inbox.js";

const REFRESH_MS = 400;

async function loadWorld() {
  const world = await refused(api.world());
  if (!world) return;
  state.world = world;
  announce("world");
}

async function loadChats() {
  const asked = state.personId;
  if (!asked) return;
  const person = await personOr(asked);
  if (!person || asked !== state.personId) return;
  state.person = person;
  announce("chats");
}

/** A remembered person may be gone after a reset: then everybody is shown again. */
async function personOr(id) {
  try {
    return await api.personWorld(id);
  } catch {
    if (state.world.people.some((one) => one.id === id)) return null;
    forgetPerson();
    go(null);
    return null;
  }
}

const refreshWorld = paced(loadWorld, REFRESH_MS);
const refreshChats = paced(loadChats, REFRESH_MS);

function refresh() {
  refreshWorld();
  refreshChats();
}

function connection(lost) {
  document.body.classList.toggle("lost", lost);
}

on("place", (before) => {
  if (before.personId === state.personId) return;
  state.person = { channels: [], bots: [] };
  announce("chats");
  refreshChats();
});
on("changed", () => {
  refresh();
  reload();
});

await loadWorld();
arrive();
api.follow({
  onopen: () => {
    connection(false);
    refresh();
    announce("reconnected");
  },
  onlost: () => connection(true),
  onevent: (event) => {
    refresh();
    announce("event", event);
  },
});
