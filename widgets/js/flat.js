// A picture of values on a canvas: grey scale or colours, outlines, marks, zoom.

import { element } from "./element.js";
import { roundLength } from "./geometry.js";

const FREE = 6; // CSS pixels around a picture that just fits
const INK = "#f2f2f2";
const GOLD = "#ffd27a";
const LIT = "#ffb000";
const FACE = 'px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

export class FlatPicture {
  /** `over(pen, at, picture)` draws on top; `look()` gives window, level, invert and table. */
  constructor({ name, label, look, over }) {
    this.name = name;
    this.look = look;
    this.over = over;
    this.zoom = 1;
    this.pan = [0, 0];
    this.plane = null;
    this.canvas = element("canvas", { className: "onco-flat-canvas", tabIndex: 0, role: "img",
      "aria-label": label, "data-pane": name });
    this.note = element("div", { className: "onco-flat-note", role: "status", hidden: true });
    this.root = element("div", { className: "onco-flat", "data-pane": name }, [this.canvas, this.note]);
    this.buffer = document.createElement("canvas");
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.canvas);
    this.state("loading");
  }

  close() {
    this.watch.disconnect();
    this.root.remove();
  }

  state(kind, text = "") {
    this.root.dataset.state = kind;
    this.note.hidden = kind !== "error";
    this.note.textContent = kind === "error" ? text : "";
  }

  /** plane: {rows, cols, step, values, outlines: [{name, color, box, bits, lit}], marks, title}. */
  show(plane) {
    this.plane = plane;
    this.painted = "";
    plane.outlines.forEach((one) => { one.path = outline(one); });
    this.draw();
    this.state("ready");
  }

  reset() {
    this.zoom = 1;
    this.pan = [0, 0];
    this.draw();
  }

  zoomBy(factor) {
    this.zoom = Math.max(0.25, Math.min(20, this.zoom * factor));
    this.draw();
  }

  /** Where the picture lies: CSS pixels of its corner, and of a millimetre. */
  place() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const { rows, cols, step } = this.plane;
    const fit = Math.min((width - 2 * FREE) / (cols * step), (height - 2 * FREE) / (rows * step));
    const scale = Math.max(fit, 1e-6) * this.zoom;
    return { width, height, scale, step,
      left: width / 2 - (scale * cols * step) / 2 + this.pan[0],
      top: height / 2 - (scale * rows * step) / 2 + this.pan[1] };
  }

  /** Fractional pixel [row, column], the middle of the first one being 0, under the mouse. */
  pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = this.place();
    return [(event.clientY - box.top - at.top) / at.scale / at.step - 0.5,
      (event.clientX - box.left - at.left) / at.scale / at.step - 0.5];
  }

  within([row, col]) {
    return row > -0.5 && col > -0.5 && row < this.plane.rows - 0.5 && col < this.plane.cols - 0.5;
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!this.plane || !width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, width, height);
    this.paint();
    const at = this.place();
    const { rows, cols, step } = this.plane;
    pen.imageSmoothingEnabled = true; // the values are interpolated already
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.buffer, at.left, at.top, cols * step * at.scale, rows * step * at.scale);
    this.plane.outlines.forEach((one) => this.line(pen, at, one));
    this.marks(pen, at);
    this.over(pen, at, this);
  }

  line(pen, at, one) {
    const size = at.scale * at.step;
    pen.save();
    pen.translate(at.left, at.top);
    pen.scale(size, size);
    for (const [color, width] of one.lit ? [["#000", 5], [LIT, 3]] : [[one.color, 1.5]]) {
      pen.strokeStyle = color;
      pen.lineWidth = width / size;
      pen.stroke(one.path);
    }
    pen.restore();
  }

  /** Values to colours; only when the values or the look changed. */
  paint() {
    const look = this.look();
    const key = JSON.stringify([look.window, look.level, look.invert, look.name]);
    if (key === this.painted) return;
    this.painted = key;
    const { rows, cols, values } = this.plane;
    this.buffer.width = cols;
    this.buffer.height = rows;
    const pen = this.buffer.getContext("2d");
    const image = pen.createImageData(cols, rows);
    const words = new Uint32Array(image.data.buffer);
    const table = colours(look);
    const scale = 255 / look.window;
    const low = look.level - look.window / 2;
    for (let k = 0; k < values.length; k++) {
      const v = values[k];
      // what was never taken is no black tissue
      words[k] = v === v ? table[Math.max(0, Math.min(255, Math.round((v - low) * scale)))]
        : 0xff201d1a;
    }
    pen.putImageData(image, 0, 0);
  }

  text(pen, words, x, y, align, base, color = INK, size = 12) {
    pen.font = `600 ${size}${FACE}`;
    pen.textAlign = align;
    pen.textBaseline = base;
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = "rgba(0,0,0,0.85)";
    pen.strokeText(words, x, y);
    pen.fillStyle = color;
    pen.fillText(words, x, y);
  }

  marks(pen, at) {
    const { width, height } = at;
    const [left, right, top, bottom] = this.plane.marks;
    this.text(pen, left, 8, height / 2, "left", "middle", GOLD, 13);
    this.text(pen, right, width - 8, height / 2, "right", "middle", GOLD, 13);
    this.text(pen, top, width / 2, 7, "center", "top", GOLD, 13);
    this.text(pen, bottom, width / 2, height - 7, "center", "bottom", GOLD, 13);
    (this.plane.title || []).forEach((words, k) => {
      this.text(pen, words, 8, 7 + 15 * k, "left", "top", k ? GOLD : INK);
    });
    const length = roundLength(Math.min(width * 0.3, 160) / at.scale);
    const [x, y] = [10.5, height - 10.5];
    const end = x + length * at.scale;
    for (const [color, wide] of [["rgba(0,0,0,0.85)", 4], [INK, 1.5]]) {
      stroke(pen, color, wide, [[x, y - 5, x, y], [x, y, end, y], [end, y, end, y - 5]]);
    }
    this.text(pen, length >= 10 ? `${length / 10} cm` : `${length} mm`, x, y - 8, "left", "bottom",
      INK, 11);
  }

  /** A place in pixels as CSS pixels of the canvas. */
  screen(at, [row, col]) {
    return [at.left + (col + 0.5) * at.step * at.scale, at.top + (row + 0.5) * at.step * at.scale];
  }

  cross(pen, at, pixel) {
    const [x, y] = this.screen(at, pixel);
    const gap = 9;
    for (const [color, width] of [["rgba(0,0,0,0.55)", 3], ["#56c8ff", 1]]) {
      stroke(pen, color, width, [[0, y, x - gap, y], [x + gap, y, at.width, y],
        [x, 0, x, y - gap], [x, y + gap, x, at.height]]);
    }
  }
}

