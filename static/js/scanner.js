/* A USB scanner is a keyboard that types an address and Enter. This listener takes its digits wherever the focus is.

   - Digits are read from event.code: a Chinese input method may eat letters and turn digits into candidates.
   - A slash starts anew, so host and port of the address are forgotten; Enter closes.
   - No rule about the time between keys: slow machines cut codes in two.
   - 8 digits with Luhn fetch a reservation: they go into the page's [data-fetch] field, where there is one.
   - 20 digits with Luhn are a card: `virtue:card`; 13 with EAN a good: `virtue:good`. Both bubble to the document
     with detail {digits, source}. Unless a listener calls preventDefault(), a card is written into the page's
     [data-scan] field and its form is sent.
   - While another text field has the focus it is left alone; a [data-scan] field takes part. */
import { kindOf } from "./code.js";
import { glow, no, yes } from "./beep.js";

let digits = "";

const TEXT_TYPES = new Set(["text", "search", "tel", "password", "number", "email", "url", "date", "month", "time", "datetime-local"]);

/* Keys of somebody who edits by hand: what was collected no longer is what stands in the field. */
const FORGET = new Set(["Escape", "Backspace", "Delete", "Tab", "ArrowLeft", "ArrowRight", "Home", "End"]);

function isTyping(element) {
  if (!element || element.matches("[data-scan]")) return false;
  if (element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true;
  return element.tagName === "INPUT" && TEXT_TYPES.has(element.type);
}

function digitOf(event) {
  const match = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  if (match) return match[1];
  return event.code === "" && /^[0-9]$/.test(event.key) ? event.key : null; // some phones give no code
}

const isSlash = (event) => event.code === "Slash" || event.code === "NumpadDivide" || (event.code === "" && event.key === "/");
const isEnter = (event) => event.code === "Enter" || event.code === "NumpadEnter" || (event.code === "" && event.key === "Enter");

/* The page's own field: the focused one, else the first that can be seen. */
export function scanField() {
  const focused = document.activeElement;
  if (focused && focused.matches("[data-scan]")) return focused;
  return [...document.querySelectorAll("[data-scan]")].find((field) => !field.disabled && field.getClientRects().length > 0) || null;
}

/* Announce a card or a good, from whatever source; answers whether anybody took it. */
export function announce(found, source) {
  const kind = kindOf(found);
  if (!kind) return false;
  const event = new CustomEvent(`virtue:${kind}`, { bubbles: true, cancelable: true, detail: { digits: found, source } });
  if (!document.dispatchEvent(event)) return true;
  const field = kind === "fetch" ? document.querySelector("[data-fetch]") : scanField();
  if (kind === "good" || !field) return false;
  field.value = found;
  yes();
  glow(field, true);
  if (field.form) field.form.requestSubmit();
  return true;
}

/* Enter: a card or a good goes its way, and Enter must not press whatever has the focus; anything else (a typed
   household code, half a code) is left to the field it was typed into. */
function closeWith(event) {
  const found = digits;
  digits = "";
  const inField = document.activeElement.matches("[data-scan]");
  const kind = kindOf(found);
  // 8 digits in the page's own field may be a household's number: the server looks at both.
  if (kind && !(kind === "fetch" && inField) && announce(found, "scanner")) {
    event.preventDefault();
    event.stopPropagation();
  } else if (!inField && found.length >= 13) {
    event.preventDefault();
    no();
    glow(scanField(), false);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (isTyping(document.activeElement)) {
    digits = "";
    return;
  }
  const digit = digitOf(event);
  if (digit !== null) {
    digits += digit;
  } else if (isSlash(event)) {
    digits = "";
    if (!document.activeElement.matches("[data-scan]")) event.preventDefault(); // some browsers open a quick search
  } else if (FORGET.has(event.code)) {
    digits = "";
  } else if (isEnter(event)) {
    closeWith(event);
  }
}, true);

document.addEventListener("pointerdown", () => { digits = ""; }, true);
window.addEventListener("blur", () => { digits = ""; });
