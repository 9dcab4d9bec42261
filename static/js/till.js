/* The till: tap goods, see the basket, choose the unit, confirm. Without scripts the same form works with its number fields
   and its submit button; this module only draws on top of them and never decides anything the server doesn't check.

   .till[data-till]  around goods and basket; parts of it may be swapped by htmx at any time
       data-balance-home="128" data-balance-civility="40"          (there while a household is served)
       data-text-…                                                 (templates/store/_till.html)
     li.good[data-good="12"][data-name][data-find][data-price-home][data-price-civility][data-left="41"][data-ean="690…"]
            [data-group="日化"][data-often][data-limit-left="1"][data-limit-on="12月1日"]      (what doesn't exist is left out)
       div.good-face  > span.good-pic, span.good-name, span.good-foot > span.good-price, span.good-left
       inputs qty-12, civ-12, cash-12                              (empty is none; `form=` ties them to the basket's form)
     [data-till-tabs]     buttons with data-group ("" shows all, "often" those with data-often); hidden until this module runs
     [data-often-empty]   why "often" is empty, shown while that tab is chosen
     [data-good-search]   a search field: name, pinyin initials or barcode
     [data-basket], template[data-basket-line], [data-basket-empty]        (templates/store/_lines.html, till-lines.js)
     input[type=radio][name=unit][value=home|civility|split]       (seg control)
     [data-sum] [data-rest] [data-rest-row] [data-cash] [data-cash-row] [data-cash-toggle]
     [data-shown]         a hidden field: gets "yes" once the total stands on the page
     [data-scan-said]     why a tap or a scan was refused
     button[data-confirm]                                          says how much
   The root gets the class is-live. A USB scanner's EAN adds one piece (`virtue:good`), with or without a household. */
import { UNITS, clamp, divide, fenOf, fits, payable, totals, yuan } from "./basket.js";
import { enhance, fill } from "./enhance.js";
import { glow, no, yes } from "./beep.js";
import { Lines, shownUnit } from "./till-lines.js";
import { listenToKeys } from "./till-keys.js";

const capital = (word) => word[0].toUpperCase() + word.slice(1);

function readGood(root, element) {
  const prices = {};
  for (const unit of UNITS) {
    const price = element.dataset[`price${capital(unit)}`];
    if (price) prices[unit] = Number(price);
  }
  const { good: id, name, ean = "", group = "", find = "", limitLeft, limitOn = "" } = element.dataset;
  const left = Number(element.dataset.left);
  const most = limitLeft === undefined ? left : Math.min(left, Number(limitLeft));
  const fieldOf = (kind) => root.querySelector(`[name="${kind}-${id}"]`);
  return {
    id, name, ean, group, find: find.toLowerCase(), prices, left, most, limitOn, element, isOften: "often" in element.dataset,
    field: fieldOf("qty"), civField: fieldOf("civ"), cashField: fieldOf("cash"),
  };
}

/* The tile becomes a real button, so that a finger, a key and a screen reader can press it. */
function makeTapable(good, onTap) {
  const face = good.element.querySelector("div.good-face");
  if (!face || !good.field) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "good-face";
  button.disabled = good.most < 1;
  button.append(...face.childNodes);
  face.replaceWith(button);
  const count = document.createElement("span");
  count.className = "good-count";
  good.element.append(count);
  button.addEventListener("click", (event) => {
    onTap();
    // Tapped, not reached by keys: the next Enter is meant for the basket.
    if (event.detail > 0) button.blur();
  });
}

