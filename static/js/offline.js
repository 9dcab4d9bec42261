/* A queue for taps and scans: each is written down on the phone first, under a key of its own, and sent in its order
   when there is a network. The server does each key once, so sending twice does no harm. Nothing but digits and a
   household's number is kept. Without this module the page's forms work one by one.

   Markup: macro queue_box() in templates/macros/queue.html. A page opens it with openQueue(box) and listens:
     queue.add("12|2|0")     keeps and sends; gives the key
     queue.onAnswer = (answer, sent) => …   the server's answer (JSON with `lines`), and the texts that were sent
   What the server refuses stands in words in [data-queue-no] until it is cleared. */
import { fill } from "./enhance.js";

const WAITING = "virtue.waiting";
const REFUSED = "virtue.refused";
const BATCH = 20;
const TIMEOUT = 15000;
const LONGEST_PAUSE = 60000;

/* A key that grows with time (UUIDv7), also where there is no https. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = Date.now();
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/* Each thing under a name of its own: two tabs never write over each other. */
function kept(kind) {
  const found = [];
  for (let i = 0; i < localStorage.length; i += 1) {
    const name = localStorage.key(i);
    const [of, user, path, key] = name.split("|");
    if (of === kind) found.push({ name, user, path, key, text: localStorage.getItem(name) });
  }
  return found.sort((one, other) => (one.key < other.key ? -1 : 1));
}

function keep(kind, user, path, key, text) {
  try {
    localStorage.setItem([kind, user, path, key].join("|"), text);
    return true;
  } catch {
    return false;
  }
}

const token = () => document.querySelector("input[name=csrf_token]")?.value || "";

/* A new sign-in in another tab made this page's token old: the page's present one is fetched. */
async function freshToken(user) {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (page.querySelector("[data-queue]")?.dataset.user !== user) return false;
  const fresh = page.querySelector("input[name=csrf_token]")?.value;
  document.querySelectorAll("input[name=csrf_token]").forEach((field) => { field.value = fresh; });
  return true;
}

export function openQueue(box) {
  const { user, url, field } = box.dataset;
  const path = location.pathname;
  const part = (name) => box.querySelector(`[data-queue-${name}]`);
  const mine = (kind) => kept(kind).filter((one) => one.user === user && one.path === path);
  const queue = { add, waiting: () => mine(WAITING), onAnswer: () => {} };
  let sending = false;
  let state = "";
  let pause = 0;
  let timer = null;

  function add(text) {
    const key = newKey();
    if (!keep(WAITING, user, path, key, text)) {
      part("said").textContent = box.dataset.textFull;
      return null;
    }
    show();
    send();
    return key;
  }

  function show() {
    const n = queue.waiting().length;
    const text = { "sign-in": box.dataset.textSignIn, away: box.dataset.textAway }[state] || box.dataset.textWaiting;
    part("said").textContent = n ? fill(text, { n }) : "";
    box.classList.toggle("is-away", n > 0 && state !== "");
    part("sign-in").hidden = state !== "sign-in" || n === 0;
    const others = kept(WAITING).filter((one) => one.user !== user).length;
    part("other").hidden = others === 0;
    part("other").textContent = fill(box.dataset.textOther, { n: others });
    const refused = mine(REFUSED);
    part("no").hidden = refused.length === 0;
    part("list").replaceChildren(...refused.map((one) => {
      const line = document.createElement("li");
      line.textContent = one.text;
      return line;
    }));
  }

  async function post(items) {
    const body = new URLSearchParams([["csrf_token", token()], ...items.map((one) => [field, `${one.key}|${one.text}`])]);
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), TIMEOUT);
    try {
      return await fetch(url, { method: "POST", body, signal: stop.signal, headers: { "X-Queue": "1", "HX-Request": "true" } });
    } finally {
      clearTimeout(late);
    }
  }

  async function take(items, response) {
    const answer = await response.json();
    for (const line of answer.lines) {
      const item = items.find((one) => one.key === line.key);
      if (!item) continue;
      if (!line.ok) keep(REFUSED, user, path, line.key, line.words);
      localStorage.removeItem(item.name);
    }
    queue.onAnswer(answer, items);
  }

  /* What is to be done after an answer: "" go on, "sign-in", or "away" to try again later. */
  async function handle(items, response) {
    if (response.ok) {
      await take(items, response);
      return "";
    }
    if (response.status === 401) return "sign-in";
    if (response.status === 400) return (await freshToken(user)) ? "again" : "sign-in";
    if (response.status === 429 || response.status >= 500) return "away";
    // Refused as a whole (no right to it, gone): told once, and not sent for ever.
    for (const item of items) {
      keep(REFUSED, user, path, item.key, `${response.status} ${item.text}`);
      localStorage.removeItem(item.name);
    }
    queue.onAnswer({ lines: [] }, items);
    return "";
  }

  async function send() {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    let retried = false;
    for (let items = queue.waiting(); items.length; items = queue.waiting()) {
      const batch = items.slice(0, BATCH);
      try {
        state = await handle(batch, await post(batch));
      } catch {
        state = "away";
      }
      if (state === "again") {
        state = retried ? "sign-in" : "";
        retried = true;
      }
      if (state) break;
      pause = 0;
      show();
    }
    sending = false;
    show();
    if (state === "away") {
      pause = Math.min(LONGEST_PAUSE, pause ? pause * 2 : 1000);
      timer = setTimeout(send, pause);
    }
  }

  part("clear").addEventListener("click", () => {
    mine(REFUSED).forEach((one) => localStorage.removeItem(one.name));
    show();
  });
  window.addEventListener("online", () => {
    pause = 0;
    send();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) send();
  });
  queueMicrotask(() => {
    show();
    send();
  });
  return queue;
}

for (const place of document.querySelectorAll("[data-queue-elsewhere]")) {
  const counts = new Map();
  for (const one of kept(WAITING)) {
    if (one.user === place.dataset.user) counts.set(one.path, (counts.get(one.path) || 0) + 1);
  }
  place.hidden = counts.size === 0;
  for (const [path, n] of counts) {
    const link = document.createElement("a");
    link.className = "btn btn-line";
    link.href = path;
    link.textContent = fill(place.dataset.text, { n });
    place.append(link);
  }
}