/** Lines [x0, y0, x1, y1] in CSS pixels. */
export function stroke(pen, color, width, lines) {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.beginPath();
  for (const [x0, y0, x1, y1] of lines) {
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
  }
  pen.stroke();
}

let lastTable = { key: "", words: null };

function colours(look) {
  const key = `${look.name} ${look.invert}`;
  if (lastTable.key === key) return lastTable.words;
  const words = new Uint32Array(256);
  for (let k = 0; k < 256; k++) {
    const n = look.invert ? 255 - k : k;
    const [r, g, b] = look.table.length ? look.table.slice(3 * n, 3 * n + 3) : [n, n, n];
    words[k] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  lastTable = { key, words };
  return words;
}

/** The border of a mask, along the sides of its pixels; the box is [r0, r1, c0, c1]. */
function outline({ box: [r0, r1, c0, c1], bits }) {
  const wide = Math.ceil((c1 - c0) / 8);
  const inside = (row, col) => row >= r0 && row < r1 && col >= c0 && col < c1
    && ((bits[(row - r0) * wide + ((col - c0) >> 3)] >> ((col - c0) & 7)) & 1) === 1;
  const path = new Path2D();
  for (let row = r0; row <= r1; row++) {
    for (let col = c0; col <= c1; col++) {
      const here = inside(row, col);
      if (here !== inside(row, col - 1)) {
        path.moveTo(col, row);
        path.lineTo(col, row + 1);
      }
      if (here !== inside(row - 1, col)) {
        path.moveTo(col, row);
        path.lineTo(col + 1, row);
      }
    }
  }
  return path;
}
