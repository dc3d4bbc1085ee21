// What is drawn over the picture: crosshair, orientation, scale, slice.

import { pixelCentre, roundLength, toPixel } from "./geometry.js";

const GOLD = "#ffd27a";
const WHITE = "#f2f2f2";

/** Draw the marks of a pane whose picture lies at `at` (from `place`). */
export function decorate(pen, at, pane) {
  const { view, layout } = pane;
  const large = at.width > 420;
  const size = large ? 13 : 11;
  if (view.crossing) {
    const [row, col] = toPixel(layout, view.model.get("crosshair"));
    cross(pen, at, pixelCentre(layout, row, col));
  }
  const write = (text, x, y, align, base, color = WHITE, weight = 400) => {
    pen.font = `${weight} ${size}px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif`;
    pen.textAlign = align;
    pen.textBaseline = base;
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = "rgba(0,0,0,0.85)";
    pen.strokeText(text, x, y);
    pen.fillStyle = color;
    pen.fillText(text, x, y);
  };
  const [left, right, top, bottom] = layout.marks;
  write(left, 8, at.height / 2, "left", "middle", GOLD, 600);
  write(right, at.width - 8, at.height / 2, "right", "middle", GOLD, 600);
  write(top, at.width / 2, 7, "center", "top", GOLD, 600);
  write(bottom, at.width / 2, at.height - 7, "center", "bottom", GOLD, 600);
  if (layout.name !== "plane") {
    const coming = pane.shownIndex !== undefined && pane.shownIndex !== pane.index;
    const slice = `${"zyx"[layout.axis]} ${pane.index} / ${layout.count - 1}`;
    write(pane.title, 8, 7, "left", "top", WHITE, 600);
    write(coming ? `${slice} …` : slice, 8, 9 + size, "left", "top");
    if (layout.tilt >= 1) {
      write(`oblique ${layout.tilt.toFixed(0)}°`, 8, 11 + 2 * size, "left", "top");
    }
  }
  if (large) {
    write(view.windowText("window", "level"), at.width - 8, 7, "right", "top");
    if (view.layers.fused && !view.layers.hidden) {
      write(view.windowText("fused_window", "fused_level", "second "), at.width - 8, 9 + size,
        "right", "top");
    }
  }
  if (pane.zoom !== 1) {
    write(`${Math.round(pane.zoom * 100)} %`, at.width - 8, at.height - 7, "right", "bottom");
  }
  scaleBar(pen, at, size, write);
}

function cross(pen, at, [right, down]) {
  const x = Math.round(at.left + right * at.scale) + 0.5;
  const y = Math.round(at.top + down * at.scale) + 0.5;
  const gap = 9;
  for (const [color, width] of [["rgba(0,0,0,0.55)", 3], ["#56c8ff", 1]]) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.beginPath();
    for (const [x0, y0, x1, y1] of [[0, y, x - gap, y], [x + gap, y, at.width, y],
      [x, 0, x, y - gap], [x, y + gap, x, at.height]]) {
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
    }
    pen.stroke();
  }
}

function scaleBar(pen, at, size, write) {
  const length = roundLength(Math.min(at.width * 0.3, 160) / at.scale);
  const [x, y] = [10.5, at.height - 10.5];
  const end = x + length * at.scale;
  for (const [color, width] of [["rgba(0,0,0,0.85)", 4], ["#f2f2f2", 1.5]]) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(x, y - 5);
    pen.lineTo(x, y);
    pen.lineTo(end, y);
    pen.lineTo(end, y - 5);
    pen.stroke();
  }
  const text = length >= 10 ? `${length / 10} cm` : `${length} mm`;
  write(text, x, y - 5 - size / 2, "left", "bottom");
}
