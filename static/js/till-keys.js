/* The till by keys, one hand on the scanner. A scanner types letters and digits, so that none of these is one:
     Enter           confirms what lies in the basket
     + and −         of the number pad: one more, one less of the good chosen last
     F2 F3 F4 …      whatever carries data-key="F4" is pressed; F2 changes the unit, F3 goes to the goods' search
     Esc             leaves a field; else one step back: to the basket, to the next household, to the card's field
   What they do stands on the page too (templates/store/_keys.html).
   Scanners that end with two Enters must not confirm by the second: Enter rests for a moment after each scan. */
import { announce, scanField } from "./scanner.js";
import { digitsOf, kindOf } from "./code.js";

const REST = 700;
const isEnter = (event) => event.key === "Enter";
const isField = (element) => Boolean(element?.matches("input:not([type=radio]), textarea, select"));

/* A button that was reached by keys is pressed by Enter itself; one that was tapped isn't meant any more. */
const keepsEnter = (element) => Boolean(element?.matches("a, button, summary") && element.matches(":focus-visible"));

export function listenToKeys(till) {
  let scannedAt = 0;
  const live = () => till.root.isConnected;

  function confirm(event) {
    const active = document.activeElement;
    if (Date.now() - scannedAt < REST) {
      event.preventDefault();
      return;
    }
    if (isField(active) || keepsEnter(active)) return;
    const button = till.find("[data-confirm]");
    if (!button || button.disabled) return;
    event.preventDefault();
    button.form.requestSubmit(button);
  }

  function nextUnit() {
    const choices = [...till.root.querySelectorAll("input[name=unit][type=radio]")];
    const next = choices[(choices.findIndex((one) => one.checked) + 1) % choices.length];
    if (next) next.click();
  }

  function stepBack() {
    const field = document.activeElement;
    const way = till.find('[data-key="Escape"]');
    if (isField(field)) {
      if (field.id === "good-search") till.search(field.value = "");
      field.blur();
    } else if (way?.matches("a") && till.chosen().length > 0) till.refuseToLeave();
    else if (way) way.click();
    else scanField()?.focus();
  }

  const acts = { F2: nextUnit, F3: () => document.getElementById("good-search")?.focus(), Escape: stepBack };

  /* In the search field: a scanned code goes its way, Enter takes the only good that is left. */
  function takeFound(event) {
    const digits = digitsOf(event.target.value);
    const shown = [...till.goods.values()].filter((good) => !good.element.hidden && good.field);
    event.preventDefault();
    if (kindOf(digits)) announce(digits, "scanner");
    else if (event.target.value.trim() && shown.length === 1) till.add(shown[0], 1);
    else return;
    event.target.value = "";
    till.search("");
    event.target.blur();
  }

  document.addEventListener("virtue:good", () => { scannedAt = Date.now(); });
  document.addEventListener("virtue:card", () => { scannedAt = Date.now(); });
  document.addEventListener("keydown", (event) => {
    if (!live() || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (isEnter(event)) {
      if (event.target.id === "good-search") takeFound(event);
      else confirm(event);
    } else if (event.code === "NumpadAdd" || event.code === "NumpadSubtract") {
      if (isField(document.activeElement)) return;
      event.preventDefault();
      till.addLast(event.code === "NumpadAdd" ? 1 : -1);
    } else if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    } else if (/^F\d+$/.test(event.key)) {
      const button = till.find(`[data-key="${event.key}"]:not([hidden])`);
      if (!button) return;
      event.preventDefault();
      button.click();
    }
  });
}
