// The alignment view: a picture in patches, and the words that a model connects them with.

import { codePoints } from "./code_points.js";
import { button, element } from "./element.js";

class AlignmentView {
  constructor(model, host) {
    this.model = model;
    this.cursor = 0;
    this.root = element("div", { className: "onco onco-alignment", "data-lm-suppress-shortcuts": "true" });
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.canvas = element("canvas", { className: "onco-patches", tabIndex: 0, role: "application",
      "aria-label": "Patches of the picture: arrows move, Enter chooses" });
    this.canvas.addEventListener("click", (event) => this.click(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("focus", () => this.draw());
    this.canvas.addEventListener("blur", () => this.draw());
    this.words = element("div", { className: "onco-aligned", role: "group", "aria-label": "Words" });
    this.said = element("div", { className: "onco-quiet", role: "status" });
    this.about = element("div", { className: "onco-quiet" });
    this.root.append(element("div", {}, [this.canvas, this.about]),
      element("div", { className: "onco-aligned-side" }, [this.words, this.said]));
    host.append(this.root);
    this.listeners = [["change:_about", () => this.build()], ["change:_pixels", () => this.build()],
      ["change:width", () => this.draw()]];
    for (const name of ["token", "patch", "lit_patches", "lit_tokens"]) {
      this.listeners.push([`change:${name}`, () => this.update()]);
    }
    this.listeners.forEach(([name, action]) => model.on(name, action));
    this.build();
  }

  close() {
    this.listeners.forEach(([name, action]) => this.model.off(name, action));
    this.root.remove();
  }

  build() {
    const about = this.model.get("_about");
    const pixels = this.model.get("_pixels");
    const grey = new Uint8Array(pixels.buffer ?? pixels, pixels.byteOffset ?? 0, pixels.byteLength);
    if (!about.shape || grey.length !== about.shape[0] * about.shape[1]) return;
    const [rows, columns] = about.shape;
    this.picture = new OffscreenCanvas(columns, rows);
    const data = new ImageData(columns, rows);
    grey.forEach((value, k) => data.data.set([value, value, value, 255], 4 * k));
    this.picture.getContext("2d").putImageData(data, 0, 0);
    this.about.textContent = `${about.image} · ${about.edges} edges · ${about.model}`;
    const points = codePoints(about.text);
    let at = 0;
    const parts = [];
    this.tokens = about.tokens.map(([start, end], k) => {
      const [from, to] = [points.toUnits(start), points.toUnits(end)];
      const words = about.text.slice(from, to);
      const made = button(words, words, () => this.model.send({ kind: "token", k }), false);
      made.classList.add("onco-token");
      made.dataset.token = String(k);
      parts.push(about.text.slice(at, from), made);
      at = to;
      return made;
    });
    parts.push(about.text.slice(at));
    this.whole = button("whole text", "The whole text", () => this.model.send({ kind: "token", k: -1 }),
      false);
    this.whole.dataset.token = "-1";
    this.words.replaceChildren(element("p", { className: "onco-aligned-text" }, parts), this.whole);
    this.update();
  }

  update() {
    const [token, patch] = [this.model.get("token"), this.model.get("patch")];
    const lit = new Map(this.model.get("lit_tokens"));
    const top = Math.max(1e-9, ...[...lit.values()].map(Math.abs));
    for (const one of [...(this.tokens || []), this.whole]) {
      const k = Number(one.dataset.token);
      const weight = lit.get(k);
      one.setAttribute("aria-pressed", String(k === token));
      one.classList.toggle("onco-lit", weight !== undefined);
      one.style.setProperty("--onco-weight", `${Math.round(15 + 25 * Math.abs(weight ?? 0) / top)}%`);
      one.title = weight === undefined ? one.textContent : `${one.textContent}: ${weight.toFixed(3)}`;
    }
    if (patch >= 0) this.cursor = patch;
    const chosen = patch >= 0 ? `patch ${patch}, words: ${lit.size}`
      : token >= -1 ? `patches: ${this.model.get("lit_patches").length}` : "";
    this.said.textContent = chosen;
    this.draw();
  }

  draw() {
    const { canvas } = this;
    const about = this.model.get("_about");
    if (!this.picture) return;
    const [rows, columns] = about.shape;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.min(this.model.get("width"), this.root.clientWidth || 1e9);
    const scale = width / columns;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${rows * scale}px`;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(rows * scale * ratio);
    const pen = canvas.getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.scale(canvas.width / columns, canvas.height / rows);
    pen.drawImage(this.picture, 0, 0);
    const lit = this.model.get("lit_patches");
    const top = Math.max(1e-9, ...lit.map(([, weight]) => Math.abs(weight)));
    pen.lineWidth = 1.5 / scale;
    for (const [patch, weight] of lit) {
      const box = this.box(patch);
      pen.fillStyle = `rgba(255, 176, 0, ${0.15 + 0.5 * Math.abs(weight) / top})`;
      pen.strokeStyle = "#ffb000";
      pen.fillRect(...box);
      pen.strokeRect(...box);
    }
    const outline = (patch, color) => {
      pen.strokeStyle = color;
      pen.lineWidth = 3 / scale;
      pen.strokeRect(...this.box(patch));
    };
    if (this.model.get("patch") >= 0) outline(this.model.get("patch"), "#ffb000");
    if (document.activeElement === canvas) outline(this.cursor, "#56c8ff");
  }

  box(patch) {
    const { grid, side, shape } = this.model.get("_about");
    const [row, column] = [Math.floor(patch / grid[1]), patch % grid[1]];
    return [column * side, row * side, Math.min(side, shape[1] - column * side),
      Math.min(side, shape[0] - row * side)];
  }

  click(event) {
    const about = this.model.get("_about");
    const frame = this.canvas.getBoundingClientRect();
    const [y, x] = [(event.clientY - frame.top) / frame.height * about.shape[0],
      (event.clientX - frame.left) / frame.width * about.shape[1]];
    const row = Math.min(about.grid[0] - 1, Math.max(0, Math.floor(y / about.side)));
    const column = Math.min(about.grid[1] - 1, Math.max(0, Math.floor(x / about.side)));
    this.model.send({ kind: "patch", k: row * about.grid[1] + column });
  }

  key(event) {
    const { grid } = this.model.get("_about");
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -grid[1], ArrowDown: grid[1] }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      this.model.send({ kind: "patch", k: this.cursor });
    } else if (step !== undefined) {
      const to = this.cursor + step;
      const sameRow = Math.floor(to / grid[1]) === Math.floor(this.cursor / grid[1]);
      if (to >= 0 && to < grid[0] * grid[1] && (Math.abs(step) > 1 || sameRow)) this.cursor = to;
      this.said.textContent = `patch ${this.cursor}`;
      this.draw();
    } else return;
    event.preventDefault();
  }
}

export default {
  render({ model, el }) {
    const view = new AlignmentView(model, el);
    return () => view.close();
  },
};
