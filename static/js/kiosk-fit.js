/* Nothing on the wall is ever cut off. A slide whose rows don't fit hands the rest on to a slide of its own, placed after
   it; what doesn't fit in one row either is drawn smaller. Called when a slide is on, so that it has a size. */
const LISTS = ".ranks, .deeds, .roll, .people, .black-table tbody";
const BOXES = ".slide-body, .panel, .wall-text, .wall-words, .wall-empty, .ceremony";
const STEPS = ["is-tight", "is-tighter", "is-tightest"];

export function fit(slide, mostRows = 0) {
  const beside = mostRows ? parted(slide) : null;
  const rest = split(slide, mostRows);
  for (const step of STEPS) {
    if (!overflows(slide)) break;
    slide.classList.remove(...STEPS);
    slide.classList.add(step);
  }
  slide.after(...[rest, beside].filter(Boolean));
}

/* A wall of four rows has no room for two lists beside each other: the others go to a slide of their own. */
function parted(slide) {
  const panels = slide.querySelectorAll(".panel");
  if (panels.length < 2) return null;
  const others = copy(slide, "beside");
  others.querySelector(".panel").remove();
  for (const panel of [...panels].slice(1)) panel.remove();
  return others;
}

function copy(slide, word) {
  const made = slide.cloneNode(true);
  made.classList.remove("is-on", "is-new", ...STEPS);
  for (const marked of made.querySelectorAll("[id]")) marked.removeAttribute("id");
  made.id = `${slide.id}-${word}`;
  return made;
}

/* The rows that stand out of their list, on a copy of the slide; null when all fit. */
function split(slide, mostRows) {
  const lists = [...slide.querySelectorAll(LISTS)];
  const taken = lists.map((list) => overhang(list, mostRows));
  if (!taken.some((rows) => rows.length)) return null;
  const rest = copy(slide, "more");
  [...rest.querySelectorAll(LISTS)].forEach((list, place) => {
    list.replaceChildren(...taken[place]);
    if (!taken[place].length) list.closest(".panel")?.remove();
  });
  const body = rest.querySelector(".slide-body");
  if (body && body.querySelectorAll(".panel").length === 1) body.classList.add("is-single");
  return rest;
}

/* Takes rows from a list's end until the others fit; one always stays. */
function overhang(list, mostRows) {
  const taken = [];
  const isTooMuch = () => (mostRows && list.children.length > mostRows) || stands(list);
  while (list.children.length > 1 && isTooMuch()) {
    taken.unshift(list.lastElementChild);
    list.lastElementChild.remove();
  }
  return taken;
}

function stands(list) {
  for (let at = list; at && !at.classList.contains("slide"); at = at.parentElement) if (isOver(at)) return true;
  return false;
}

const overflows = (slide) => [slide, ...slide.querySelectorAll(`${BOXES}, ${LISTS}`)].some(isOver);
const isOver = (at) => at.clientHeight > 0 && at.scrollHeight > at.clientHeight + 1;
