/* Every POST form: sent once, with words when the network is slow or gone. The form and its key stay as they are, so
   that pressing again after a failure is the same request and books once.

   - While a form is on its way (.is-busy) a second submit is swallowed.
   - After four seconds the sentence data-text-slow of <body> stands in #messages; after a failure data-text-offline.
   - data-keep-open on a form leaves it alone (downloads, forms that open a new window).
   - An answer that names wrong fields puts the focus on the first of them. */
const SLOW_AFTER = 4000;
const timers = new WeakMap();

function say(sentence, kind) {
  const box = document.getElementById("messages");
  if (!box || !sentence) return;
  box.querySelector("[data-busy-message]")?.remove();
  const message = document.createElement("div");
  message.className = `message message-${kind}`;
  message.dataset.busyMessage = "";
  const text = document.createElement("p");
  text.textContent = sentence;
  message.append(text);
  box.append(message);
}

const unsay = () => document.querySelector("[data-busy-message]")?.remove();

function begin(form) {
  form.classList.add("is-busy");
  form.setAttribute("aria-busy", "true");
  const tell = () => {
    if (form.isConnected && form.classList.contains("is-busy")) say(document.body.dataset.textSlow, "warn");
  };
  timers.set(form, setTimeout(tell, SLOW_AFTER));
}

function end(form) {
  form.classList.remove("is-busy");
  form.removeAttribute("aria-busy");
  clearTimeout(timers.get(form));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "keepOpen" in form.dataset || form.target === "_blank") return;
  if (form.classList.contains("is-busy")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  // Other listeners may still stop this submit; look when they are through.
  setTimeout(() => {
    const sentByHtmx = form.matches("[hx-post]");
    if (!event.defaultPrevented || sentByHtmx) begin(form);
  });
}, true);

const formOf = (event) => {
  const source = event.detail?.ctx?.sourceElement;
  return source?.closest?.("form") || null;
};

document.addEventListener("htmx:finally:request", (event) => {
  const form = formOf(event);
  if (form) end(form);
  const offline = document.querySelector("[data-busy-message].message-bad");
  if (!offline) unsay();
});

document.addEventListener("htmx:before:request", unsay);

document.addEventListener("htmx:error", (event) => {
  if (event.detail?.ctx?.response?.raw) return; // the server did answer
  if (event.detail?.ctx?.sourceElement?.matches?.("[data-resend]")) return; // till-send.js says it, and asks again
  say(document.body.dataset.textOffline, "bad");
});

const WRONG = "main [aria-invalid=true], main .has-error :is(input, select, textarea):not([type=hidden])";

function toFirstWrong() {
  const wrong = [...document.querySelectorAll(WRONG)].find((field) => field.offsetParent !== null);
  if (wrong && wrong !== document.activeElement) wrong.focus();
}

toFirstWrong();
document.addEventListener("htmx:after:swap", toFirstWrong);

// A page that comes back from the browser's memory must not look as if it were still sending.
window.addEventListener("pageshow", () => document.querySelectorAll("form.is-busy").forEach(end));
