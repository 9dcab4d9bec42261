/* The tapping page: each tap is kept on the phone and sent at once, or when the network is back (offline.js). */
import { fill } from "./enhance.js";
import { openQueue } from "./offline.js";

for (const page of document.querySelectorAll("[data-round]")) {
  const queue = openQueue(page.querySelector("[data-queue]"));
  const rows = [...page.querySelectorAll("[data-household]")];
  const progress = page.querySelector("[data-round-progress]");
  const filter = page.querySelector("[data-round-filter]");
  const list = page.querySelector("[data-round-list]");

  const waitingOf = () => new Map(queue.waiting().map((one) => one.text.split("|")).map(([id, value]) => [id, value]));

  const paint = (row, value, isWaiting) => {
    row.classList.toggle("is-marked", Boolean(value));
    row.classList.toggle("is-waiting", isWaiting);
    for (const button of row.querySelectorAll("button[name=value]")) {
      button.setAttribute("aria-pressed", String(button.value === value));
    }
  };

  const count = () => {
    const done = rows.filter((row) => row.matches(".is-marked:not(.is-barred)")).length;
    const all = rows.filter((row) => !row.matches(".is-barred")).length;
    progress.textContent = fill(progress.dataset.text, { done, all });
  };

  const paintWaiting = () => {
    const waiting = waitingOf();
    for (const row of rows) {
      if (waiting.has(row.dataset.household)) paint(row, waiting.get(row.dataset.household), true);
    }
    count();
  };

  queue.onAnswer = (answer) => {
    const waiting = waitingOf();
    for (const row of rows) {
      const id = row.dataset.household;
      // What was refused goes back to what the server has.
      if (!waiting.has(id) && answer.marks) paint(row, answer.marks[id] || "", false);
    }
    paintWaiting();
  };

  // Before every other listener, so that nothing marks the form as being on its way.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-tap]") || !page.contains(form) || !event.submitter) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const row = form.closest("[data-household]");
    const value = event.submitter.value;
    const consent = form.querySelector("input[name=consent]");
    const said = row.querySelector("[data-round-said]");
    if (said) said.textContent = "";
    if (consent && !consent.checked && /^\d+$/.test(value)) {
      said.textContent = page.dataset.textConsent;
      return;
    }
    const key = queue.add(`${row.dataset.household}|${value}|${consent?.checked ? 1 : 0}`);
    if (key) paint(row, value, true);
    count();
  }, true);

  filter?.addEventListener("click", (event) => {
    event.preventDefault();
    const isLeft = list.classList.toggle("is-left");
    // What is marked from now on stays in sight until the next filtering.
    for (const row of rows) row.hidden = isLeft && row.matches(".is-marked, .is-barred");
    filter.setAttribute("aria-pressed", String(isLeft));
    filter.textContent = isLeft ? filter.dataset.textAll : filter.dataset.textLeft;
  });

  paintWaiting();
}
