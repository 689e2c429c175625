// A plot as PNG: the SVG file that the certifier serves is drawn here, at its own size, and saved. Nothing is
// sent.

import { api } from "./upload.js";

/** Draws an SVG text; the answer is a Blob of PNG. */
export async function drawn(svg) {
  const picture = new Image();
  // A data address: the page's policy loads pictures from nowhere else than here.
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("canvas"))), "image/png");
  });
}

for (const button of document.querySelectorAll(".png")) {
  const status = button.closest("section").querySelector("[role=status]");
  button.addEventListener("click", async () => {
    status.textContent = "";
    try {
      const blob = await drawn(await (await api(button.dataset.svg)).text());
      const link = document.createElement("a");
      link.download = button.dataset.name;
      link.href = URL.createObjectURL(blob);
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch {
      status.textContent = button.closest(".pictures").dataset.failed;
    }
  });
}
