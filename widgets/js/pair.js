// One plane of two registered images. widgets/esm.py joins these files to one module.

import { button, element } from "./element.js";
import { FlatPicture } from "./flat.js";
import { listenTo } from "./gestures.js";
import { Wishes } from "./wishes.js";

const FIELDS = 8; // of a checkerboard, along the longer side
const TURN = 1000; // ms: slow enough for people whom flicker harms

class PairView {
  constructor(model, host) {
    this.model = model;
    this.root = element("div", { className: "onco onco-flatview", "data-lm-suppress-shortcuts": "true" });
    host.append(this.root);
    this.picture = new FlatPicture({ name: "pair", label: "Both images in one plane",
      look: () => ({ window: 255, level: 127.5, invert: false, name: `${this.shown}`, table: [] }),
      over: () => {} });
    const nothing = () => {};
    listenTo(this.picture, { tap: () => this.turn(), drag: nothing, done: nothing, wheel: nothing, window: nothing });
    this.wishes = new Wishes((message) => model.send(message), (found) => this.take(found),
      (text) => this.picture.state("error", text), () => this.picture.state("loading"));
    this.other = button("Other image", "Show the other image (Space)", () => this.turn());
    this.runs = button("Run", "Take turns, one second each", () => this.run(!this.timer), false);
    this.said = element("span", { role: "status" });
    this.root.append(element("div", { className: "onco-bar", role: "toolbar", "aria-label": "Both images" },
      [element("span", { className: "onco-set" }, [this.other, this.runs]), this.said]), this.picture.root);
    this.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.target !== this.picture.canvas) return;
      if (event.key === " ") { event.preventDefault(); this.turn(); }
      if (event.key === "+" || event.key === "=") this.picture.zoomBy(1.25);
      if (event.key === "-") this.picture.zoomBy(0.8);
    });
    this.actions = [["change:_revision change:plane", () => this.ask()],
      ["change:mode change:second change:_titles change:height change:theme", () => this.draw()]];
    this.actions.forEach(([names, action]) => names.split(" ").forEach((name) => model.on(name, action)));
    this.draw();
    this.ask();
  }

  close() {
    this.run(false);
    this.actions.forEach(([names, action]) => names.split(" ").forEach((name) => this.model.off(name, action)));
    this.wishes.close();
    this.picture.close();
    this.root.remove();
  }

  ask() {
    this.wishes.want({ kind: "plane", revision: this.model.get("_revision"), plane: this.model.get("plane") });
  }

  receive(message, buffers) {
    this.wishes.receive(message, () => ({ ...message, both: buffers.map((view) => new Float32Array(
      view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength))) }));
  }

  take(found) {
    this.found = found;
    this.draw();
  }

  turn() {
    this.model.set("second", !this.model.get("second"));
    this.model.save_changes();
    this.draw();
  }

  run(on) {
    clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.turn(), TURN) : null;
    this.runs.setAttribute("aria-pressed", String(on));
  }

  draw() {
    const { model, found } = this;
    this.picture.root.style.height = `${model.get("height")}px`;
    if (model.get("theme") === "auto") delete this.root.dataset.theme;
    else this.root.dataset.theme = model.get("theme");
    const check = model.get("mode") === "checkerboard";
    const [left, right] = model.get("_titles");
    const second = model.get("second");
    if (check) this.run(false);
    this.runs.hidden = check;
    this.said.textContent = check ? `Top left field: ${second ? right : left}` : `Shown: ${second ? right : left}`;
    if (!found) return;
    const { rows, cols, both } = found;
    const size = Math.max(1, Math.ceil(Math.max(rows, cols) / FIELDS));
    let values = both[second ? 1 : 0];
    if (check) {
      values = new Float32Array(rows * cols);
      for (let row = 0, k = 0; row < rows; row++) {
        for (let col = 0; col < cols; col++, k++) {
          const odd = (Math.floor(row / size) + Math.floor(col / size)) % 2;
          values[k] = both[odd ^ Number(second)][k];
        }
      }
    }
    this.shown = `${check} ${second}`;
    this.picture.show({ ...found, values, outlines: [], title: [check ? "Checkerboard" : this.said.textContent] });
  }
}

export default {
  render({ model, el }) {
    const view = new PairView(model, el);
    const receive = (message, buffers) => view.receive(message, buffers);
    model.on("msg:custom", receive);
    return () => {
      model.off("msg:custom", receive);
      view.close();
    };
  },
};
