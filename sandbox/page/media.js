// Photos, videos, documents and other contents of a message that are not its text.

import { fileAddress } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { lengthOf, sizeOf } from "./format.js";

const MAX_WIDTH = 420;
const MAX_HEIGHT = 460;

/** What a message holds: the member of the Bot API object, and the word for it in a preview. */
const KINDS = [
  ["animation", "GIF"], ["photo", "Photo"], ["video", "Video"], ["document", "File"], ["audio", "Audio"], ["voice", "Voice"],
  ["video_note", "Video"], ["sticker", "Sticker"], ["contact", "Contact"], ["location", "Location"], ["poll", "Poll"], ["dice", "Dice"],
  ["invoice", "Invoice"],
];

const kindOf = (message) => KINDS.find(([member]) => message[member]);

export const isVisual = (message) => Boolean(message.photo || message.video || message.animation);

/** One line for a list of chats: the text, or what stands in its place. */
export function previewOf(message) {
  const text = unspoiled(message);
  const word = kindOf(message)?.[1];
  const line = word && text ? `${word}, ${text}` : word ?? text ?? serviceText(message) ?? "Message";
  return line.replace(/\s+/g, " ");
}

/** The text with what a spoiler hides blotted out, character by character. */
function unspoiled(message) {
  const hidden = (message.entities ?? message.caption_entities ?? []).filter((entity) => entity.type === "spoiler");
  const blot = (text, { offset, length }) => text.slice(0, offset) + "▒".repeat(length) + text.slice(offset + length);
  return hidden.reduce(blot, message.text ?? message.caption ?? "") || undefined;
}

/** The sentence of a service message (somebody joined, a pin), or null when the message is an ordinary one. */
export function serviceText(message) {
  if (message.pinned_message) return "A post was pinned";
  if (message.new_chat_members) return `${message.new_chat_members.map((one) => one.first_name).join(", ")} joined`;
  if (message.successful_payment) return `Paid ⭐ ${message.successful_payment.total_amount}`;
  if (message.refunded_payment) return `Refunded ⭐ ${message.refunded_payment.total_amount}`;
  if (message.left_chat_member) return `${message.left_chat_member.first_name} left`;
  if (message.channel_chat_created) return "Channel created";
  if (message.new_chat_title) return `Channel renamed to ${message.new_chat_title}`;
  return null;
}

/** Nodes for the media of a message, none when it is text alone. */
export function mediaOf(message) {
  const kind = kindOf(message)?.[0];
  if (!kind) return null;
  return (MAKERS[kind] ?? unsupported)(message, kind);
}

const MAKERS = { photo, video, animation, document: file, audio: file, voice: file, sticker, contact, invoice };

function photo(message) {
  const largest = message.photo.reduce((best, size) => (size.width > best.width ? size : best));
  const image = el("img", { src: fileAddress(largest.file_id), alt: message.caption ?? "Photo", loading: "lazy", ...boxOf(largest) });
  const open = el("button", { type: "button", class: "media", "aria-label": "Open photo", onclick: () => view(image.src, image.alt) }, image);
  return veiled(open, message.has_media_spoiler);
}

/** The size on the screen, known before the bytes come, so that nothing jumps. */
function boxOf({ width, height }) {
  if (!width || !height) return {};
  const scale = Math.min(MAX_WIDTH / width, MAX_HEIGHT / height, 1);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

function video(message) {
  const { file_id: id, duration, thumbnail } = message.video;
  const player = el("video", { src: fileAddress(id), controls: true, preload: "metadata", "aria-label": "Video",
    poster: thumbnail ? fileAddress(thumbnail.file_id) : null, ...boxOf(message.video) });
  const badge = duration ? el("span", { class: "media-badge" }, lengthOf(duration)) : null;
  return veiled(el("div", { class: "media" }, player, badge), message.has_media_spoiler);
}

function animation(message) {
  const moving = el("video", { src: fileAddress(message.animation.file_id), autoplay: true, loop: true, playsinline: true,
    "aria-label": "GIF", ...boxOf(message.animation) });
  moving.muted = true;
  return veiled(el("div", { class: "media" }, moving, el("span", { class: "media-badge" }, "GIF")), message.has_media_spoiler);
}

function veiled(media, hidden) {
  if (!hidden) return media;
  const veil = el("button", { type: "button", class: "veil", "aria-label": "Hidden media, press to reveal", onclick: () => veil.remove() });
  return el("div", { class: "veiled" }, media, veil);
}

function file(message, kind) {
  const { file_id: id, file_name: name, file_size: size } = message[kind];
  return el("a", { class: "file", href: fileAddress(id), target: "_blank", rel: "noopener", download: name ?? true },
    el("span", { class: "file-icon" }, icon("file")),
    el("span", { class: "file-about" }, el("strong", {}, name ?? kind), el("small", {}, sizeOf(size))));
}

function sticker(message) {
  return el("img", { class: "sticker", src: fileAddress(message.sticker.file_id), alt: message.sticker.emoji ?? "Sticker" });
}

function contact(message) {
  const { first_name: first, last_name: last, phone_number: phone } = message.contact;
  return el("div", { class: "file" }, el("span", { class: "file-icon" }, icon("people")),
    el("span", { class: "file-about" }, el("strong", {}, [first, last].filter(Boolean).join(" ")), el("small", {}, phone)));
}

function invoice(message) {
  const { title, description, total_amount: stars } = message.invoice;
  return el("div", { class: "invoice" }, el("strong", {}, title), el("p", {}, description), el("small", {}, `⭐ ${stars}`));
}

function unsupported(message, kind) {
  return el("p", { class: "unsupported" }, `This window does not show a ${kind.replace("_", " ")}.`);
}

function view(address, name) {
  const close = () => dialog.remove();
  const dialog = el("dialog", { class: "viewer", "aria-label": name, onclick: close, oncancel: close },
    iconButton("close", "Close", close), el("img", { src: address, alt: name }));
  document.body.append(dialog);
  dialog.showModal();
}
