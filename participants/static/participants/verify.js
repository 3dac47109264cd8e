// The draw, recomputed from its two published files. The same checks in the same order as verify_draw.py.
// Every refusal has a key; draw.js says it in the reader's language.

import { Sha256 } from "./sha256.js";

const OPENING = [
  "draw", "giveaway", "winners", "max_tickets", "seed_sha256", "beacon", "beacon_delay", "rules_sha256",
];
const CLOSING = ["open_sha256", "closed_at", "entries", "tickets", "entries_sha256"];
const SKIP = ["skip", "giveaway", "number", "rank", "code", "reason", "evidence_at", "note", "previous"];
const BEACON = /^drand:[0-9a-f]{64}:([0-9]{1,12}):([1-9][0-9]{0,5})$/;
const CODE_LETTERS = 32;
const LF = 10, SPACE = 32, SLASH = 47, ZERO = 48;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Refused extends Error {
  constructor(key, facts = {}) {
    super(key);
    this.key = key;
    this.facts = facts;
  }
}

function require(agrees, key, facts) {
  if (!agrees) throw new Refused(key, facts);
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unhex(text) {
  require(typeof text === "string" && /^([0-9a-f]{2})+$/.test(text), "not_hex");
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

// What the browser itself computes.
async function sha256(bytes) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

async function hmac(key, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// Our streaming SHA-256 has to agree with the browser's before anything rests on it.
async function trustOurHash() {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 200]) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    const ours = new Sha256().update(bytes, 0, length >> 1).update(bytes, length >> 1).digest();
    require(hex(ours) === (await sha256(bytes)), "hash_broken");
  }
}

function record(text, kinds, name) {
  require(typeof text === "string" && text.endsWith("\n"), "record_shape", { name });
  const lines = text.slice(0, -1).split("\n");
  const keys = lines.map((line) => line.split("=", 1)[0]);
  require(kinds.some((kind) => kind.join("\n") === keys.join("\n")), "record_shape", { name });
  return Object.fromEntries(lines.map((line, i) => [keys[i], line.slice(keys[i].length + 1)]));
}

function number(fields, key) {
  require(/^[0-9]{1,15}$/.test(fields[key]), "not_number", { key });
  return Number(fields[key]);
}

function checkShape(proof) {
  const listed = Array.isArray(proof.winners) && proof.winners.every((code) => typeof code === "string");
  require(listed && proof.skipped && typeof proof.skipped === "object", "proof_shape");
  require(new Set(proof.winners).size === proof.winners.length, "winner_twice");
  require(!proof.winners.some((code) => code in proof.skipped), "winner_skipped");
}

function promisedRound(opening, closing) {
  if (opening.beacon === "none") return null;
  const beacon = BEACON.exec(opening.beacon);
  require(beacon, "unknown_beacon");
  const waited = number(closing, "closed_at") + number(opening, "beacon_delay") - Number(beacon[1]);
  require(waited >= 0, "before_beacon");
  return Math.ceil(waited / Number(beacon[2])) + 1;
}

async function beaconRandomness(proof, promised) {
  const found = proof.round ?? null;
  require(found === promised, "another_round", { promised: promised ?? "–", found: found ?? "–" });
  if (promised === null) {
    require((proof.signature ?? null) === null, "unexpected_signature");
    return new Uint8Array(32);
  }
  const randomness = await sha256(unhex(proof.signature));
  require((proof.randomness ?? randomness) === randomness, "another_signature");
  return unhex(randomness);
}

// entries.txt as it arrives: counted, hashed, put into the Merkle tree and scored, in memory that does not grow.
class EntryList {
  constructor(maxTickets, withRoot, prk, depth) {
    Object.assign(this, { maxTickets, withRoot, depth, entries: 0, tickets: 0, best: [], peaks: [] });
    this.whole = new Sha256();
    this.hash = new Sha256();
    const key = new Uint8Array(64);
    key.set(prk);
    this.inner = new Sha256().update(key.map((byte) => byte ^ 0x36));
    this.outer = new Sha256().update(key.map((byte) => byte ^ 0x5c));
    this.before = new Uint8Array(CODE_LETTERS);
    this.message = new Uint8Array(CODE_LETTERS + 6);
    this.ticket = new Uint8Array(32);
    this.score = new Uint8Array(32);
    this.tag = Uint8Array.of(0, 1);
    this.rest = new Uint8Array(0);
  }

