/* Receiving by scan: an EAN, from a USB scanner or typed into the field, puts one piece on its good's line, or begins the
   next one. Without scripts, and when no line is free, the same field is sent and the server does it.

   #receive                            the form; select[name=item-N] > option[data-codes="690… 200…"][data-cost="3.50"]
   [data-scan-bar][data-text-…]        around input[name=scan], button[name=add] and p[data-scan-said] */
import { enhance, fill } from "./enhance.js";
import { glow, no, yes } from "./beep.js";
import "./scanner.js";

const digitsOf = (text) => text.normalize("NFKC").replace(/\D/g, "");

function rowOf(form, good) {
  const rows = [...form.querySelectorAll("select[name^=item-]")].map((select) => {
    const number = select.name.slice("item-".length);
    const field = (name) => form.elements[`${name}-${number}`];
    return { select, quantity: field("quantity"), cost: field("cost"), until: field("until") };
  });
  return rows.find((row) => row.select.value === good && !row.until.value)
    || rows.find((row) => !row.select.value && !row.quantity.value && !row.until.value);
}

function receiveBy(form) {
  const bar = form.querySelector("[data-scan-bar]");
  const field = bar.querySelector("[name=scan]");
  const said = bar.querySelector("[data-scan-said]");

  /* Answers whether the code is dealt with here; if not, the server is asked. */
  function take(digits) {
    const option = digits && form.querySelector(`option[data-codes~="${digits}"]`);
    if (!option) {
      said.textContent = bar.dataset.textNone;
      glow(field, false);
      no();
      return true;
    }
    const row = rowOf(form, option.value);
    if (!row) return false;
    if (!row.select.value) {
      row.select.value = option.value;
      if (!row.cost.value) row.cost.value = option.dataset.cost;
    }
    row.quantity.value = String((Number(digitsOf(row.quantity.value)) || 0) + 1);
    said.textContent = fill(bar.dataset.textAdded, { name: option.textContent.trim(), n: row.quantity.value });
    field.value = "";
    glow(field, true);
    yes();
    return true;
  }

  document.addEventListener("virtue:good", (event) => {
    field.value = event.detail.digits;
    if (take(event.detail.digits)) event.preventDefault();
    else form.querySelector("[name=add]").click();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && field.value.trim() && take(digitsOf(field.value))) event.preventDefault();
  });
  bar.querySelector("[name=add]").addEventListener("click", (event) => {
    if (field.value.trim() && take(digitsOf(field.value))) event.preventDefault();
  });
  field.focus();
}

enhance("#receive", receiveBy);
