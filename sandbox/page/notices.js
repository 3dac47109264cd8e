// Short notices over the page, alert and confirm dialogs, and what happens when a call is refused.

import { el } from "./dom.js";

const TOAST_MS = 4000;

const toasts = () => document.getElementById("toasts");

/** A toast, as Telegram shows a callback's answer; a new one takes the place of the last. */
export function notify(text) {
  const toast = el("p", { class: "toast" }, text);
  toasts().replaceChildren(toast);
  setTimeout(() => toast.classList.add("leaving"), TOAST_MS - 300);
  setTimeout(() => toast.remove(), TOAST_MS);
}

/** Waits for a call; a refusal becomes a toast and the result undefined. */
export async function refused(promise) {
  try {
    return await promise;
  } catch (error) {
    notify(error.message);
    return undefined;
  }
}

/** An alert with one button, as `show_alert` asks for. */
export function alertDialog(title, text) {
  return ask(title, text, [["OK", true]]);
}

export function confirmDialog(title, text, yes) {
  return ask(title, text, [["Cancel", false], [yes, true]]);
}

function ask(title, text, choices) {
  return new Promise((resolve) => {
    const buttons = choices.map(([label, value]) =>
      el("button", { type: "button", class: "dialog-button", onclick: () => finish(value) }, label));
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "dialog-title", oncancel: () => finish(false) },
      el("h2", { id: "dialog-title" }, title), el("p", {}, text), el("div", { class: "dialog-buttons" }, buttons));
    const finish = (value) => {
      dialog.remove();
      resolve(value);
    };
    document.body.append(dialog);
    dialog.showModal();
    buttons.at(-1).focus();
  });
}
