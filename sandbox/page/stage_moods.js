// Telegram's moods: slow, flooding, failing, or all well; and a line that says which holds now.

import * as api from "./api.js";
import { plural } from "./format.js";
import { notify, refused } from "./notices.js";
import { announce, on, state } from "./state.js";

const SOME = 20;

const FLOOD = { enabled: true, per_bot: 30, per_chat: 1, per_group_minute: 20 };

const MOODS = {
  slow: { does: () => api.addFault({ kind: "delay", ms: 2000, times: null }), says: "Every answer now takes two seconds." },
  flood: { does: () => api.setLimits(FLOOD), says: "Flood control is on: 30 a second for a bot, 1 a second for a chat." },
  html: { does: () => api.addFault({ kind: "html_502", times: SOME }), says: "The next 20 calls get a 502 page instead of JSON." },
  lost: { does: () => api.addFault({ kind: "reset_after_accept", method: "sendMessage", times: SOME }), says: "The next 20 messages arrive, but the bot loses the answer." },
  error: {
    does: () => api.addFault({ kind: "error", code: 500, description: "Internal Server Error: restart", times: SOME }),
    says: "The next 20 calls get an internal error.",
  },
  unknown: {
    does: () => api.addFault({ kind: "error", method: "getChatMember", code: 400, description: "Bad Request: PARTICIPANT_ID_INVALID", times: SOME }),
    says: "The next 20 questions about a member get PARTICIPANT_ID_INVALID.",
  },
  well: { does: () => Promise.all([api.clearFaults(), api.setLimits({ enabled: false })]), says: "All is well again." },
};

const line = document.getElementById("mood-line");
const well = document.getElementById("mood-well");

function show() {
  const { limits, faults } = state.world;
  const kinds = [...new Set((faults ?? []).map((fault) => fault.description ?? fault.kind.replaceAll("_", " ")))];
  const now = [limits?.enabled ? "flood control" : null, kinds.length ? `${plural(faults.length, "fault", "faults")} (${kinds.join(", ")})` : null].filter(Boolean);
  line.textContent = now.length ? `Now: ${now.join(", ")}` : "All is well";
  line.classList.toggle("trouble", now.length > 0);
  well.disabled = now.length === 0;
}

async function set(mood) {
  if ((await refused(mood.does())) === undefined) return;
  notify(mood.says);
  announce("changed");
}

for (const button of document.querySelectorAll("[data-mood]")) {
  button.addEventListener("click", () => set(MOODS[button.dataset.mood]));
}
on("world", show);
