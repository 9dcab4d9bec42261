/* The basket's lines as they are drawn: one list item a good, with plus and minus, its part in civility points, its cash.
   The numbers themselves stand in the fields on the goods (qty-, civ-, cash-<good>); a line only changes these.
   Markup: templates/store/_lines.html. */
import { clamp, payable } from "./basket.js";

const set = (field, value) => { if (field) field.value = value || ""; };

export class Lines {
  /* till: find(), add(good, step), show() and how() of static/js/till.js */
  constructor(till) {
    this.till = till;
    this.lines = new Map(); // good's id -> li
    this.order = []; // ids, the last touched at the end
    this.hasCash = false;
  }

  clear() {
    this.lines.clear();
  }

  touched(good) {
    this.order = [...this.order.filter((id) => id !== good.id), good.id];
  }

  /* The good that was chosen last and is still in the basket. */
  last() {
    return [...this.order].reverse().find((id) => this.lines.has(id));
  }

  #step(line, name, good, act) {
    const button = line.querySelector(`[data-${name}]`);
    button.setAttribute("aria-label", `${button.getAttribute("aria-label") || ""} ${good.name}`.trim());
    button.addEventListener("click", () => {
      act();
      if (!line.isConnected) this.till.basket.querySelector("button")?.focus();
    });
  }

  #make(good) {
    const line = this.till.find("template[data-basket-line]").content.firstElementChild.cloneNode(true);
    line.querySelector("[data-line-name]").textContent = good.name;
    for (const [name, step] of [["line-less", -1], ["line-more", 1]]) {
      this.#step(line, name, good, () => this.till.add(good, step));
    }
    for (const [name, step] of [["civ-less", -1], ["civ-more", 1]]) {
      this.#step(line, name, good, () => {
        set(good.civField, clamp(this.till.piecesOf(good).civility + step, this.till.countOf(good)));
        this.till.show();
      });
    }
    const cash = line.querySelector("[data-cash-input]");
    cash.value = good.cashField?.value || "";
    cash.addEventListener("input", () => { set(good.cashField, cash.value); });
    this.lines.set(good.id, line);
    return line;
  }

  show(good, count, pieces) {
    if (count === 0) {
      this.lines.get(good.id)?.remove();
      this.lines.delete(good.id);
      return;
    }
    const line = this.lines.get(good.id) || this.#make(good);
    const put = (name, words) => { line.querySelector(`[data-${name}]`).textContent = words; };
    put("line-count", count);
    for (const unit of ["home", "civility"]) put(`line-${unit}`, pieces[unit] ? pieces[unit] * good.prices[unit] || "—" : "");
    const isDivided = this.till.how() === "split" && Boolean(good.civField);
    line.querySelector("[data-line-split]").hidden = !isDivided;
    put("civ-count", pieces.civility);
    line.querySelector("[data-line-cash]").hidden = !(good.cashField && (this.hasCash || good.cashField.value));
    if (!line.isConnected) this.till.basket.append(line);
  }
}

/* Prices on the goods follow the unit; in a split each shows the one it has, home points first. */
export function shownUnit(good, how) {
  if (how !== "split") return how;
  return payable(good, "home") ? "home" : "civility";
}
