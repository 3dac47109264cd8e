// What the page knows at this moment, and the bus on which its parts hear that it changed; no DOM here.

const bus = new EventTarget();

export const state = {
  world: { bots: [], people: [], people_count: 0, channels: [], limits: {}, faults: [] },
  personId: null,
  person: { first_name: undefined, channels: [], bots: [] },
  chatId: null,
};

export const on = (name, hear) => bus.addEventListener(name, (event) => hear(event.detail));
export const announce = (name, detail) => bus.dispatchEvent(new CustomEvent(name, { detail }));

export const isChannel = (chatId) => chatId < 0;

export const worldChannel = (id) => state.world.channels.find((channel) => channel.id === id);
export const openChannel = () => state.person.channels.find((channel) => channel.id === state.chatId);
export const openBot = () => state.person.bots.find((bot) => bot.id === state.chatId);
export const botByUsername = (username) => state.world.bots.find((bot) => same(bot.username, username));
export const channelByUsername = (username) =>
  state.world.channels.find((channel) => channel.username && same(channel.username, username));
export const channelByInvite = (hash) =>
  state.world.channels.find((channel) => (channel.invite_link ?? "").replace(/^.*(\/\+|\/joinchat\/)/, "") === hash);

const same = (one, other) => one.toLowerCase() === other.toLowerCase();

/** Runs `work` at once, then at most every `ms`, never twice at a time, and always once after the last ask. */
export function paced(work, ms) {
  let running = false;
  let asked = false;
  const run = async () => {
    running = true;
    asked = false;
    try {
      await work();
    } finally {
      setTimeout(() => {
        running = false;
        if (asked) run();
      }, ms);
    }
  };
  return () => {
    asked = true;
    if (!running) run();
  };
}
