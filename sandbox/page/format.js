// Numbers, times, initials and colours as Telegram shows them; pure functions.

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short" });
const shortDay = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "2-digit", year: "2-digit" });

const DAY_MS = 86_400_000;
const AVATAR_COLOURS = 7;

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
const daysAgo = (date) => Math.round((midnight(new Date()) - midnight(date)) / DAY_MS);

export const timeOf = (seconds) => clock.format(new Date(seconds * 1000));

export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  const ago = daysAgo(date);
  if (ago === 0) return "Today";
  if (ago === 1) return "Yesterday";
  return date.getFullYear() === new Date().getFullYear() ? day.format(date) : dayAndYear.format(date);
}

/** The short stamp in a list of chats: a time today, a weekday this week, a date before that. */
export function stampOf(seconds) {
  const date = new Date(seconds * 1000);
  const ago = daysAgo(date);
  if (ago === 0) return clock.format(date);
  return ago < 7 ? weekday.format(date) : shortDay.format(date);
}

/** 842, 2.6K, 27.4K, 1.02M: three significant digits, as Telegram writes view counts. */
export function countOf(number) {
  if (number < 1000) return String(number);
  const [scaled, unit] = number < 1_000_000 ? [number / 1000, "K"] : [number / 1_000_000, "M"];
  return `${Number(scaled.toPrecision(3))}${unit}`;
}

export const exact = (number) => Number(number).toLocaleString("en-US");

export const plural = (number, one, many) => `${exact(number)} ${number === 1 ? one : many}`;

export function sizeOf(bytes) {
  if (!bytes) return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

export const lengthOf = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Up to two first letters; `Array.from` keeps an emoji or a rare letter whole. */
export function initialsOf(title) {
  const words = title.split(/\s+/).filter(Boolean);
  return words.slice(0, 2).map((word) => Array.from(word)[0].toUpperCase()).join("") || "?";
}

export const colourOf = (id) => Math.abs(id) % AVATAR_COLOURS;
