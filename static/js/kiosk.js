/* The wall: slides in turn, fresh content by polling, calm when the network is gone.

   <main id="kiosk" data-kiosk data-seconds="15" data-poll="30" data-now="2026-11-24T00:00:00Z">
     <section class="slide" data-slide [data-seconds="20"] [data-fresh-until="2026-11-24T16:00:00Z"] [data-named]>
       … <span class="as-of" data-as-of>截至 11月24日 08:00</span>
   - data-fresh-until: by the server's clock (data-now, later the Date header) the slide hides itself at that instant.
   - Every data-poll seconds the page is asked for again with its ETag; 304 costs nothing; 200 swaps #kiosk's slides.
   - No answer: the last good page stays. Its "as of" turns amber at once, grey after a day; slides that name somebody
     (data-named) leave after ten minutes. When answers come again, all of it comes back by itself.
   - Scripts off: the slides stand one below the other, the first fills the screen. */
const TEN_MINUTES = 10 * 60 * 1000;
const ONE_DAY = 24 * 60 * 60 * 1000;
const MAX_MISSES = 2;

const wall = document.querySelector("[data-kiosk]");
if (wall) start();

function start() {
  let etag = null;
  let lastGood = Date.now();
  let misses = 0;
  let turn = -1;
  let timer = null;
  let offset = wall.dataset.now ? Date.parse(wall.dataset.now) - Date.now() : 0;

  const now = () => Date.now() + offset;
  const offline = () => misses >= MAX_MISSES;
  const slides = () => [...wall.querySelectorAll("[data-slide]")];

  const isOver = (slide) => Boolean(slide.dataset.freshUntil) && now() >= Date.parse(slide.dataset.freshUntil);
  const isTooOld = (slide) => "named" in slide.dataset && offline() && Date.now() - lastGood >= TEN_MINUTES;
  const shown = () => slides().filter((slide) => !isOver(slide) && !isTooOld(slide));

  const mark = () => {
    const age = Date.now() - lastGood;
    for (const asOf of wall.querySelectorAll("[data-as-of]")) {
      asOf.classList.toggle("is-amber", offline() && age < ONE_DAY);
      asOf.classList.toggle("is-grey", offline() && age >= ONE_DAY);
    }
  };

  const next = () => {
    const all = shown();
    for (const slide of slides()) slide.classList.remove("is-on", "is-new");
    let seconds = Number(wall.dataset.seconds) || 15;
    if (all.length) {
      turn = (turn + 1) % all.length;
      all[turn].classList.add("is-on");
      if (all.length > 1) all[turn].classList.add("is-new");
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
  };

  const replace = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const content = fresh.querySelector("[data-kiosk]");
    if (!content) return false;
    if (fresh.documentElement.dataset.version !== document.documentElement.dataset.version) {
      window.location.reload();
      return true;
    }
    const place = slides().findIndex((slide) => slide.classList.contains("is-on"));
    wall.replaceChildren(...content.childNodes);
    const same = slides()[place];
    if (same && shown().includes(same)) same.classList.add("is-on"); // the same slide, without a flicker
    else next();
    return true;
  };

  const poll = async () => {
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(window.location.href, { headers, cache: "no-store", signal: AbortSignal.timeout(20000) });
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      if (answer.status === 200) {
        if (!replace(await answer.text())) throw new Error("not a wall");
        etag = answer.headers.get("ETag");
      }
      const date = Date.parse(answer.headers.get("Date") || "");
      if (date) offset = date - Date.now();
      lastGood = Date.now();
      misses = 0;
    } catch {
      misses += 1;
    }
    sweep();
    later();
  };

  const later = () => setTimeout(poll, (Number(wall.dataset.poll) || 30) * 1000);

  document.body.classList.add("is-live");
  next();
  later();
  setInterval(sweep, 1000);
}
