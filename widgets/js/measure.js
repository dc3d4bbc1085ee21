// Distances, ellipses and boxes that people draw. Python measures; what is said while the mouse
// moves is worked out here, from the same millimetres.

import { plain } from "./element.js";
import { fractionAt, fractionPlace, toPixel, toVoxel } from "./geometry.js";

export const MEASURES = ["distance", "ellipse", "box"];
const REACH = 9; // CSS pixels within which a handle is taken

/** One line that says what was measured. */
export function measureText({ kind, values, units, length }) {
  if (kind === "distance") return `${plain(values.length_mm)} ${length}`;
  const said = [`${plain(values.area_mm2)} ${length}²`];
  if (values.mean !== undefined && values.mean !== null) {
    const unit = units ? ` ${units}` : "";
    said.push(`mean ${plain(values.mean)}${unit}, SD ${plain(values.sd)}`,
      `${plain(values.min)} … ${plain(values.max)}${unit}`, `${values.pixels} pixels`);
  }
  return said.join(" · ");
}

/** Draw the measurements of a pane's plane, and the one that is being drawn. */
export function drawMeasures(pen, at, pane) {
  const { view, layout } = pane;
  const { drawing: drawn, chosen } = view.measures;
  for (const one of view.model.get("measurements")) {
    if (one.plane !== layout.name || one.index !== pane.index
      || one.time !== view.model.get("time") || (drawn && drawn.id === one.id)) continue;
    figure(pen, at, layout, one.kind, one.voxel, measureText(one),
      one.id === chosen ? "#ffb000" : "#7dd3fc");
  }
  if (drawn && drawn.plane === layout.name) {
    const { units, length } = view.image;
    const text = measureText({ kind: drawn.kind, values: drawn.values || sizes(pane, drawn), units,
      length });
    figure(pen, at, layout, drawn.kind, drawn.voxel, text, "#ffb000");
  }
}

// what can be said without the values
function sizes(pane, { kind, voxel }) {
  const [[x0, y0], [x1, y1]] = voxel.map((one) => fractionPlace(pane.layout,
    ...toPixel(pane.layout, one)));
  if (kind === "distance") return { length_mm: Math.hypot(x1 - x0, y1 - y0) };
  const area = Math.abs((x1 - x0) * (y1 - y0));
  return { area_mm2: kind === "ellipse" ? (area * Math.PI) / 4 : area };
}

function onScreen(at, layout, voxel) {
  const [right, down] = fractionPlace(layout, ...toPixel(layout, voxel));
  return [at.left + right * at.scale, at.top + down * at.scale];
}

function figure(pen, at, layout, kind, ends, text, color) {
  const [[x0, y0], [x1, y1]] = ends.map((one) => onScreen(at, layout, one));
  for (const [style, width] of [["rgba(0,0,0,0.8)", 4], [color, 1.75]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.beginPath();
    if (kind === "distance") {
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
    } else if (kind === "box") pen.rect(x0, y0, x1 - x0, y1 - y0);
    else {
      pen.ellipse((x0 + x1) / 2, (y0 + y1) / 2, Math.abs(x1 - x0) / 2, Math.abs(y1 - y0) / 2, 0, 0,
        2 * Math.PI);
    }
    pen.stroke();
    for (const [x, y] of [[x0, y0], [x1, y1]]) {
      pen.beginPath();
      pen.arc(x, y, 3.5, 0, 2 * Math.PI);
      pen.stroke();
    }
  }
  pen.font = '600 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
  pen.textBaseline = "top";
  pen.textAlign = "left";
  const lines = text.split(" · ");
  const wide = Math.max(...lines.map((line) => pen.measureText(line).width));
  const x = Math.max(4, Math.min(Math.max(x0, x1) + 8, at.width - wide - 6));
  const y = Math.max(4, Math.min(Math.max(y0, y1) + 4, at.height - 16 * lines.length - 20));
  lines.forEach((line, k) => {
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = "rgba(0,0,0,0.85)";
    pen.strokeText(line, x, y + 15 * k);
    pen.fillStyle = "#f2f2f2";
    pen.fillText(line, x, y + 15 * k);
  });
}

function underMouse(pane, event) {
  const { right, down } = pane.under(event);
  return toVoxel(pane.layout, ...fractionAt(pane.layout, right, down), pane.index);
}

// the end of a measurement of this plane that lies under the mouse
function handleAt(pane, event) {
  const box = pane.canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const at = pane.place();
  for (const one of pane.view.model.get("measurements")) {
    if (one.plane !== pane.layout.name || one.index !== pane.index) continue;
    for (const end of [0, 1]) {
      const [hx, hy] = onScreen(at, pane.layout, one.voxel[end]);
      if (Math.hypot(hx - x, hy - y) <= REACH) return { one, end };
    }
  }
  return null;
}

/** What a press with a measuring tool does: a drag and an end of it. */
export function measuring(pane, event, kind) {
  const { view } = pane;
  const held = handleAt(pane, event);
  const here = underMouse(pane, event);
  const ends = held ? held.one.voxel.map((one) => [...one]) : [here, [...here]];
  const end = held ? held.end : 1;
  const tool = view.measures;
  tool.drawing = { mouse: true, id: held ? held.one.id : null, kind: held ? held.one.kind : kind,
    plane: pane.layout.name, time: view.model.get("time"), voxel: ends };
  if (held) tool.chosen = held.one.id;
  const before = [event.clientX, event.clientY];
  let moved = false;
  return {
    drag: (now) => {
      if (!tool.drawing) return; // Escape gave it up
      moved = moved || Math.hypot(now.clientX - before[0], now.clientY - before[1]) > 3;
      tool.drawing.voxel[end] = underMouse(pane, now);
      tool.drawing.values = null;
      if (moved && tool.drawing.kind !== "distance") tool.prober.ask();
      pane.draw();
    },
    end: (last) => {
      const done = tool.drawing;
      tool.drawing = null;
      if (done && moved && last.type === "pointerup") tool.send(done);
      view.redraw();
    },
  };
}

/** Ask Python for the values of what is being drawn: one question at a time. */
export class Prober {
  constructor(tool) {
    this.tool = tool;
    this.count = 0;
    this.open = false;
    this.again = false;
  }

  ask() {
    const { drawing, view } = this.tool;
    if (!drawing) return;
    if (this.open && Date.now() - this.since < 3000) {
      this.again = true;
      return;
    }
    this.count += 1;
    [this.open, this.again, this.since] = [true, false, Date.now()];
    view.send({ kind: "probe", n: this.count, shape: drawing.kind, plane: drawing.plane,
      time: drawing.time, ends: drawing.voxel });
  }

  answer({ n, values }) {
    if (n !== this.count) return;
    this.open = false;
    if (this.again) this.ask();
    else if (this.tool.drawing) {
      this.tool.drawing.values = values;
      this.tool.view.panes.forEach((pane) => pane.draw());
    }
  }
}
