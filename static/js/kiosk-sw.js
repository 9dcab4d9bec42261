/* A screen's service worker: the network first; without it the last good programme (see kiosk-keep.js), so that a
   reload, or a television switched off and on, still shows slides. Named slides are gone after ten minutes here too. */
const PLAIN = "kiosk-plain";
const NAMED = "kiosk-named";
const TEN_MINUTES = 10 * 60 * 1000;
const PATIENCE = 8000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") {
    if (url.pathname === "/kiosk") event.respondWith(page(event.request));
  } else if (url.pathname.startsWith("/static/") || event.request.destination === "image") {
    event.respondWith(file(event.request));
  }
});

async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status < 500) return answer;
    return (await kept()) || answer;
  } catch {
    return (await kept()) || Response.error();
  }
}

async function file(request) {
  const answer = await fetch(request).catch(() => Response.error());
  if (answer.ok && request.destination !== "image") await (await caches.open(PLAIN)).put(request, answer.clone());
  if (answer.type !== "error" && answer.status < 500) return answer;
  await age();
  return (await caches.match(request, { ignoreVary: true })) || answer;
}

/* When the programme was last good; named slides older than ten minutes are thrown away first,
   also where a television began with a wrong clock. */
async function age() {
  const stamp = await caches.match("/kiosk/last-good");
  if (!stamp) return 0;
  const at = Number(await stamp.text());
  if (Math.abs(Date.now() - at) >= TEN_MINUTES) await caches.delete(NAMED);
  return at;
}

async function kept() {
  const at = await age();
  const whole = (await caches.has(NAMED)) && (await (await caches.open(NAMED)).match("/kiosk"));
  const found = whole || (await (await caches.open(PLAIN)).match("/kiosk"));
  if (!at || !found) return null;
  const html = (await found.text()).replace("<main ", `<main data-last-good="${at}" `);
  return new Response(html, { headers: found.headers });
}