class Till {
  constructor(root) {
    this.root = root;
    this.text = root.dataset;
    this.goods = new Map(); // li -> good
    this.lines = new Lines(this);
    this.basket = null;
    root.classList.add("is-live");
    root.addEventListener("input", (event) => (event.target.id === "good-search" ? this.search(event.target.value) : this.show()));
    root.addEventListener("change", () => this.show());
    root.addEventListener("click", (event) => {
      this.choose(event.target.closest("[data-till-tabs] button[data-group]"));
      if (event.target.closest("[data-cash-toggle]")) this.toggleCash();
    });
    root.addEventListener("submit", (event) => this.keep(event));
    this.refresh();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  put(selector, words) {
    const place = this.find(selector);
    if (place) place.textContent = words;
  }

  /* After a swap: forget goods that left, take up new ones, begin an empty basket list anew. */
  refresh() {
    for (const element of [...this.goods.keys()]) if (!element.isConnected) this.goods.delete(element);
    for (const element of this.root.querySelectorAll("[data-good]")) {
      const known = this.goods.get(element);
      if (known && known.field?.isConnected) continue;
      const good = readGood(this.root, element);
      this.goods.set(element, good);
      makeTapable(good, () => this.add(this.goods.get(element), 1));
    }
    const [tabs, search, cash] = ["[data-till-tabs]", "[data-good-search]", "[data-cash-toggle]"].map((part) => this.find(part));
    if (cash) cash.hidden = false;
    if (search) search.hidden = false;
    if (tabs && tabs.hidden) {
      tabs.hidden = false;
      this.choose(tabs.querySelector("[aria-pressed=true]"));
    }
    this.show();
  }

  choose(tab) {
    if (!tab) return;
    for (const other of tab.parentElement.querySelectorAll("button[data-group]")) {
      other.setAttribute("aria-pressed", String(other === tab));
    }
    const { group } = tab.dataset;
    const none = this.find("[data-often-empty]");
    if (none) none.hidden = group !== "often";
    for (const good of this.goods.values()) {
      good.element.hidden = group === "often" ? !good.isOften : Boolean(group) && good.group !== group;
    }
  }

  search(text) {
    const wanted = text.normalize("NFKC").replace(/\s/g, "").toLowerCase();
    if (!wanted) {
      this.choose(this.find("[data-till-tabs] [aria-pressed=true]"));
      return;
    }
    for (const good of this.goods.values()) good.element.hidden = !good.find.replace(/\s/g, " ").includes(wanted);
  }

  how() {
    return this.find("input[name=unit]:checked")?.value || this.find("#find input[name=unit]")?.value || "home";
  }

  countOf(good) {
    return good.field ? clamp(good.field.value, good.most) : 0;
  }

  piecesOf(good) {
    return divide(good, this.countOf(good), this.how(), clamp(good.civField?.value || 0, Infinity));
  }

  say(sentence, isYes) {
    const said = this.find("[data-scan-said]");
    if (!said) return;
    said.textContent = sentence;
    said.className = `scan-said ${isYes ? "is-yes" : "is-no"}`;
  }

  refuse(good, sentence) {
    no();
    glow(good.element, false);
    this.say(sentence, false);
    return false;
  }

  /* Why there can't be so many of it, in words; empty when there can. */
  tooMany(good, wanted) {
    if (wanted > good.left) return fill(this.text.textFull, { name: good.name, n: good.left });
    if (wanted <= good.most) return "";
    const words = good.most ? this.text.textLimit : this.text.textLimitFull;
    return fill(words, { name: good.name, n: good.most, day: good.limitOn });
  }

  add(good, step) {
    if (this.root.matches(".is-asking")) return this.refuse(good, this.text.textAsked);
    const wanted = Math.max(0, this.countOf(good) + step);
    const reason = step > 0 ? this.tooMany(good, wanted) : "";
    if (reason) return this.refuse(good, reason);
    if (!good.field) return false;
    if (step > 0 && this.how() !== "split" && !payable(good, this.how())) {
      return this.refuse(good, fill(this.text.textUnit, { name: good.name }));
    }
    good.field.value = wanted || "";
    if (!wanted) for (const field of [good.civField, good.cashField]) if (field) field.value = "";
    this.lines.touched(good);
    this.say("", true);
    this.show();
    return true;
  }

  addLast(step) {
    const good = [...this.goods.values()].find((one) => one.id === this.lines.last());
    if (good) this.add(good, step);
  }

  scan(event) {
    if (!this.root.isConnected || !this.basket) return;
    event.preventDefault();
    const good = [...this.goods.values()].find((one) => one.ean.split(" ").includes(event.detail.digits));
    if (!good) {
      no();
      this.say(fill(this.text.textUnknown, event.detail), false);
    } else if (this.add(good, 1)) {
      yes();
      glow(good.element, true);
    }
  }

  /* A card while a household is served: with an empty basket the next one's turn, else the keeper is asked first. */
  card(event) {
    const next = this.find("#next-card");
    if (!this.root.isConnected || !next) return;
    event.preventDefault();
    if (this.chosen().length > 0) {
      this.refuseToLeave();
      return;
    }
    yes();
    next.elements.code.value = event.detail.digits;
    next.requestSubmit();
  }

  /* Taking up another basket, or the next household's turn, never takes away what lies here. */
  keep(event) {
    if (!event.target.matches("[data-take-up]") || this.chosen().length === 0) return;
    event.preventDefault();
    this.refuseToLeave();
  }

  refuseToLeave() {
    no();
    this.say(this.text.textOpen, false);
  }

  toggleCash() {
    this.lines.hasCash = !this.lines.hasCash;
    this.show();
    if (this.lines.hasCash) this.find("[data-line-cash]:not([hidden]) input")?.focus();
  }

  chosen() {
    return [...this.goods.values()].filter((good) => this.countOf(good) > 0);
  }

  showGood(good) {
    const unit = shownUnit(good, this.how());
    const count = this.basket ? this.countOf(good) : 0;
    const { element } = good;
    element.classList.toggle("in-basket", count > 0);
    element.classList.toggle("is-off", !payable(good, unit));
    const badge = element.querySelector(".good-count");
    if (badge) badge.textContent = count || "";
    const price = element.querySelector("[data-price-text]");
    if (!price) return;
    price.textContent = payable(good, unit) ? fill(price.dataset.priceText, { n: good.prices[unit] }) : "—";
    for (const one of UNITS) price.classList.toggle(`is-${one}`, unit === one);
  }

  show() {
    const basket = this.find("[data-basket]");
    if (basket !== this.basket) this.lines.clear();
    this.basket = basket;
    for (const good of this.goods.values()) this.showGood(good);
    if (!basket) return;
    for (const good of this.goods.values()) this.lines.show(good, this.countOf(good), this.piecesOf(good));
    const empty = this.find("[data-basket-empty]");
    if (empty) empty.hidden = this.chosen().length > 0;
    this.showSums();
  }

  /* 22 家美积分、5 文明积分 */
  inWords(sums, units, short = "") {
    return units.map((unit) => fill(this.text[`text${short || "Sum"}${capital(unit)}`], { n: sums[unit] })).join(this.text.textAnd);
  }

  showSums() {
    const chosen = this.chosen();
    const sums = totals(chosen.map((good) => ({ good, pieces: this.piecesOf(good) })));
    const how = this.how();
    const used = UNITS.filter((unit) => sums[unit] > 0);
    const units = used.length ? used : [how === "civility" ? "civility" : "home"];
    const rest = Object.fromEntries(UNITS.map((unit) => [unit, Number(this.text[`balance${capital(unit)}`] || 0) - sums[unit]]));
    const short = units.filter((unit) => rest[unit] < 0);
    const missing = Object.fromEntries(short.map((unit) => [unit, -rest[unit]]));
    this.put("[data-sum]", this.inWords(sums, units));
    this.put("[data-rest]", short.length ? this.inWords(missing, short, "Short") : this.inWords(rest, units));
    this.find("[data-rest-row]")?.classList.toggle("is-short", short.length > 0);
    const reason = this.wrongLine(chosen);
    if (reason) this.say(reason, false);
    this.showCash(chosen);
    this.showConfirm(chosen, sums, used, short.length === 0 && !reason);
  }

  wrongLine(chosen) {
    const stuck = chosen.find((good) => !fits(good, this.piecesOf(good)));
    if (stuck) return fill(this.text.textUnit, { name: stuck.name });
    const cash = chosen.find((good) => Number.isNaN(fenOf(good.cashField?.value)));
    return cash ? fill(this.text.textCash, { name: cash.name }) : "";
  }

  showCash(chosen) {
    const cash = chosen.reduce((sum, good) => sum + (fenOf(good.cashField?.value) || 0), 0);
    const row = this.find("[data-cash-row]");
    if (row) row.hidden = cash === 0;
    this.put("[data-cash]", yuan(cash));
    this.find("[data-cash-toggle]")?.setAttribute("aria-pressed", String(this.lines.hasCash));
  }

  showConfirm(chosen, sums, used, isFine) {
    const shown = this.find("[data-shown]");
    if (shown) shown.value = chosen.length > 0 ? "yes" : "";
    const confirm = this.find("[data-confirm]");
    if (!confirm) return;
    confirm.disabled = !(chosen.length > 0 && isFine);
    const words = used.length > 1 ? fill(this.text.textConfirmBoth, sums) : fill(this.text.textConfirm, { n: sums[used[0]] || 0 });
    confirm.textContent = chosen.length ? words : this.text.textChoose;
  }
}

enhance("[data-till]", (root) => {
  const till = new Till(root);
  const refresh = () => root.isConnected && till.refresh();
  document.addEventListener("htmx:after:swap", refresh);
  document.addEventListener("virtue:good", (event) => till.scan(event));
  document.addEventListener("virtue:card", (event) => till.card(event));
  listenToKeys(till);
});
