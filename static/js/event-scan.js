/* Card after card at an event: each scan is kept on the phone and sent at once, or when the network is back. */
import { no, yes } from "./beep.js";
import { digitsOf, isCard } from "./code.js";
import { fill } from "./enhance.js";
import { openQueue } from "./offline.js";

for (const page of document.querySelectorAll("[data-event-scan]")) {
  const queue = openQueue(page.querySelector("[data-queue]"));
  const form = page.querySelector("form[data-scan-form]");
  const field = form.querySelector("[data-scan]");
  const quantity = form.querySelector("[name=quantity]");
  const list = page.querySelector("[data-scan-list]");
  const said = page.querySelector("[data-scan-word]");
  const lines = new Map();

  const tell = (key, text, kind) => {
    let line = lines.get(key);
    if (!line) {
      line = document.createElement("li");
      lines.set(key, line);
      list.prepend(line);
    }
    line.textContent = text;
    line.className = kind;
  };

  const lastDigits = (text) => text.slice(text.lastIndexOf("|") + 1).slice(-5);

  const take = (digits) => {
    const rule = form.querySelector("[name=rule]");
    const text = [rule.value, quantity?.value || "1", digits].join("|");
    const key = queue.add(text);
    if (!key) return;
    yes();
    tell(key, fill(page.dataset.textKept, { digits: digits.slice(-5) }), "is-waiting");
    field.value = "";
    said.textContent = "";
    field.focus();
  };

  queue.onAnswer = (answer) => {
    for (const line of answer.lines) {
      tell(line.key, line.words, line.ok ? "is-good" : "is-bad");
      if (!line.ok) no();
    }
  };

  document.addEventListener("virtue:card", (event) => {
    event.preventDefault();
    take(event.detail.digits);
  });

  window.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const digits = digitsOf(field.value);
    if (isCard(digits)) {
      take(digits);
    } else {
      no();
      said.textContent = page.dataset.textWrong;
    }
  }, true);

  for (const one of queue.waiting()) tell(one.key, fill(page.dataset.textKept, { digits: lastDigits(one.text) }), "is-waiting");
}
