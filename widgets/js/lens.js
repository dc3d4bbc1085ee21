// The magnifier: a round part of the plane, three times as large, under the mouse or, where the
// mouse is elsewhere, at the crosshair.

import { pixelCentre, toPixel } from "./geometry.js";
import { renderer } from "./renderer.js";

const LENS_FACTOR = 3;
const LENS_RADIUS = 90; // CSS pixels

let lensCanvas = null;

/** Draw the magnifier of a pane into its picture. */
export function drawLens(pen, at, dense, pane) {
  const { view, layout } = pane;
  const radius = Math.min(LENS_RADIUS, 0.35 * Math.min(at.width, at.height));
  let [x, y] = pane.mouse || [0, 0];
  if (!pane.mouse) {
    if (view.active !== pane) return;
    const [right, down] = pixelCentre(layout, ...toPixel(layout, view.model.get("crosshair")));
    [x, y] = [at.left + right * at.scale, at.top + down * at.scale];
  }
  const centre = [(x - at.left) / at.scale, (y - at.top) / at.scale];
  const size = Math.round(2 * radius * dense);
  lensCanvas = lensCanvas || document.createElement("canvas");
  lensCanvas.width = size;
  lensCanvas.height = size;
  const inner = lensCanvas.getContext("2d");
  const near = { scale: at.scale * LENS_FACTOR, centre };
  renderer().draw(inner, size, size, pane.look(near, dense));
  pen.save();
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.save();
  pen.clip();
  pen.fillStyle = "#000";
  pen.fill();
  pen.drawImage(lensCanvas, x - radius, y - radius, 2 * radius, 2 * radius);
  pen.restore();
  for (const [style, width] of [["rgba(0,0,0,0.8)", 4], ["#f2f2f2", 1.5]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke();
  }
  pen.restore();
}
