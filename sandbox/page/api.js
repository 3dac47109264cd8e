// Every call of the control API that the page makes, and the stream of live events; no DOM here.

// As many messages as a window shows; older ones are still on the server.
const NEWEST = 200;

export class Refused extends Error {}

async function call(method, path, body) {
  const answer = await fetch(`/sandbox${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  const data = parsed(text);
  if (!answer.ok) throw new Refused(data?.error ?? `The sandbox answered ${answer.status}.`);
  return data;
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

export const world = () => call("GET", "/world");
export const personWorld = (person) => call("GET", `/people/${person}/world`);

export const addPerson = (firstName) => call("POST", "/people", { first_name: firstName });
export const createBot = (username, firstName) => call("POST", "/bots", { username, first_name: firstName });
export const createChannel = (channel) => call("POST", "/channels", channel);
export const post = (channel, text) => call("POST", `/channels/${channel}/posts`, { text });

export const posts = (channel) => call("GET", `/channels/${channel}/posts?limit=${NEWEST}`);
export const transcript = (person, bot) => call("GET", `/people/${person}/chats/${bot}?limit=${NEWEST}`);

export const see = (channel, post) => call("POST", `/channels/${channel}/views`, { post_id: post, count: 1 });

export const join = (channel, person) => call("PUT", `/channels/${channel}/members/${person}`, {});
export const leave = (channel, person) => call("DELETE", `/channels/${channel}/members/${person}`);
export const block = (person, bot) => call("PUT", `/people/${person}/block/${bot}`, {});
export const unblock = (person, bot) => call("DELETE", `/people/${person}/block/${bot}`);
export const start = (person, bot, payload) => call("POST", `/people/${person}/start`, payload ? { bot, payload } : { bot });
export const say = (person, bot, text) => call("POST", `/people/${person}/say`, { bot, text });
export const press = (person, chat, message, button) =>
  call("POST", `/people/${person}/press`, { chat_id: chat, message_id: message, button });

export const pay = (person, chat, message) => call("POST", `/people/${person}/pay`, { chat_id: chat, message_id: message });
export const inbox = () => call("GET", "/inbox");

/** Without rights named, the bot gets all that posting needs. */
export const promote = (channel, bot) => call("PUT", `/channels/${channel}/administrators/${bot}`, {});
export const demote = (channel, bot) => call("DELETE", `/channels/${channel}/administrators/${bot}`);
export const setLimits = (limits) => call("PUT", "/limits", limits);
export const addFault = (fault) => call("POST", "/faults", fault);
export const clearFaults = () => call("DELETE", "/faults");
export const sendCrowd = (crowd) => call("POST", "/crowd", crowd);
export const crowd = (id) => call("GET", `/crowd/${id}`);
export const reset = () => call("POST", "/reset", {});

export const fileAddress = (fileId) => `/sandbox/file/${encodeURIComponent(fileId)}`;

/** Follows the live events; the browser reconnects by itself, and `onopen` is told each time it has. */
export function follow({ onopen, onlost, onevent }) {
  const stream = new EventSource("/sandbox/events");
  stream.addEventListener("open", onopen);
  stream.addEventListener("error", onlost);
  stream.addEventListener("message", (message) => {
    const event = parsed(message.data);
    if (event) onevent(event);
  });
}