  feed(chunk) {
    this.whole.update(chunk);
    const bytes = this.rest.length ? joined(this.rest, chunk) : chunk;
    let start = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
      this.line(bytes, start, end);
      start = end + 1;
    }
    this.rest = bytes.slice(start);
    require(this.rest.length < 64, "line_shape", { line: this.entries + 1 });
  }

  line(bytes, start, end) {
    const weight = this.weightOf(bytes, start, end);
    this.order(bytes, start);
    require(weight <= this.maxTickets, "too_many_tickets", { line: this.entries + 1, most: this.maxTickets });
    this.entries += 1;
    this.tickets += weight;
    if (this.withRoot) this.leaf(bytes, start, end);
    this.rank(bytes, start, weight);
  }

  weightOf(bytes, start, end) {
    const digits = end - start - CODE_LETTERS - 1;
    let fits = digits >= 1 && digits <= 3 && bytes[start + CODE_LETTERS] === SPACE;
    for (let i = start; fits && i < start + CODE_LETTERS; i += 1) {
      fits = (bytes[i] >= 97 && bytes[i] <= 122) || (bytes[i] >= 50 && bytes[i] <= 55);
    }
    let weight = 0;
    for (let i = start + CODE_LETTERS + 1; fits && i < end; i += 1) {
      fits = bytes[i] >= ZERO && bytes[i] <= ZERO + 9;
      weight = weight * 10 + bytes[i] - ZERO;
    }
    require(fits && bytes[start + CODE_LETTERS + 1] !== ZERO, "line_shape", { line: this.entries + 1 });
    return weight;
  }

  order(bytes, start) {
    let i = 0;
    while (i < CODE_LETTERS && bytes[start + i] === this.before[i]) i += 1;
    require(i < CODE_LETTERS, "repeated", { line: this.entries + 1 });
    require(bytes[start + i] > this.before[i], "unsorted", { line: this.entries + 1 });
    for (; i < CODE_LETTERS; i += 1) this.before[i] = bytes[start + i];
  }

  leaf(bytes, start, end) {
    let node = this.hash.restart().update(this.tag, 0, 1).update(bytes, start, end).digest();
    for (let halves = this.entries; halves % 2 === 0; halves /= 2) {
      node = this.node(this.peaks.pop(), node);
    }
    this.peaks.push(node);
  }

  node(left, right) {
    return this.hash.restart().update(this.tag, 1, 2).update(left).update(right).digest();
  }

  root() {
    if (!this.peaks.length) return hex(new Sha256().digest());
    return hex(this.peaks.reduceRight((root, peak) => this.node(peak, root)));
  }

  rank(bytes, start, weight) {
    for (let i = 0; i < weight; i += 1) {
      const length = this.ticketMessage(bytes, start, i);
      this.hash.restart(this.inner).update(this.message, 0, length).digest(this.ticket);
      this.hash.restart(this.outer).update(this.ticket).digest(this.ticket);
      if (i === 0 || compare(this.ticket, this.score) < 0) this.score.set(this.ticket);
    }
    const { best } = this;
    if (best.length === this.depth && compare(this.score, best[best.length - 1].score) >= 0) return;
    const code = decoder.decode(bytes.subarray(start, start + CODE_LETTERS));
    let at = best.length;
    while (at > 0 && compare(this.score, best[at - 1].score) < 0) at -= 1;
    best.splice(at, 0, { score: this.score.slice(), code, weight });
    if (best.length > this.depth) best.pop();
  }

  ticketMessage(bytes, start, i) {
    for (let k = 0; k < CODE_LETTERS; k += 1) this.message[k] = bytes[start + k];
    let at = CODE_LETTERS;
    this.message[at++] = SLASH;
    if (i > 9) this.message[at++] = ZERO + Math.floor(i / 10);
    this.message[at++] = ZERO + (i % 10);
    this.message[at++] = 1;
    return at;
  }

  check(closing) {
    require(this.rest.length === 0, "line_shape", { line: this.entries + 1 });
    const entries = number(closing, "entries");
    const facts = { listed: this.entries, sealed: entries };
    require(this.entries >= entries, "entries_dropped", facts);
    require(this.entries <= entries, "entries_added", facts);
    const tickets = number(closing, "tickets");
    require(this.tickets === tickets, "weight_changed", { listed: this.tickets, sealed: tickets });
    require(hex(this.whole.digest()) === closing.entries_sha256, "another_list");
    if (this.withRoot) require(this.root() === closing.merkle_root, "another_root");
  }
}

