/* Reading a card's QR code with the live camera, or from a photo (which also works on plain http).

   Markup: macro scan_fields() in templates/macros/qr.html. Inside one .scan box:
     [data-camera]        the tools, shown by this module; carries the sentences as data-text-*
     [data-camera-start], [data-camera-stop], [data-camera-view], [data-camera-video]
     [data-camera-file]   a file field without a name: the photo never leaves the phone
     [data-scan-said]     what was found or not, read out by a screen reader
   What is found goes the scanner's way (`virtue:card`, else into the [data-scan] field, whose form is sent).
   BarcodeDetector is used where there is one; else the vendored decoder is loaded, once, on first use. */
import { digitsOf, isCard } from "./code.js";
import { no, glow, yes } from "./beep.js";
import { enhance } from "./enhance.js";

const DECODER = "../vendor/qr-0.7.0.min.js";
const FRAME_SIDE = 720;
const PHOTO_SIDES = [1280, 2000, 800, 2800];
let reader = null;

/* A function canvas -> text or "". */
async function makeReader() {
  if ("BarcodeDetector" in window) {
    try {
      const formats = await window.BarcodeDetector.getSupportedFormats();
      if (formats.includes("qr_code")) {
        const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
        return async (canvas) => (await detector.detect(canvas))[0]?.rawValue || "";
      }
    } catch {
      // a detector in name only: take our own
    }
  }
  const { decodeQR } = await import(DECODER);
  return async (canvas) => {
    try {
      return decodeQR(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return "";
    }
  };
}

const getReader = () => (reader ||= makeReader());

/* Draw a picture so that its longer side is at most `side`. */
function drawn(source, width, height, side, canvas = document.createElement("canvas")) {
  const scale = Math.min(1, side / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/* The text of the first QR code in an image file, or "". Several sizes: a sharp code wants many pixels, a noisy one few. */
export async function readPhoto(file) {
  const read = await getReader();
  const picture = await createImageBitmap(file);
  try {
    for (const side of PHOTO_SIDES) {
      const text = await read(drawn(picture, picture.width, picture.height, side));
      if (text) return text;
      if (Math.max(picture.width, picture.height) <= side && side !== PHOTO_SIDES[0]) break;
    }
    return "";
  } finally {
    picture.close();
  }
}

function deliver(box, digits, source) {
  const event = new CustomEvent("virtue:card", { bubbles: true, cancelable: true, detail: { digits, source } });
  yes();
  if (!document.dispatchEvent(event)) return;
  const field = box.querySelector("[data-scan]");
  if (!field) return;
  field.value = digits;
  glow(field, true);
  if (field.form) field.form.requestSubmit();
}

enhance("[data-camera]", (tools) => {
  const box = tools.closest(".scan") || tools.parentElement;
  const [start, stop, view, video, file] = ["start", "stop", "view", "video", "file"].map((name) => box.querySelector(`[data-camera-${name}]`));
  const said = box.querySelector("[data-scan-said]");
  const text = tools.dataset;
  let stream = null;

  const say = (sentence, kind = "") => {
    if (!said) return;
    said.textContent = sentence;
    said.className = `scan-said ${kind}`;
  };

  const close = () => {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    if (video) video.srcObject = null;
    if (view) view.hidden = true;
    if (start) start.hidden = false;
    if (stop) stop.hidden = true;
  };

  const take = (found, source) => {
    const digits = digitsOf(found);
    if (!isCard(digits)) {
      say(text.textWrong, "is-no");
      return false;
    }
    say(text.textFound, "is-yes");
    close();
    deliver(box, digits, source);
    return true;
  };

  const look = async () => {
    const read = await getReader();
    const canvas = document.createElement("canvas");
    const mine = stream;
    while (stream && stream === mine && box.isConnected) {
      if (video.readyState >= 2 && video.videoWidth) {
        const found = await read(drawn(video, video.videoWidth, video.videoHeight, FRAME_SIDE, canvas));
        if (found && stream === mine && take(found, "camera")) return;
      }
      await new Promise((resolve) => { setTimeout(resolve, 120); });
    }
    if (!box.isConnected) close();
  };

  const canStream = Boolean(navigator.mediaDevices?.getUserMedia && start && video);
  if (start) start.hidden = !canStream;
  tools.hidden = false;

  start?.addEventListener("click", async () => {
    try {
      const wanted = { video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false };
      stream = await navigator.mediaDevices.getUserMedia(wanted);
    } catch {
      say(text.textDenied, "is-no");
      return;
    }
    say("");
    start.hidden = true;
    if (stop) {
      stop.hidden = false;
      stop.focus();
    }
    view.hidden = false;
    video.srcObject = stream;
    await video.play().catch(() => {});
    look();
  });
  stop?.addEventListener("click", () => {
    close();
    start.focus();
  });
  window.addEventListener("pagehide", close);

  file?.addEventListener("change", async () => {
    const photo = file.files[0];
    if (!photo) return;
    say(text.textReading);
    let found = "";
    try {
      found = await readPhoto(photo);
    } catch {
      // not a picture: the sentence below says what to do
    }
    file.value = "";
    if (!found) say(text.textNone, "is-no");
    if (!found || !take(found, "photo")) {
      no();
      glow(box, false);
    }
  });
});
