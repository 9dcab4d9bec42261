/* Reading aloud with the browser's own voice: <button data-read="#id, #or-else" hidden> (macro read_aloud). The button shows itself
   only where there is a voice; pressed again it stops. Numbers and words are read as they stand on the page. */
import { enhance } from "./enhance.js";

const voice = window.speechSynthesis;

if (voice && "SpeechSynthesisUtterance" in window) {
  enhance("[data-read]", (button) => {
    const label = button.querySelector("[data-read-label]") || button;
    const word = label.textContent;
    const done = () => {
      label.textContent = word;
      button.removeAttribute("aria-pressed");
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      if (voice.speaking) {
        voice.cancel();
        done();
        return;
      }
      const source = button.dataset.read.split(",").map((one) => document.querySelector(one)).find(Boolean);
      if (!source) return;
      const utterance = new SpeechSynthesisUtterance(source.innerText.trim().replace(/\s*\n\s*/g, "。"));
      utterance.lang = document.documentElement.lang.startsWith("en") ? "en" : "zh-CN";
      utterance.rate = 0.85;
      utterance.onend = done;
      utterance.onerror = done;
      label.textContent = button.dataset.textStop || word;
      button.setAttribute("aria-pressed", "true");
      voice.speak(utterance);
    });
  });
  window.addEventListener("pagehide", () => voice.cancel());
}
