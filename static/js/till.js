/* The till: tap goods, see the basket, choose the unit, confirm. Without scripts the same form works with its number fields
   and its submit button; this module only draws on top of them and never decides anything the server doesn't check.

   .till[data-till]  (a <form>, or any element around goods and basket; parts of it may be swapped by htmx at any time)
       data-balance-home="128" data-balance-civility="40"          (there while a household is served)
       data-text-sum-home="{n} 家美积分" data-text-sum-civility="{n} 文明积分"
       data-text-confirm="确认兑换 {n} 分" data-text-choose="先选商品" data-text-short="还差 {n} 分"
       data-text-full="{name}只有 {n} 件了" data-text-unit="{name}不能用这种积分换" data-text-unknown="没有条码 {digits} 的商品"
     li.good[data-good="12"][data-name="洗衣液 2kg"][data-price-home="22"][data-price-civility="22"][data-left="41"][data-ean="690…"]
            [data-group="日化"][data-often]                          (a price that doesn't exist: leave the attribute out)
       div.good-face  > span.good-pic, span.good-name, span.good-foot > span.good-price, span.good-left
       label.good-qty > input[name="qty-12"]                        (empty is none; `form=` may tie it to the basket's form)
     [data-till-tabs]     buttons with data-group ("" shows all, "often" those with data-often); hidden until this module runs
     [data-often-empty]   why "often" is empty, shown while that tab is chosen
     [data-basket]        an empty ul.basket; its lines come from
       template[data-basket-line] holding li.basket-line with [data-line-name], [data-line-less], [data-line-count],
                          [data-line-more], [data-line-sum]
     [data-basket-empty]  what stands there while nothing is chosen
     input[type=radio][name=unit][value=home|civility]              (seg control)
     [data-sum] [data-rest] [data-rest-row]                total and what is left afterwards; p.sum and p.rest hide without scripts
     [data-shown]         a hidden field: gets "yes" once the total stands on the page
     [data-scan-said]     p.scan-said[role=status]: why a tap or a scan was refused
     button[data-confirm]                                  says how much
   The root gets the class is-live; prices shown on the goods follow the unit through
   [data-price-text="{n} 分"] on span.good-price. A USB scanner's EAN adds one piece (`virtue:good`). */
import { clamp, payable, total } from "./basket.js";
import { enhance, fill } from "./enhance.js";
import { glow, no, yes } from "./beep.js";

const UNITS = ["home", "civility"];
const capital = (word) => word[0].toUpperCase() + word.slice(1);

function readGood(root, element) {
  const prices = {};
  for (const unit of UNITS) {
    const price = element.dataset[`price${capital(unit)}`];
    if (price) prices[unit] = Number(price);
  }
  const { good: id, name, left, ean = "", group = "" } = element.dataset;
  const isOften = "often" in element.dataset;
  return { id, name, ean, group, isOften, prices, left: Number(left), element, field: root.querySelector(`[name="qty-${id}"]`) };
}

/* The tile becomes a real button, so that a finger, a key and a screen reader can press it. */
function makeTapable(good, onTap) {
  const face = good.element.querySelector("div.good-face");
  if (!face || !good.field) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "good-face";
  button.disabled = good.left < 1;
  button.append(...face.childNodes);
  face.replaceWith(button);
  const count = document.createElement("span");
  count.className = "good-count";
  good.element.append(count);
  button.addEventListener("click", onTap);
}

