/* The till: tap goods, see the basket, choose the unit, confirm. Without scripts the same form works with its number fields
   and its submit button; this module only draws on top of them and never decides anything the server doesn't check.

   <form class="till" method="post" action="…" data-till
         data-balance-home="128" data-balance-civility="40"
         data-text-sum-home="{n} 家美积分" data-text-sum-civility="{n} 文明积分"
         data-text-confirm="确认兑换 {n} 分" data-text-choose="先选商品" data-text-short="还差 {n} 分"
         data-text-full="{name}只有 {n} 件了" data-text-unit="{name}不能用这种积分换"
         data-text-unknown="没有条码 {digits} 的商品">
     ul.goods
       li.good[data-good="12"][data-name="洗衣液 2kg"][data-price-home="22"][data-price-civility="22"][data-left="41"][data-ean="690…"]
               [data-group="日化"]                        (a price that doesn't exist: leave the attribute out)
         div.good-face  > span.good-pic, span.good-name, span.good-foot > span.good-price, span.good-left
         label.good-qty > input[type=number][name="qty-12"][min=0][max=41][value=0]
     [data-till-tabs]     buttons with data-group ("" shows all); hidden until this module runs
     [data-basket]        an empty ul.basket; its lines come from
       template[data-basket-line] holding li.basket-line with [data-line-name], [data-line-less], [data-line-count],
                           [data-line-more], [data-line-sum]
     [data-basket-empty]  what stands there while nothing is chosen
     input[type=radio][name=unit][value=home|civility]     (seg control)
     [data-sum] [data-rest] [data-rest-row]                total and what is left afterwards; p.sum and p.rest hide without scripts
     [data-scan-said]     p.scan-said[role=status]: why a tap or a scan was refused
     button[data-confirm]                                  says how much
   The form gets the class is-live; prices shown on the goods follow the unit through
   [data-price-text="{n} 分"] on span.good-price. A USB scanner's EAN adds one piece (`virtue:good`). */
import { clamp, payable, total } from "./basket.js";
import { enhance, fill } from "./enhance.js";
import { glow, no, yes } from "./beep.js";

const UNITS = ["home", "civility"];
const capital = (word) => word[0].toUpperCase() + word.slice(1);

function readGood(element) {
  const prices = {};
  for (const unit of UNITS) {
    const price = element.dataset[`price${capital(unit)}`];
    if (price) prices[unit] = Number(price);
  }
  const { good: id, name, left, ean = "", group = "" } = element.dataset;
  return { id, name, ean, group, prices, left: Number(left), element, field: element.querySelector(`[name="qty-${id}"]`) };
}

/* The tile becomes a real button, so that a finger, a key and a screen reader can press it. */
function makeTapable(good, onTap) {
  const face = good.element.querySelector(".good-face");
  if (!face) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "good-face";
  button.disabled = good.left < 1;
  button.append(...face.childNodes);
  face.replaceWith(button);
  const count = document.createElement("span");
  count.className = "good-count";
  good.element.append(count);
  good.count = count;
  button.addEventListener("click", onTap);
}

