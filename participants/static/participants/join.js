// The Mini App's page: the way into a giveaway, step by step, as /api/participants tells it.
// Telegram hands over who opened it in the address behind #, so no script of anybody else is needed.

const WORDS = {
  en: {
    outside: 'Open this page from Telegram: only there it is known who you are.',
    unnamed: 'Open this page with the button of a giveaway.',
    wait: 'One moment…',
    offline: 'There is no connection. Nothing is lost; try again.',
    ask: 'Your answer', send: 'Answer', again: 'Try again', subscribed: '✅ I have joined',
    sum: '🔢 Add numbers instead', picture: '🖼 Choose a picture instead',
    write: '💬 Let the bot write to me', open: '📢',
    code: 'Your code in the public list', nonce: 'Nonce', receipt: 'Receipt', keep: 'Keep these to prove your entry.',
  },
  ru: {
    outside: 'Откройте эту страницу из Telegram: только там известно, кто вы.',
    unnamed: 'Откройте эту страницу кнопкой розыгрыша.',
    wait: 'Секунду…',
    offline: 'Нет связи. Ничего не потеряно, попробуйте ещё раз.',
    ask: 'Ваш ответ', send: 'Ответить', again: 'Попробовать ещё раз', subscribed: '✅ Я подписался',
    sum: '🔢 Лучше сложить числа', picture: '🖼 Лучше выбрать картинку',
    write: '💬 Разрешить боту писать мне', open: '📢',
    code: 'Ваш код в открытом списке', nonce: 'Nonce', receipt: 'Квитанция', keep: 'Сохраните, чтобы доказать участие.',
  },
};
const COLOURS = {
  bg_color: '--page', text_color: '--ink', hint_color: '--soft', secondary_bg_color: '--card',
  button_color: '--button', button_text_color: '--on-button',
};

const launch = new URLSearchParams(location.hash.slice(1));
const initData = launch.get('tgWebAppData') ?? '';
const told = new URLSearchParams(initData);
const words = WORDS[language()];
const part = (id) => document.getElementById(id);

function language() {
  let code = navigator.language;
  try {
    code = JSON.parse(told.get('user') ?? '{}').language_code ?? code;
  } catch { /* whatever it is, the server will refuse it in words */ }
  return ['ru', 'be', 'uk', 'kk'].includes(code.toLowerCase().split('-')[0]) ? 'ru' : 'en';
}

function giveawayId() {
  const named = told.get('start_param') ?? launch.get('tgWebAppStartParam') ?? new URLSearchParams(location.search).get('tgWebAppStartParam') ?? '';
  return Number(/^giveaway_(\d{1,15})$/.exec(named)?.[1] ?? 0);
}

function paint() {
  try {
    const theme = JSON.parse(launch.get('tgWebAppThemeParams') ?? '{}');
    for (const [name, variable] of Object.entries(COLOURS)) {
      if (/^#[0-9a-f]{6}$/i.test(theme[name] ?? '')) document.documentElement.style.setProperty(variable, theme[name]);
    }
  } catch { /* the system's colours are good as well */ }
}

function button(text, act, kind = '') {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.className = kind;
  made.addEventListener('click', act);
  return made;
}

function link(text, url, kind = '') {
  const made = document.createElement('a');
  made.textContent = text;
  made.className = `button ${kind}`;
  made.href = url;
  made.target = '_blank';
  made.rel = 'noopener';
  return made;
}

function show(message, parts = {}, sign = '🎁') {
  part('sign').textContent = sign;
  part('says').textContent = message;
  for (const id of ['answer', 'choices', 'channels', 'proof']) part(id).hidden = !parts[id];
  for (const id of ['choices', 'channels', 'proof', 'actions']) part(id).replaceChildren(...(parts[id] ?? []));
}

async function ask(path, body = {}) {
  for (const one of document.querySelectorAll('button')) one.disabled = true;
  try {
    const answer = await fetch(`/api/participants/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `tma ${initData}` },
      body: JSON.stringify({ giveaway_id: giveawayId(), ...body }),
    });
    return await answer.json();
  } catch {
    return { status: 'error', code: 'OFFLINE', message: words.offline };
  } finally {
    for (const one of document.querySelectorAll('button')) one.disabled = false;
  }
}

async function take(step) {
  const told = await step;
  if (told.status === 'captcha') return question(told);
  if (told.status === 'joined') return joined(told);
  if (told.code === 'USER_NOT_SUBSCRIBED') return subscribe(told);
  if (told.code === 'CAPTCHA_EXPIRED') return enter();
  const final = ['ALREADY_PARTICIPATED', 'GIVEAWAY_NOT_ACTIVE', 'GIVEAWAY_NOT_FOUND', 'NOT_AUTHENTICATED', 'INIT_DATA_EXPIRED'];
  return show(told.message, { actions: final.includes(told.code) ? [] : [button(words.again, enter)] });
}

function question(told) {
  const other = button(words[told.kind === 'sum' ? 'picture' : 'sum'], () => take(ask('generate-captcha', { otherwise: true })), 'quiet');
  const names = told.choices.map(({ answer, name }) => button(name, () => take(ask('validate-captcha', { answer })), 'quiet'));
  const written = names.length === 0;
  show(told.message, { answer: written, choices: written ? null : names, actions: [other] }, written ? '🎁' : told.question);
  if (written) {
    part('answer').reset();
    part('answer').elements.answer.focus();
  }
}

async function subscribe(told) {
  const { missing = [] } = await ask('verify-subscription');
  const links = missing.filter((channel) => channel.link).map((channel) => link(`${words.open} ${channel.title}`, channel.link, 'quiet'));
  show(told.message, { channels: links, actions: [button(words.subscribed, enter)] });
}

function joined(told) {
  const proof = ['code', 'nonce', 'receipt'].flatMap((name) => [element('dt', words[name]), element('dd', told[name])]);
  const write = told.start_link ? [link(words.write, told.start_link)] : [];
  show(told.message.split('\n')[0], { proof: [...proof, element('dt', words.keep)], actions: write });
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function enter() {
  show(words.wait);
  return take(ask('register'));
}

function begin() {
  paint();
  document.documentElement.lang = language();
  part('ask').textContent = words.ask;
  part('send').textContent = words.send;
  part('answer').addEventListener('submit', (event) => {
    event.preventDefault();
    take(ask('validate-captcha', { answer: part('answer').elements.answer.value }));
  });
  if (!initData) return show(words.outside);
  if (!giveawayId()) return show(words.unnamed);
  return enter();
}

begin();