function compare(left, right) {
  for (let i = 0; i < 32; i += 1) if (left[i] !== right[i]) return left[i] - right[i];
  return 0;
}

// The best places once more, by the browser's own HMAC.
async function recheck(best, prk) {
  for (const place of best) {
    const tickets = [];
    for (let i = 0; i < place.weight; i += 1) {
      tickets.push(await hmac(prk, joined(encoder.encode(`${place.code}/${i}`), Uint8Array.of(1))));
    }
    const smallest = tickets.reduce((least, each) => (compare(each, least) < 0 ? each : least));
    require(compare(smallest, place.score) === 0, "hash_broken");
  }
}

function checkWinners(proof, ranking, count) {
  const found = proof.winners;
  const standing = ranking.filter((code) => !(code in proof.skipped));
  const expected = standing.slice(0, count);
  if (found.join() === expected.join()) return;
  require(found.length <= count, "too_many_winners", { most: count });
  const missing = expected.find((code) => !found.includes(code));
  require(missing, "winners_order");
  const facts = { code: missing, place: ranking.indexOf(missing) + 1 };
  require(found.length === expected.length, "winner_missing", facts);
  const inOrder = standing.filter((code) => found.includes(code));
  require(found.join() !== inOrder.join(), "skip_missing", facts);
  throw new Refused("winners_swapped", facts);
}

async function checkSkips(proof, opening, ranking) {
  require(Array.isArray(proof.skips), "record_shape", { name: "skip" });
  let before = await sha256(encoder.encode(proof.close));
  const said = {};
  for (const [index, text] of proof.skips.entries()) {
    const row = record(text, [SKIP], "skip");
    const facts = { number: index + 1 };
    const bound = [row.skip, row.giveaway, row.number, row.previous].join("\n");
    require(bound === ["1", opening.giveaway, String(index + 1), before].join("\n"), "skip_chain", facts);
    const placed = String(ranking.indexOf(row.code) + 1) === row.rank && !(row.code in said);
    require(placed, "skip_place", facts);
    said[row.code] = row.reason;
    before = await sha256(encoder.encode(text));
  }
  const same = Object.keys(proof.skipped).length === Object.keys(said).length &&
    Object.entries(said).every(([code, reason]) => proof.skipped[code] === reason);
  require(same, "skip_rows");
}

// `chunks` gives entries.txt as it arrives; `step(key, facts)` hears what agreed, `progress(share)` how far it is.
export async function verify({ proof, chunks, posted = "", step, progress }) {
  await trustOurHash();
  checkShape(proof);
  const closing = record(proof.close, [CLOSING, [...CLOSING, "merkle_root"]], "closing");
  const open = await sha256(encoder.encode(proof.open));
  require(open === closing.open_sha256, "opening_edited");
  const opening = record(proof.open, [OPENING], "opening");
  require(opening.draw === "1", "unknown_version");
  require(!posted || posted === open, "posted_differs");
  step("ok_records", { open });
  const seed = unhex(proof.seed);
  require((await sha256(seed)) === opening.seed_sha256, "another_seed");
  step("ok_seed");
  const promised = promisedRound(opening, closing);
  const randomness = await beaconRandomness(proof, promised);
  step(promised === null ? "ok_sealed" : "ok_round", { round: promised });
  const prk = await hmac(seed, joined(randomness, unhex(closing.open_sha256)));
  const count = number(opening, "winners");
  const depth = 2 * count + Object.keys(proof.skipped).length + 100;
  const list = new EntryList(number(opening, "max_tickets"), "merkle_root" in closing, prk, depth);
  for await (const chunk of chunks) {
    list.feed(chunk);
    progress(list.entries / Math.max(1, number(closing, "entries")));
  }
  list.check(closing);
  step("ok_list", { entries: list.entries, tickets: list.tickets });
  const ranking = list.best.map((place) => place.code);
  await recheck(list.best.slice(0, count + Object.keys(proof.skipped).length), prk);
  checkWinners(proof, ranking, count);
  if ("skips" in proof) {
    await checkSkips(proof, opening, ranking);
    step("ok_skips", { rows: proof.skips.length });
  }
  step("ok_winners", { winners: proof.winners.length });
  return { entries: list.entries, winners: proof.winners };
}
