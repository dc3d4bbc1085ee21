// One plane on the screen: the picture, its marks, and the mouse.

import { drawBoxes } from "./box_marks.js";
import { drawContours } from "./contour_marks.js";
import { element } from "./element.js";
import { Feed, wordsOf } from "./feed.js";
import { mesh, pixelAt, toPixel, toVoxel } from "./geometry.js";
import { decorate } from "./marks.js";
import { drawLens } from "./lens.js";
import { drawMeasures } from "./measure.js";
import { listenToMouse } from "./mouse.js";
import { renderer } from "./renderer.js";

const MARGIN = 6; // CSS pixels around a picture that just fits

export class PaneView {
  /** `view` is the whole slice view: its state, and what the mouse changes in it. */
  constructor(view, position) {
    this.view = view;
    this.position = position;
    this.layout = view.image.panes[position];
    this.title = this.layout.name[0].toUpperCase() + this.layout.name.slice(1);
    this.zoom = 1;
    this.pan = [0, 0];
    this.shown = null; // the plane that the textures hold
    this.scene = {};
    this.laid = {};
    this.kept = document.createElement("canvas"); // what WebGL drew last
    this.changes = 0; // of the textures
    this.status = { kind: "loading" };
    this.build();
    this.feed = new Feed({
      pane: position,
      cache: view.cache,
      send: (message) => view.send(message),
      patience: () => 1000 * view.model.get("retry_after"),
      ready: (wish, entry) => this.take(wish, entry),
      state: (kind, detail) => this.report(kind, detail),
    });
    this.redraw = () => this.draw();
    renderer().users.add(this.redraw);
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.canvas);
  }

  build() {
    const label = `${this.title} plane`;
    this.canvas = element("canvas", { className: "onco-canvas", tabIndex: 0, role: "img",
      "aria-label": label, "data-pane": this.layout.name });
    this.slider = element("input", { type: "range", className: "onco-scroll", min: 0,
      max: this.layout.count - 1, step: 1, "aria-label": `${label}: slice` });
    this.slider.hidden = this.layout.count < 2;
    this.note = element("div", { className: "onco-note", role: "status" });
    this.note.hidden = true;
    this.root = element("div", { className: "onco-pane", "data-pane": this.layout.name },
      [this.canvas, this.slider, this.note]);
    this.slider.addEventListener("input", () => this.scrollTo(Number(this.slider.value)));
    this.slider.addEventListener("focus", () => this.view.activate(this));
    this.canvas.addEventListener("focus", () => this.view.activate(this));
    listenToMouse(this);
  }

  close() {
    this.feed.drop();
    this.watch.disconnect();
    renderer().users.delete(this.redraw);
    renderer().free(this.scene);
    this.root.remove();
  }

  get index() {
    return this.view.model.get("crosshair")[this.layout.axis];
  }

  /** Ask for what the state says should be shown. */
  update() {
    const { model } = this.view;
    this.slider.value = String(this.index);
    this.slider.setAttribute("aria-valuetext", `slice ${this.index} of 0 to ${this.layout.count - 1}`);
    this.feed.want(model.get("_revision"), this.index, model.get("time"), this.view.order(),
      this.view.layers.keys());
  }

  take(wish, entry) {
    const gl = renderer();
    const { rows, cols } = this.layout;
    const order = wish.segments;
    const masks = order.join();
    const fresh = this.scene.epoch !== gl.epoch;
    if (fresh) this.laid = {};
    if (fresh) this.scene = { epoch: gl.epoch, mesh: gl.buffer(mesh(this.layout)) };
    if (fresh || this.shown !== wish.key) {
      if (this.scene.values) gl.gl.deleteTexture(this.scene.values);
      this.scene.values = gl.values(cols, rows, entry.values);
      this.scene.whole = entry.values instanceof Int16Array;
      this.scene.masks = null;
      this.dropLayers();
      this.changes += 1;
    }
    if (this.scene.masks !== masks) {
      if (this.scene.bits) gl.gl.deleteTexture(this.scene.bits);
      if (this.scene.palette) gl.gl.deleteTexture(this.scene.palette);
      const packed = wordsOf(entry, order, rows, cols);
      this.scene.bits = packed ? gl.bits(cols, rows, packed.words, packed.data) : null;
      this.scene.words = packed ? packed.words : 1;
      this.scene.palette = gl.palette(order.map((k) => [...this.view.segments[k].color, k % 3]));
      this.scene.segments = order.length;
      this.scene.masks = masks;
      this.changes += 1;
    }
    this.takeLayers(entry);
    this.shown = wish.key;
    this.entry = entry;
    this.shownIndex = wish.index;
    this.draw();
    this.view.arrived(this);
  }

  // second image and heat map as textures; `laid` says of which layer they are
  takeLayers(entry) {
    const { rows, cols } = this.layout;
    for (const name of ["fused", "heat"]) {
      const key = this.view.layers.keyOf(name);
      const part = key ? entry.layers.get(key) : null;
      if (this.laid[name] === key) continue;
      if (this.scene[name]) renderer().gl.deleteTexture(this.scene[name]);
      this.scene[name] = part ? renderer().values(cols, rows, part.data) : null;
      this.laid[name] = key;
      this.changes += 1;
    }
  }

  dropLayers() {
    for (const name of ["fused", "heat"]) {
      if (this.scene[name]) renderer().gl.deleteTexture(this.scene[name]);
      this.scene[name] = null;
    }
    this.laid = {};
    this.changes += 1;
  }

  report(kind, detail) {
    if (kind === "remark") {
      this.view.line.notice(detail);
      return;
    }
    this.status = { kind, detail };
    clearTimeout(this.patience);
    const text = {
      loading: "Loading …",
      late: detail > 4
        ? "No answer from Python. Is the kernel running? Still asking …"
        : "Waiting for Python; it may be busy with a cell. Asking again …",
      error: detail,
    }[kind];
    const show = () => {
      this.note.textContent = text;
      this.note.classList.toggle("onco-error", kind === "error");
      if (kind === "error") {
        const again = element("button", { type: "button", className: "onco-button",
          text: "Try again" });
        again.addEventListener("click", () => this.view.again());
        this.note.append(element("div", {}, [again]));
      }
      this.note.hidden = false;
    };
    if (kind === "ready") this.note.hidden = true;
    else if (kind === "loading") this.patience = setTimeout(show, 300);
    else show();
    this.root.dataset.state = kind;
  }

  /** Scale in CSS pixels a mm, and where the picture's top left corner lies. */
  place() {
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    const fit = Math.min((width - 2 * MARGIN) / this.layout.width,
      (height - 2 * MARGIN) / this.layout.height);
    const scale = Math.max(fit, 1e-6) * this.zoom;
    const centre = [this.layout.width / 2 + this.pan[0], this.layout.height / 2 + this.pan[1]];
    return { width, height, scale, centre,
      left: width / 2 - centre[0] * scale, top: height / 2 - centre[1] * scale };
  }

  draw() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  paint() {
    const at = this.place();
    if (at.width < 2 || at.height < 2) return;
    const dense = window.devicePixelRatio || 1;
    const width = Math.round(at.width * dense);
    const height = Math.round(at.height * dense);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, width, height);
    if (this.entry && this.scene.epoch !== renderer().epoch) {
      this.shown = null;
      this.update();
      return;
    }
    if (this.entry) this.picture(pen, width, height, this.look(at, dense));
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    drawContours(pen, at, this);
    drawBoxes(pen, at, this);
    drawMeasures(pen, at, this);
    decorate(pen, at, this);
    if (this.view.lens && this.entry) drawLens(pen, at, dense, this);
  }

  // marks move far more often than the picture under them, which software WebGL draws slowly
  picture(pen, width, height, look) {
    // textures and buffers are {} there; `changes` tells of them
    const key = JSON.stringify([width, height, this.changes, look], (_, value) => (
      value && value.bytes ? value.name : value));
    if (key !== this.keptOf) {
      if (this.kept.width !== width || this.kept.height !== height) {
        this.kept.width = width;
        this.kept.height = height;
      }
      renderer().draw(this.kept.getContext("2d"), width, height, look);
      this.keptOf = renderer().gl.isContextLost() ? null : key;
    }
    pen.drawImage(this.kept, 0, 0);
  }

  /** What the renderer needs to draw the plane at a scale in CSS pixels a mm around a centre. */
  look({ centre, scale }, dense) {
    const { layout, view } = this;
    const { model } = view;
    return Object.assign(this.scene, {
      centre,
      scale: scale * dense,
      size: [layout.cols, layout.rows],
      pixel: [layout.colStep * scale * dense, layout.rowStep * scale * dense],
      window: model.get("window"),
      level: model.get("level"),
      inverted: model.get("invert"),
      smoothed: model.get("smooth"),
      filled: model.get("fill"),
      opacity: model.get("opacity"),
      emphasised: view.emphasised(),
      ...view.layers.look(),
      line: 1.5 * dense,
      stripe: 5 * dense,
    });
  }

  /** The place under the mouse. */
  under(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = this.place();
    const right = (event.clientX - box.left - at.left) / at.scale;
    const down = (event.clientY - box.top - at.top) / at.scale;
    const [row, col] = pixelAt(this.layout, right, down);
    return { right, down, voxel: toVoxel(this.layout, row, col, this.index) };
  }

  /** The value shown at a voxel of this plane, or undefined while it is not here. */
  valueAt(voxel) {
    if (!this.entry || this.shownIndex !== voxel[this.layout.axis]) return undefined;
    const [row, col] = toPixel(this.layout, voxel);
    return this.entry.values[row * this.layout.cols + col];
  }

  /** What a layer has at a voxel of this plane; undefined while it is not here. */
  layerAt(name, voxel) {
    if (!this.entry || this.shownIndex !== voxel[this.layout.axis]) return undefined;
    const part = this.entry.layers.get(this.view.layers.keyOf(name));
    if (!part) return undefined;
    const [row, col] = toPixel(this.layout, voxel);
    return part.data[row * this.layout.cols + col];
  }

  /** Positions of the segments at a voxel of this plane. */
  segmentsAt(voxel) {
    if (!this.entry || this.shownIndex !== voxel[this.layout.axis]) return [];
    const [row, col] = toPixel(this.layout, voxel);
    return this.view.order().filter((k) => {
      const mask = this.entry.masks.get(k);
      return mask && mask.has(row, col);
    });
  }

  scrollTo(index) {
    const voxel = [...this.view.model.get("crosshair")];
    voxel[this.layout.axis] = Math.max(0, Math.min(this.layout.count - 1, index));
    this.view.moveTo(voxel);
  }

  /** Move the crosshair by pixels of the screen's rows and columns. */
  nudge(rows, cols) {
    const { layout, view } = this;
    const [row, col] = toPixel(layout, view.model.get("crosshair"));
    const clip = (k, n) => Math.max(0, Math.min(n - 1, k));
    view.moveTo(toVoxel(layout, clip(row + rows, layout.rows), clip(col + cols, layout.cols),
      this.index));
  }

  zoomBy(factor, keep) {
    const before = this.place();
    this.zoom = Math.max(0.25, Math.min(40, this.zoom * factor));
    if (keep) {
      // the place `keep` stays under the mouse
      const ratio = before.scale / this.place().scale;
      for (const i of [0, 1]) this.pan[i] += (keep[i] - before.centre[i]) * (1 - ratio);
    }
    this.draw();
  }

  reset() {
    this.zoom = 1;
    this.pan = [0, 0];
    this.draw();
  }
}
