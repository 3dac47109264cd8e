// The left pane: everybody who has a Telegram account here; add one, search, pick one.

import * as api from "./api.js";
import { avatar } from "./avatars.js";
import { el, KeyedList } from "./dom.js";
import { exact } from "./format.js";
import { refused } from "./notices.js";
import { go } from "./place.js";
import { announce, on, state } from "./state.js";

const list = new KeyedList(document.getElementById("people-list"));
const search = document.getElementById("people-search");
const form = document.getElementById("people-add");
const count = document.getElementById("people-count");
const choose = document.getElementById("choose");
const empty = document.getElementById("people-empty");

function show() {
  const found = state.world.people.filter(matches);
  choose.textContent = state.world.people.length ? "Select a chat to start messaging" : "Add the first person to begin";
  count.textContent = exact(state.world.people_count);
  empty.hidden = found.length > 0;
  empty.textContent = state.world.people.length ? "Nobody by this name among the newest 200." : "Nobody is here yet. Give the first person a name above.";
  list.show(found.map((person) => ({
    key: person.id,
    shows: [person.first_name, person.username, person.id === state.personId],
    make: () => row(person),
  })));
}

function matches({ first_name: name, username }) {
  const wanted = search.value.trim().toLowerCase().replace(/^@/, "");
  return `${name} ${username ?? ""}`.toLowerCase().includes(wanted);
}

function row(person) {
  const picked = person.id === state.personId;
  return el("li", {}, el("button", { type: "button", class: "entry", "aria-label": person.first_name, "aria-current": picked ? "true" : null, onclick: () => go(person.id) },
    avatar(person.id, person.first_name),
    el("span", { class: "entry-lines" },
      el("span", { class: "entry-title" }, person.first_name),
      el("span", { class: "entry-preview" }, person.username ? `@${person.username}` : `id ${person.id}`))));
}

async function add(event) {
  event.preventDefault();
  const field = form.elements.name;
  const name = field.value.trim();
  if (!name) return field.focus();
  const person = await refused(api.addPerson(name));
  if (!person) return;
  form.reset();
  announce("changed");
  go((Array.isArray(person) ? person[0] : person).id);
}

form.addEventListener("submit", add);
search.addEventListener("input", show);
on("world", show);
on("place", show);
