/* The wall: slides in turn, fresh content by polling, calm when the network is gone.

   <main id="kiosk" data-kiosk data-seconds="15" data-poll="10" [data-most-rows="4"] [data-hours="07:00-21:00"]
         [data-screen data-worker="…" data-alive="…" data-proof="…"] [data-last-good="1764000000000"]>
     <section class="slide" data-slide [data-seconds="20"] [data-fresh-until="2026-11-24T16:00:00Z"] [data-named] [data-spare]>
       … <span class="as-of" data-as-of>截至 11月24日 08:00</span>
   - data-fresh-until: by the server's clock (the Date header) the slide hides itself at that instant.
   - Every data-poll seconds the page is asked for again with its ETag; 304 costs nothing; 200 swaps #kiosk's slides.
   - No answer: the last good page stays. Its "as of" turns amber at once, grey after a day; slides that name somebody
     (data-named) leave after ten minutes. When answers come again, all of it comes back by itself.
   - data-screen: a paired television. It keeps its programme for a reload without network (kiosk-keep.js, kiosk-sw.js;
     data-last-good says that it came from there) and gives a sign of life each minute.
   - data-spare: stands only when no other slide may. data-hours: by Shanghai's clock; outside them the wall is dark.
   - What doesn't fit goes on to a slide of its own (kiosk-fit.js).
   - Scripts off: the slides stand one below the other, the first fills the screen. */
import { fit } from "./kiosk-fit.js";
import { forgetAll, forgetNamed, good, install, keep } from "./kiosk-keep.js";

const TEN_MINUTES = 10 * 60 * 1000;
const ONE_DAY = 24 * 60 * 60 * 1000;
const ONE_MINUTE = 60 * 1000;
const MAX_MISSES = 2;
const SHANGHAI = 8 * 60;

const wall = document.querySelector("[data-kiosk]");
if (wall) start();

function start() {
  const isScreen = "screen" in wall.dataset;
  let etag = null;
  let lastGood = Number(wall.dataset.lastGood) || Date.now();
  let misses = wall.dataset.lastGood ? MAX_MISSES : 0;
  let turn = -1;
  let timer = null;
  let offset = 0;
  let saidAlive = 0;
  let hasForgotten = false;

  const now = () => Date.now() + offset;
  const offline = () => misses >= MAX_MISSES;
  const slides = () => [...wall.querySelectorAll("[data-slide]")];

  const isOver = (slide) => Boolean(slide.dataset.freshUntil) && now() >= Date.parse(slide.dataset.freshUntil);
  const isStale = () => offline() && Math.abs(Date.now() - lastGood) >= TEN_MINUTES;
  const mayStand = (slide) => !isOver(slide) && !("named" in slide.dataset && isStale());
  const shown = () => {
    const standing = slides().filter(mayStand);
    const real = standing.filter((slide) => !("spare" in slide.dataset));
    return real.length ? real : standing;
  };

  const mark = () => {
    const age = Date.now() - lastGood;
    for (const asOf of wall.querySelectorAll("[data-as-of]")) {
      asOf.classList.toggle("is-amber", offline() && age < ONE_DAY);
      asOf.classList.toggle("is-grey", offline() && age >= ONE_DAY);
    }
    if (wall.dataset.hours) document.body.classList.toggle("is-off", isOff());
  };

  const isOff = () => {
    const [from, until] = wall.dataset.hours.split("-").map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
    const minute = (Math.floor(now() / ONE_MINUTE) + SHANGHAI) % 1440;
    return (minute - from + 1440) % 1440 >= (until - from + 1440) % 1440;
  };

  const show = (slide) => {
    slide.classList.add("is-on");
    fit(slide, Number(wall.dataset.mostRows) || 0);
  };

  const next = () => {
    const all = shown();
    for (const slide of slides()) slide.classList.remove("is-on", "is-new");
    let seconds = Number(wall.dataset.seconds) || 15;
    if (all.length) {
      turn = (turn + 1) % all.length;
      show(all[turn]);
      if (shown().length > 1) all[turn].classList.add("is-new");
      seconds = Number(all[turn].dataset.seconds) || seconds;
    }
    clearTimeout(timer);
    timer = setTimeout(next, seconds * 1000);
  };

  /* A slide whose time is over while it is on leaves at once, not at the next turn. */
  const sweep = () => {
    mark();
    const on = wall.querySelector(".slide.is-on");
    if ((on && !shown().includes(on)) || (!on && shown().length)) next();
    if (isScreen && isStale() && !hasForgotten) {
      hasForgotten = true;
      forgetNamed();
    }
  };

  const replace = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const content = fresh.querySelector("[data-kiosk]");
    if (!content) return false;
    if (fresh.documentElement.dataset.version !== document.documentElement.dataset.version) {
      window.location.reload();
      return true;
    }
    const on = wall.querySelector(".slide.is-on")?.id.replace(/(-more|-beside)+$/, "");
    wall.replaceChildren(...content.childNodes);
    const same = shown().findIndex((slide) => slide.id === on);
    if (same < 0) next();
    else {
      turn = same; // the same slide, without a flicker
      show(shown()[same]);
    }
    return true;
  };

  const poll = async () => {
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(window.location.href, { headers, cache: "no-store", signal: AbortSignal.timeout(20000) });
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      if (answer.status === 200) {
        const html = await answer.text();
        if (!replace(html)) throw new Error("not a wall");
        etag = answer.headers.get("ETag");
        if (isScreen) keep(html, answer.headers.get("Content-Security-Policy")).catch(() => {});
      } else if (isScreen) good().catch(() => {});
      const date = Date.parse(answer.headers.get("Date") || "");
      if (date) offset = date - Date.now();
      lastGood = Date.now();
      misses = 0;
      hasForgotten = false;
      if (isScreen) sayAlive();
    } catch {
      misses += 1;
      if (offline()) etag = null; // what was forgotten meanwhile comes back whole
    }
    sweep();
    later();
  };

  const sayAlive = () => {
    if (Date.now() - saidAlive < ONE_MINUTE) return;
    saidAlive = Date.now();
    const title = wall.querySelector(".slide.is-on .slide-head :is(h1, h2)")?.textContent.trim() || "";
    const body = new URLSearchParams({ slide: title, proof: wall.dataset.proof });
    fetch(wall.dataset.alive, { method: "POST", body, signal: AbortSignal.timeout(20000) }).catch(() => {});
  };

  const later = () => setTimeout(poll, (Number(wall.dataset.poll) || 30) * 1000);

  document.body.classList.add("is-live");
  mark();
  next();
  setInterval(sweep, 1000);
  if (!isScreen) {
    if (document.documentElement.dataset.version === "pairing") forgetAll().catch(() => {});
    later();
    return;
  }
  install(wall.dataset.worker);
  poll();
}
