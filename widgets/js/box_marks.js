// Boxes over the picture: outlines of voxel edges, with a label; what is lit stands out.

import { boxOutline } from "./geometry.js";

const LABEL_LENGTH = 80;

/** Draw the boxes that a pane's plane crosses. */
export function drawBoxes(pen, at, pane) {
  const { view, layout } = pane;
  const lit = new Set(view.lit.addresses || []);
  const all = [...view.model.get("boxes"), ...(view.lit.boxes || [])];
  const here = all.filter(({ box }) => box[layout.axis][0] <= pane.index
    && pane.index < box[layout.axis][1]);
  // the lit ones last, on top
  here.sort((a, b) => lit.has(a.address) - lit.has(b.address));
  for (const one of here) outline(pen, at, layout, one, lit.has(one.address));
}

function outline(pen, at, layout, one, shines) {
  const corners = boxOutline(layout, one.box).map(([right, down]) => [
    at.left + right * at.scale, at.top + down * at.scale]);
  const color = shines ? "#ffb000" : one.color;
  pen.save();
  for (const [style, width] of [["rgba(0,0,0,0.75)", shines ? 5 : 4], [color, shines ? 3 : 2]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.setLineDash(one.dashed ? [7, 5] : []);
    pen.beginPath();
    corners.forEach(([x, y], k) => (k ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.closePath();
    pen.stroke();
  }
  pen.restore();
  if (!one.label) return;
  const left = Math.max(4, Math.min(...corners.map(([x]) => x)));
  const top = Math.min(...corners.map(([, y]) => y));
  const bottom = Math.max(...corners.map(([, y]) => y));
  const above = top > 22;
  pen.font = '600 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
  pen.textAlign = "left";
  pen.textBaseline = above ? "bottom" : "top";
  const room = Math.max(60, at.width - left - 4);
  const text = fitted(pen, one.label, room);
  const y = above ? top - 4 : bottom + 4;
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = "rgba(0,0,0,0.85)";
  pen.strokeText(text, left, y);
  pen.fillStyle = shines ? "#ffb000" : "#f2f2f2";
  pen.fillText(text, left, y);
}

// as much of a text as there is room for
function fitted(pen, whole, room) {
  let text = whole.slice(0, LABEL_LENGTH);
  const cut = () => (text.length < whole.length ? `${text}…` : text);
  while (text.length > 1 && pen.measureText(cut()).width > room) text = text.slice(0, -1);
  return cut();
}
