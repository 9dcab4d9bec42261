/* What a screen keeps for the time without a network, read by kiosk-sw.js: the last good programme, once whole and once
   without the slides that name or picture somebody or stand on the black board. The whole one goes after ten minutes. */
const PLAIN = "kiosk-plain";
const NAMED = "kiosk-named";
const PAGE = "/kiosk";
const STAMP = "/kiosk/last-good";
const canKeep = "caches" in window && "serviceWorker" in navigator;

let stamped = 0;

export function install(worker) {
  if (canKeep) navigator.serviceWorker.register(worker, { scope: PAGE }).catch(() => {});
}

/* A new programme came. */
export async function keep(html, policy) {
  if (!canKeep) return;
  const [plain, named] = await Promise.all([caches.open(PLAIN), caches.open(NAMED)]);
  const whole = new DOMParser().parseFromString(html, "text/html");
  const portraits = pictures(whole, "[data-named] img");
  await named.put(PAGE, page(html, policy));
  await fetched(named, portraits);
  for (const slide of whole.querySelectorAll("[data-named]")) slide.remove();
  await plain.put(PAGE, page(`<!doctype html>${whole.documentElement.outerHTML}`, policy));
  const wanted = [...pictures(whole, "img"), ...files()];
  await fetched(plain, wanted);
  await Promise.all([swept(plain, [...wanted, PAGE, STAMP]), swept(named, [...portraits, PAGE])]);
  stamped = 0;
  await good();
}

/* The server said that all still holds; noted once a minute. */
export async function good() {
  if (!canKeep || Date.now() - stamped < 60000) return;
  stamped = Date.now();
  await (await caches.open(PLAIN)).put(STAMP, new Response(String(stamped)));
}

export async function forgetNamed() {
  if (canKeep) await caches.delete(NAMED);
}

export async function forgetAll() {
  if (canKeep) await Promise.all([caches.delete(NAMED), caches.delete(PLAIN)]);
}

const page = (html, policy) => new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8", ...(policy ? { "Content-Security-Policy": policy } : {}) } });
const pictures = (from, which) => [...from.querySelectorAll(which)].map((img) => img.getAttribute("src")).filter(Boolean);
const files = () => [
  ...[...document.querySelectorAll("link[href], script[src]")].map((one) => one.getAttribute("href") || one.getAttribute("src")),
  ...modules(),
];
/* What the modules import stands nowhere in the page; the browser knows under which address it came. */
const modules = () => performance.getEntriesByType("resource").map((one) => new URL(one.name)).filter((at) => at.origin === location.origin && at.pathname.startsWith("/static/js/")).map((at) => at.pathname + at.search);

async function fetched(cache, paths) {
  for (const path of new Set(paths)) {
    if (!(await cache.match(path))) await cache.add(path).catch(() => {});
  }
}

/* Pictures of last week and files of an older version go. */
async function swept(cache, wanted) {
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (!wanted.includes(pathname + search)) await cache.delete(request);
  }
}
