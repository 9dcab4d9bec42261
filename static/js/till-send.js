/* The till when the network is slow or gone. A form with data-resend is sent again by itself, with the same key, while
   nobody knows what came of it: no answer, half an answer, or a server that says "later" (5xx). The server books a key
   once, so the second answer is the first one's; until it is there nothing in the basket can be changed.

   form[data-resend]            asked again; inside it [data-unknown] says so, else [data-scan-said] of the page
   .till[data-text-asking]      "… {n} …" while it is asked again; data-text-asked when we wait for a press or the network */
import { fill } from "./enhance.js";

const PAUSES = [1000, 2000, 4000, 8000, 15000, 30000];
const open = new Map(); // form -> { tries, timer }

const rootOf = (form) => form.closest("[data-till]");

/* The goods, the lines and the units stay as they were sent: the same key with other contents would be refused. */
function freeze(form, isFrozen) {
  const root = rootOf(form);
  if (!root) return;
  root.classList.toggle("is-asking", isFrozen);
  for (const part of root.querySelectorAll(".till-goods, .till-lines, .till-pay .seg, [data-cash-toggle]")) part.inert = isFrozen;
}

function say(form, words) {
  const place = form.querySelector("[data-unknown]") || rootOf(form)?.querySelector("[data-scan-said]");
  if (!place) return;
  place.textContent = words;
  if ("unknown" in place.dataset) place.hidden = !words;
}

function again(form) {
  const asked = open.get(form) || { tries: 0 };
  clearTimeout(asked.timer);
  const pause = PAUSES[asked.tries];
  asked.tries += 1;
  asked.timer = pause === undefined ? null : setTimeout(() => send(form), pause);
  open.set(form, asked);
  const text = rootOf(form)?.dataset || {};
  freeze(form, form.dataset.resend !== "find");
  say(form, fill(asked.timer ? text.textAsking : text.textAsked, { n: asked.tries }));
}

function send(form) {
  clearTimeout(open.get(form)?.timer);
  if (form.isConnected) form.requestSubmit();
  else open.delete(form);
}

const isUnknown = ({ response, text }) => !response?.raw || text === undefined || response.status >= 500;

function ended(ctx) {
  const form = ctx?.sourceElement;
  if (!form?.matches?.("form[data-resend]")) return;
  if (form.isConnected && isUnknown(ctx)) {
    again(form);
    return;
  }
  if (!open.delete(form)) return;
  // Answered without another page (too many tries, say): the basket is the keeper's again.
  if (form.isConnected) {
    freeze(form, false);
    say(form, "");
  }
}

document.addEventListener("htmx:finally:request", (event) => ended(event.detail?.ctx));

window.addEventListener("online", () => [...open.keys()].forEach(send));

window.addEventListener("beforeunload", (event) => {
  if ([...open.keys()].some((form) => form.isConnected && form.dataset.resend !== "find")) event.preventDefault();
});
