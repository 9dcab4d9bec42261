/* The award page: the button says what it will do. Without this module the page works the same, with a plainer button.

   <form data-award data-text="加 {points} 分 · 下一户" data-text-quantity="加 {points} 分（{quantity} × {each}） · 下一户"
         data-text-propose="申报 {points} 分 · 下一户" data-text-none="先选一项细则">
     <label class="tile"><input type="radio" name="rule" value="ID" required
        data-points="2" [data-propose] [data-quantity] [data-left="6"]> <span class="tile-face">…</span></label>
     <div data-award-quantity hidden>  <input type="number" name="quantity" value="1">  </div>   (optional)
     <label class="check" data-award-consent> <input type="checkbox" name="home_consent" value="1"> … </label>   (optional)
     <label class="photo" data-photo data-text-needed="这一项要拍照"> … </label>   (macros/photo.html)
     <button class="btn btn-primary btn-big" data-award-submit>加分</button>
   data-propose: the deed is only proposed (review follows). data-quantity: points are each; the quantity field shows
   itself for such rules. data-left: what the cap still allows; the sum is cut to it, as the server does. data-consent: the
   householder's tick shows itself. data-evidence="photo": the photo's label says that one is needed. */
import { glow, no, yes } from "./beep.js";
import { enhance, fill } from "./enhance.js";

/* What the answer says in words is also heard and seen: a wrong card low and red, a done entry bright and green. */
enhance("#award :is(.field-error, .form-error)", (error) => {
  no();
  glow(error.closest(".scan, .field") || error, false);
});
enhance("#award [data-sound=yes]", (done) => {
  yes();
  glow(done, true);
});

enhance("form[data-award]", (form) => {
  const button = form.querySelector("[data-award-submit]");
  const quantityBox = form.querySelector("[data-award-quantity]");
  const quantityField = quantityBox?.querySelector("input");
  const consent = form.querySelector("[data-award-consent]");
  const photo = form.querySelector("[data-photo]");
  const photoName = photo?.querySelector("[data-photo-name]");
  const photoPlain = photoName?.textContent;
  const plain = button?.textContent;

  const show = () => {
    const rule = form.querySelector("input[name=rule]:checked");
    const counts = Boolean(rule && "quantity" in rule.dataset);
    if (quantityBox) quantityBox.hidden = !counts;
    if (consent) consent.hidden = !(rule && "consent" in rule.dataset);
    if (photo && !photo.classList.contains("has-file")) {
      photoName.textContent = rule?.dataset.evidence === "photo" ? photo.dataset.textNeeded || photoPlain : photoPlain;
    }
    if (!button) return;
    if (!rule || !rule.dataset.points) {
      button.textContent = rule ? plain : form.dataset.textNone || plain;
      return;
    }
    const each = Number(rule.dataset.points);
    const quantity = counts ? Math.max(1, Math.floor(Number(quantityField?.value)) || 1) : 1;
    const left = "left" in rule.dataset ? Number(rule.dataset.left) : Infinity;
    const values = { points: Math.min(each * quantity, left), each, quantity };
    const pick = "propose" in rule.dataset ? form.dataset.textPropose : quantity > 1 ? form.dataset.textQuantity : "";
    button.textContent = fill(pick || form.dataset.text || plain, values);
  };

  form.addEventListener("change", show);
  form.addEventListener("input", show);
  show();
});
