// A message as a bubble: media, text, time, views, and the buttons under it.

import { el, icon } from "./dom.js";
import { richText } from "./entities.js";
import { colourOf, countOf, timeOf } from "./format.js";
import { keyboardOf } from "./keyboards.js";
import { isVisual, mediaOf, previewOf, serviceText } from "./media.js";

/** The things of a transcript, in order: days, service lines, and messages with albums put together. */
export function itemsOf(messages, dayOf) {
  const items = [];
  let day = null;
  for (const group of albums(messages)) {
    const [first] = group;
    if (dayOf(first.date) !== day) {
      day = dayOf(first.date);
      items.push({ kind: "day", key: `day ${day}`, text: day });
    }
    const service = serviceText(first);
    const previous = items.at(-1);
    if (service) items.push({ kind: "service", key: `m${first.message_id}`, text: service });
    else items.push({ kind: "message", key: `m${first.message_id}`, group, follows: follows(previous, first) });
  }
  return items;
}

function albums(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.media_group_id && last?.[0].media_group_id === message.media_group_id) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

const senderOf = (message) => (message.sender_chat ?? message.from ?? message.chat).id;

function follows(previous, message) {
  return previous?.kind === "message" && senderOf(previous.group[0]) === senderOf(message) && message.date - previous.group[0].date < 600;
}

export const pill = (text) => el("p", { class: "pill" }, text);

/** The row of one message or album; `mine` puts it to the right, `title` names the channel above its post. */
export function messageRow(group, { mine, title, follows: isContinued }) {
  const message = group.find((one) => one.text ?? one.caption) ?? group[0];
  const classes = ["bubble"];
  if (group.some(isVisual)) classes.push("visual");
  if (group.some((one) => one.sticker)) classes.push("bare");
  const bubble = el("div", { class: classes.join(" ") }, isContinued ? null : authorOf(message, title), forwarded(message), quoted(message), bodyOf(group, message));
  return el("article", { class: `row ${mine ? "mine" : "theirs"} ${isContinued ? "follows" : ""}`, "data-message": message.message_id },
    el("div", { class: "stack" }, bubble, keyboardOf(message)));
}

function authorOf(message, title) {
  return title ? el("span", { class: `author colour-${colourOf(message.chat.id)}` }, title) : null;
}

function forwarded(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.chat?.title ?? origin.sender_chat?.title ?? origin.sender_user?.first_name ?? origin.sender_user_name ?? "somebody";
  return el("span", { class: "forwarded" }, `Forwarded from ${name}`);
}

function quoted(message) {
  const original = message.reply_to_message;
  if (!original) return null;
  const name = original.sender_chat?.title ?? original.from?.first_name ?? "";
  return el("div", { class: "reply" }, el("strong", {}, name), el("span", {}, previewOf(original)));
}

function bodyOf(group, message) {
  const media = group.map(mediaOf).filter(Boolean);
  const shown = media.length > 1 ? el("div", { class: "album", "data-count": media.length }, media) : media[0];
  const text = message.text ?? message.caption;
  if (!text) return [shown, metaOf(message)];
  const words = el("div", { class: "text", dir: "auto" }, richText(text, message.entities ?? message.caption_entities), metaOf(message));
  return message.show_caption_above_media ? [words, shown] : [shown, words];
}

function metaOf(message) {
  const views = message.views === undefined ? null : el("span", { class: "views", title: `${message.views} views` }, icon("eye"), countOf(message.views));
  return el("span", { class: "meta" }, views, signature(message), message.edit_date ? el("span", {}, "edited") : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date)), icon("ticks"));
}

const signature = (message) => (message.author_signature ? el("span", {}, message.author_signature) : null);