enhance("form[data-till]", (form) => {
  const goods = [...form.querySelectorAll("[data-good]")].map(readGood).filter((good) => good.field);
  const basket = form.querySelector("[data-basket]");
  const pattern = form.querySelector("template[data-basket-line]");
  const empty = form.querySelector("[data-basket-empty]");
  const confirm = form.querySelector("[data-confirm]");
  const text = form.dataset;
  const plainConfirm = confirm?.textContent;
  const lines = new Map();

  const countOf = (good) => clamp(good.field.value, good.left);
  const unitNow = () => form.querySelector("input[name=unit]:checked")?.value || "home";
  const say = (sentence, isYes) => {
    const said = form.querySelector("[data-scan-said]") || document.querySelector("[data-till-said]");
    if (!said) return;
    said.textContent = sentence;
    said.className = `scan-said ${isYes ? "is-yes" : "is-no"}`;
  };

  const refuse = (good, sentence) => {
    no();
    glow(good.element, false);
    say(sentence, false);
    return false;
  };

  const add = (good, step) => {
    const before = countOf(good);
    const wanted = Math.max(0, before + step);
    if (step > 0 && !payable(good, unitNow())) return refuse(good, fill(text.textUnit, { name: good.name }));
    if (wanted > good.left) return refuse(good, fill(text.textFull, { name: good.name, n: good.left }));
    good.field.value = wanted;
    say("", true);
    show();
    return true;
  };

  const lineOf = (good) => {
    const known = lines.get(good.id);
    if (known) return known;
    const line = pattern.content.firstElementChild.cloneNode(true);
    line.querySelector("[data-line-name]").textContent = good.name;
    for (const [part, step] of [["less", -1], ["more", 1]]) {
      const button = line.querySelector(`[data-line-${part}]`);
      button.setAttribute("aria-label", `${button.getAttribute("aria-label") || ""} ${good.name}`.trim());
      button.addEventListener("click", () => {
        add(good, step);
        if (!line.isConnected) basket.querySelector("button")?.focus();
      });
    }
    lines.set(good.id, line);
    return line;
  };

  const showGoods = (unit) => {
    for (const good of goods) {
      const count = countOf(good);
      good.element.classList.toggle("in-basket", count > 0);
      good.element.classList.toggle("is-off", !payable(good, unit));
      if (good.count) good.count.textContent = count || "";
      const price = good.element.querySelector("[data-price-text]");
      if (price && payable(good, unit)) price.textContent = fill(price.dataset.priceText, { n: good.prices[unit] });
      if (price) {
        price.classList.toggle("is-home", unit === "home");
        price.classList.toggle("is-civility", unit === "civility");
      }
      const line = count > 0 ? lineOf(good) : lines.get(good.id);
      if (!line) continue;
      if (count === 0) {
        line.remove();
        lines.delete(good.id);
        continue;
      }
      line.querySelector("[data-line-count]").textContent = count;
      line.querySelector("[data-line-sum]").textContent = payable(good, unit) ? count * good.prices[unit] : "—";
      if (!line.isConnected) basket.append(line);
    }
  };

  const show = () => {
    const unit = unitNow();
    const counts = new Map(goods.map((good) => [good.id, countOf(good)]));
    const chosen = goods.filter((good) => counts.get(good.id) > 0);
    const sum = total(goods, counts, unit);
    const rest = Number(text[`balance${capital(unit)}`] || 0) - sum;
    showGoods(unit);
    if (empty) empty.hidden = chosen.length > 0;
    const sumText = text[`textSum${capital(unit)}`];
    const put = (selector, value) => {
      const place = form.querySelector(selector);
      if (place) place.textContent = value;
      return place;
    };
    put("[data-sum]", fill(sumText, { n: sum }));
    put("[data-rest]", rest < 0 ? fill(text.textShort, { n: -rest }) : fill(sumText, { n: rest }));
    form.querySelector("[data-rest-row]")?.classList.toggle("is-short", rest < 0);
    const stuck = chosen.find((good) => !payable(good, unit));
    if (stuck) say(fill(text.textUnit, { name: stuck.name }), false);
    if (!confirm) return;
    const ready = chosen.length > 0 && rest >= 0 && !stuck;
    confirm.disabled = !ready;
    confirm.textContent = chosen.length ? fill(text.textConfirm || plainConfirm, { n: sum }) : text.textChoose || plainConfirm;
  };

  form.classList.add("is-live");
  for (const good of goods) makeTapable(good, () => add(good, 1));
  form.addEventListener("input", show);
  form.addEventListener("change", show);

  const tabs = form.querySelector("[data-till-tabs]");
  if (tabs) {
    tabs.hidden = false;
    tabs.addEventListener("click", (event) => {
      const tab = event.target.closest("button[data-group]");
      if (!tab) return;
      for (const other of tabs.querySelectorAll("button[data-group]")) other.setAttribute("aria-pressed", String(other === tab));
      for (const good of goods) good.element.hidden = Boolean(tab.dataset.group) && good.group !== tab.dataset.group;
    });
  }

  document.addEventListener("virtue:good", (event) => {
    if (!form.isConnected) return;
    event.preventDefault();
    const good = goods.find((one) => one.ean === event.detail.digits);
    if (!good) {
      no();
      say(fill(text.textUnknown || "{digits}", event.detail), false);
    } else if (add(good, 1)) {
      yes();
      glow(good.element, true);
    }
  });
  show();
});
