/* Keys on the review pages: j next, k previous, a approve, r reject (opens it and goes to the reason). They rest while
   something is typed, and never where Ctrl, Alt or Meta is held; what they do stands on the page in words. They can be
   switched off, for this device. */
import { enhance } from "./enhance.js";

const OFF = "review-keys-off";
const isOff = () => localStorage.getItem(OFF) === "1";

const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable]";

function step(by) {
  const links = [...document.querySelectorAll("[data-review-link]")];
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  links[here < 0 ? 0 : Math.min(links.length - 1, Math.max(0, here + by))]?.focus();
}

function go(selector, by) {
  if (document.querySelector("[data-review]")) document.querySelector(selector)?.click();
  else step(by);
}

function reject() {
  const part = document.querySelector("[data-review-reject]");
  if (!part) return;
  part.open = true;
  part.querySelector("[name=why]").focus();
}

const ACTS = {
  j: () => go("[data-review-after]", 1),
  k: () => go("[data-review-before]", -1),
  a: () => document.querySelector("[data-review-approve]")?.click(),
  r: reject,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
  if (isOff() || event.target.closest?.(TYPING)) return;
  const act = ACTS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

enhance("[data-review-keys]", (help) => { help.hidden = false; });

enhance("[data-review-switch]", (button) => {
  const tell = () => { button.textContent = isOff() ? button.dataset.textOff : button.dataset.textOn; };
  button.addEventListener("click", () => {
    if (isOff()) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
    tell();
  });
  tell();
});

// The next deed takes the place of the one that was decided: begin at its head.
let isFirst = true;
enhance("[data-review-head]", (head) => {
  if (!isFirst && !document.querySelector("[data-review] [aria-invalid=true]")) {
    window.scrollTo(0, 0);
    head.focus({ preventScroll: true });
  }
  isFirst = false;
});