class Till {
  constructor(root) {
    this.root = root;
    this.text = root.dataset;
    this.goods = new Map(); // li -> good
    this.lines = new Map(); // good's id -> li in the basket
    this.basket = null;
    root.classList.add("is-live");
    root.addEventListener("input", () => this.show());
    root.addEventListener("change", () => this.show());
    root.addEventListener("click", (event) => this.choose(event.target.closest("[data-till-tabs] button[data-group]")));
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
    const tabs = this.find("[data-till-tabs]");
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

  unit() {
    return this.find("input[name=unit]:checked")?.value || "home";
  }

  countOf(good) {
    return good.field ? clamp(good.field.value, good.left) : 0;
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

  add(good, step) {
    if (!good.field) return false;
    const wanted = Math.max(0, this.countOf(good) + step);
    if (step > 0 && !payable(good, this.unit())) return this.refuse(good, fill(this.text.textUnit, { name: good.name }));
    if (wanted > good.left) return this.refuse(good, fill(this.text.textFull, { name: good.name, n: good.left }));
    good.field.value = wanted || "";
    this.say("", true);
    this.show();
    return true;
  }

  scan(event) {
    if (!this.root.isConnected || !this.basket) return;
    event.preventDefault();
    const good = [...this.goods.values()].find((one) => one.ean === event.detail.digits);
    if (!good) {
      no();
      this.say(fill(this.text.textUnknown, event.detail), false);
    } else if (this.add(good, 1)) {
      yes();
      glow(good.element, true);
    }
  }

  lineOf(good) {
    const known = this.lines.get(good.id);
    if (known) return known;
    const line = this.find("template[data-basket-line]").content.firstElementChild.cloneNode(true);
    line.querySelector("[data-line-name]").textContent = good.name;
    for (const [part, step] of [["less", -1], ["more", 1]]) {
      const button = line.querySelector(`[data-line-${part}]`);
      button.setAttribute("aria-label", `${button.getAttribute("aria-label") || ""} ${good.name}`.trim());
      button.addEventListener("click", () => {
        this.add(good, step);
        if (!line.isConnected) this.basket.querySelector("button")?.focus();
      });
    }
    this.lines.set(good.id, line);
    return line;
  }

  showLine(good, unit) {
    const count = this.countOf(good);
    if (count === 0) {
      this.lines.get(good.id)?.remove();
      this.lines.delete(good.id);
      return;
    }
    const line = this.lineOf(good);
    line.querySelector("[data-line-count]").textContent = count;
    line.querySelector("[data-line-sum]").textContent = payable(good, unit) ? count * good.prices[unit] : "—";
    if (!line.isConnected) this.basket.append(line);
  }

  showGood(good, unit) {
    const count = this.basket ? this.countOf(good) : 0;
    const { element } = good;
    element.classList.toggle("in-basket", count > 0);
    element.classList.toggle("is-off", !payable(good, unit));
    const badge = element.querySelector(".good-count");
    if (badge) badge.textContent = count || "";
    const price = element.querySelector("[data-price-text]");
    if (!price) return;
    price.textContent = payable(good, unit) ? fill(price.dataset.priceText, { n: good.prices[unit] }) : "—";
    price.classList.toggle("is-home", unit === "home");
    price.classList.toggle("is-civility", unit === "civility");
  }

  show() {
    const unit = this.unit();
    const goods = [...this.goods.values()];
    const basket = this.find("[data-basket]");
    if (basket !== this.basket) this.lines.clear();
    this.basket = basket;
    for (const good of goods) this.showGood(good, unit);
    if (!basket) return;
    for (const good of goods) this.showLine(good, unit);
    this.showSums(goods, unit);
  }

  showSums(goods, unit) {
    const counts = new Map(goods.map((good) => [good.id, this.countOf(good)]));
    const chosen = goods.filter((good) => counts.get(good.id) > 0);
    const stuck = chosen.find((good) => !payable(good, unit));
    const sum = total(goods, counts, unit);
    const rest = Number(this.text[`balance${capital(unit)}`] || 0) - sum;
    const sumText = this.text[`textSum${capital(unit)}`];
    const empty = this.find("[data-basket-empty]");
    if (empty) empty.hidden = chosen.length > 0;
    this.put("[data-sum]", fill(sumText, { n: sum }));
    this.put("[data-rest]", rest < 0 ? fill(this.text.textShort, { n: -rest }) : fill(sumText, { n: rest }));
    this.find("[data-rest-row]")?.classList.toggle("is-short", rest < 0);
    if (stuck) this.say(fill(this.text.textUnit, { name: stuck.name }), false);
    const shown = this.find("[data-shown]");
    if (shown) shown.value = chosen.length > 0 ? "yes" : "";
    const confirm = this.find("[data-confirm]");
    if (!confirm) return;
    confirm.disabled = !(chosen.length > 0 && rest >= 0 && !stuck);
    confirm.textContent = chosen.length ? fill(this.text.textConfirm, { n: sum }) : this.text.textChoose;
  }
}

enhance("[data-till]", (root) => {
  const till = new Till(root);
  const refresh = () => root.isConnected && till.refresh();
  document.addEventListener("htmx:after:swap", refresh);
  document.addEventListener("virtue:good", (event) => till.scan(event));
});
