/* Two sounds without a file: a bright one for yes, a low one for no. Silent where the browser forbids sound. */
let audio = null;

function tone(frequency, start, length, kind) {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.type = kind;
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.18, audio.currentTime + start);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + start + length);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(audio.currentTime + start);
  oscillator.stop(audio.currentTime + start + length);
}

function play(tones) {
  const Context = window.AudioContext || window.webkitAudioContext;
  // Before the first touch a browser keeps quiet, and would play it late, out of the blue.
  if (!Context || navigator.userActivation?.hasBeenActive === false) return;
  try {
    audio ||= new Context();
    if (audio.state === "suspended") audio.resume().catch(() => {});
    tones.forEach((one) => tone(...one));
  } catch {
    audio = null;
  }
}

export const yes = () => play([[880, 0, 0.12, "sine"], [1320, 0.1, 0.18, "sine"]]);
export const no = () => play([[220, 0, 0.18, "square"], [165, 0.2, 0.3, "square"]]);

/* Colour for the eye: the element glows green or red for a moment. */
export function glow(element, isYes) {
  if (!element) return;
  const name = isYes ? "flash-yes" : "flash-no";
  element.classList.remove("flash-yes", "flash-no");
  void element.offsetWidth; // lets the same colour glow a second time
  element.classList.add(name);
  setTimeout(() => element.classList.remove(name), 800);
}
