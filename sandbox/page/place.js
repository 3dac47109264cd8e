// Where the visitor stands, kept in the address: #/people, #/<person>, #/<person>/<chat>; and who they were last time.

import { announce, state } from "./state.js";

const REMEMBERED = "sandbox.person";

export const remembered = () => Number(localStorage.getItem(REMEMBERED)) || null;

export function forgetPerson() {
  localStorage.removeItem(REMEMBERED);
}

/** Goes to a person's chats, or to one chat; the browser's back button returns. */
export function go(personId, chatId = null) {
  location.hash = personId === null ? "#/people" : chatId === null ? `#/${personId}` : `#/${personId}/${chatId}`;
}

export const openChat = (chatId) => go(state.personId, chatId);

/** Reads the address into the state; an empty address is the person of last time. */
export function arrive() {
  const [, first, second] = location.hash.split("/");
  const wantsPeople = first === "people";
  const personId = Number(first) || remembered();
  const chatId = wantsPeople ? null : Number(second) || null;
  const before = { personId: state.personId, chatId: state.chatId };
  state.personId = personId;
  state.chatId = chatId;
  document.body.dataset.pane = wantsPeople || !personId ? "people" : chatId ? "conversation" : "chats";
  if (personId) localStorage.setItem(REMEMBERED, String(personId));
  announce("place", before);
}

addEventListener("hashchange", arrive);
