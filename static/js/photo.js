/* A photo field: shows what was taken, and sends it no larger than it will be kept (slow networks, 1600 px).

   <label class="photo" data-photo><span data-photo-name>拍照</span><input type="file" name="photo"></label>
   Where the browser can't read the photo (HEIC on Android, say) its name is shown and it is sent as it is; the server
   scales and cleans it in any case. Without this module the plain file field stands there. */
import { enhance } from "./enhance.js";

const LONGEST = 1600;
const PREVIEW = 320;
const SMALL_ENOUGH = 600_000;

function drawn(bitmap, longest) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/* Puts a smaller copy into the field, unless another photo was chosen meanwhile. */
async function shrink(field, file, bitmap) {
  if (file.size <= SMALL_ENOUGH || Math.max(bitmap.width, bitmap.height) <= LONGEST) return;
  const blob = await new Promise((done) => drawn(bitmap, LONGEST).toBlob(done, "image/jpeg", 0.85));
  if (!blob || blob.size >= file.size || field.files[0] !== file) return;
  const files = new DataTransfer();
  files.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
  field.files = files.files;
}

enhance("[data-photo]", (label) => {
  const field = label.querySelector("input[type=file]");
  const name = label.querySelector("[data-photo-name]");
  const plain = name.textContent;
  label.classList.add("is-live");

  async function show() {
    const file = field.files[0];
    label.classList.toggle("has-file", Boolean(file));
    label.querySelector("canvas")?.remove();
    name.textContent = file ? file.name : plain;
    if (!file) return;
    try {
      const bitmap = await createImageBitmap(file);
      if (field.files[0] !== file) return;
      const preview = drawn(bitmap, PREVIEW);
      preview.className = "photo-preview";
      label.prepend(preview);
      await shrink(field, file, bitmap);
    } catch {
      // Not readable here, or no DataTransfer: sent as it is.
    }
  }

  field.addEventListener("change", show);
  // On a slow phone the photo may have been chosen before this module came.
  if (field.files[0]) show();
});
