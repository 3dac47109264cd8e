// The page's button: fetches the two files and shows what verify.js says of them. Nothing leaves this browser.

import { Refused, verify } from "./verify.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const button = document.getElementById("recompute");
const bar = document.getElementById("progress");
const steps = document.getElementById("steps");
const verdict = document.getElementById("verdict");
const posted = document.getElementById("posted");

const AMOUNTS = new Set(["entries", "tickets", "listed", "sealed"]);

function shown(name, value) {
  return AMOUNTS.has(name) ? value.toLocaleString(document.documentElement.lang) : value;
}

function say(key, facts = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? shown(name, facts[name]) : whole));
}

function add(text) {
  const item = document.createElement("li");
  item.textContent = text;
  steps.append(item);
}

function conclude(kind, text) {
  verdict.className = `verdict ${kind}`;
  verdict.textContent = text;
  verdict.hidden = false;
}

async function* read(body) {
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    yield part.value;
    await new Promise((resume) => setTimeout(resume));  // the page stays alive
  }
}

async function fetched(name) {
  const answer = await fetch(name, { cache: "no-cache" });
  if (!answer.ok) throw new Refused("not_fetched", { name });
  return answer;
}

async function recompute() {
  if (!globalThis.crypto?.subtle) throw new Refused("no_crypto");
  const proof = await (await fetched("proof.json")).json().catch(() => {
    throw new Refused("proof_shape");
  });
  const { body } = await fetched("entries.txt");
  const hash = posted.value.trim().toLowerCase();
  return verify({
    proof,
    chunks: read(body),
    posted: hash,
    step: (key, facts) => add(say(key, facts)),
    progress: (share) => { bar.value = share; },
  });
}

button.addEventListener("click", async () => {
  button.disabled = true;
  steps.replaceChildren();
  verdict.hidden = true;
  bar.hidden = false;
  bar.value = 0;
  const begun = performance.now();
  try {
    const { entries } = await recompute();
    const seconds = Math.max(0.1, (performance.now() - begun) / 1000).toFixed(1);
    conclude("good", say("verified", { entries, seconds }));
  } catch (error) {
    conclude("bad", say("refused", { why: error instanceof Refused ? say(error.key, error.facts) : String(error) }));
  } finally {
    bar.hidden = true;
    button.disabled = false;
    button.textContent = texts.again;
  }
});

button.hidden = false;
