// A picture of the view as it is: all planes with their marks, as a PNG.

/** The planes on one canvas, as they lie on the page; resolves to a Blob. */
export async function shotOf(view) {
  view.panes.forEach((pane) => pane.paint());
  const shown = view.panes.filter((pane) => pane.canvas.clientWidth > 1);
  const boxes = shown.map((pane) => pane.canvas.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.right));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  const dense = window.devicePixelRatio || 1;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round((right - left) * dense);
  canvas.height = Math.round((bottom - top) * dense);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  shown.forEach((pane, k) => pen.drawImage(pane.canvas,
    Math.round((boxes[k].left - left) * dense), Math.round((boxes[k].top - top) * dense)));
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

/** Let the browser save a picture of the view. */
export async function saveShot(view) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await shotOf(view));
  link.download = "slices.png";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Send a picture of the view to Python. */
export async function sendShot(view, n) {
  const bytes = await (await shotOf(view)).arrayBuffer();
  view.model.send({ kind: "shot", n }, undefined, [bytes]);
}
