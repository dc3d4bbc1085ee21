// Contours over the picture: lines in the plane that they were drawn on, squares where they cross.

import { fractionPlace } from "./geometry.js";

/** Draw the contours of a pane's plane. */
export function drawContours(pen, at, pane) {
  const about = pane.view.layers.contours;
  const part = about && pane.entry ? pane.entry.layers.get(about.key) : null;
  if (!part || pane.shownIndex !== pane.index) return;
  let from = 0;
  for (const [k, count, crosses] of part.about.lines) {
    const style = about.styles[k];
    const points = [];
    for (let i = from; i < from + count; i++) {
      const [right, down] = fractionPlace(pane.layout, part.data[2 * i], part.data[2 * i + 1]);
      points.push([at.left + right * at.scale, at.top + down * at.scale]);
    }
    from += count;
    if (crosses) squares(pen, points, style.color);
    else polyline(pen, points, style);
    if (!crosses && style.label) name(pen, points, style.label);
  }
}

function polyline(pen, points, { color, closed }) {
  for (const [style, width] of [["rgba(0,0,0,0.75)", 3.5], [color, 1.75]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.lineJoin = "round";
    pen.beginPath();
    points.forEach(([x, y], k) => (k ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    if (closed) pen.closePath();
    pen.stroke();
  }
}

function squares(pen, points, color) {
  for (const [x, y] of points) {
    pen.fillStyle = "rgba(0,0,0,0.75)";
    pen.fillRect(x - 2.5, y - 2.5, 5, 5);
    pen.fillStyle = color;
    pen.fillRect(x - 1.5, y - 1.5, 3, 3);
  }
}

function name(pen, points, label) {
  const [x, y] = points.reduce((best, one) => (one[1] < best[1] ? one : best));
  pen.font = '600 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
  pen.textAlign = "center";
  pen.textBaseline = "bottom";
  pen.lineWidth = 3;
  pen.strokeStyle = "rgba(0,0,0,0.85)";
  const text = label.length > 60 ? `${label.slice(0, 60)}…` : label;
  pen.strokeText(text, x, y - 4);
  pen.fillStyle = "#f2f2f2";
  pen.fillText(text, x, y - 4);
}
