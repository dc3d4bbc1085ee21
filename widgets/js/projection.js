// An X-ray of a CT from any side. widgets/esm.py joins these files to one module.

import { button, element, plain } from "./element.js";
import { FlatPicture } from "./flat.js";
import { listenTo } from "./gestures.js";
import { Wishes, unpack } from "./wishes.js";

const SIDES = [["PA", 0], ["Left lateral", 90], ["AP, from behind", 180], ["Right lateral", 270]];
const COLORS = { present: "#56b4e9", uncertain: "#e69f00", absent: "#c8ccd0" };

class ProjectionView {
  constructor(model, host) {
    this.model = model;
    this.turning = false;
    this.root = element("div", { className: "onco onco-flatview", "data-lm-suppress-shortcuts": "true" });
    host.append(this.root);
    this.root.addEventListener("keydown", (event) => this.key(event));
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.listeners = [];
    const on = (names, action) => names.split(" ").forEach((name) => {
      model.on(name, action);
      this.listeners.push([name, action]);
    });
    this.image = model.get("_image");
    this.picture = new FlatPicture({ name: "projection", label: this.image.turns
      ? "X-ray made from a CT" : "X-ray", look: () => this.look(),
    over: (pen, at) => this.over(pen, at) });
    this.wishes = new Wishes((message) => this.send(message), (plane) => this.show(plane),
      (text) => this.picture.state("error", text), () => this.picture.state("loading"));
    this.build();
    on("change:azimuth change:elevation change:full change:findings change:visible", () => this.update());
    on("change:window change:level change:invert change:_table change:lut change:_lit change:along",
      () => this.redraw());
    on("change:height change:theme", () => this.place());
    on("change:playing", () => { this.update(); this.play(); });
    on("msg:custom", (message, buffers) => {
      if (message.kind === "notice") this.picture.state("error", message.message);
      else this.wishes.receive(message, () => unpack(message, buffers));
    });
    listenTo(this.picture, {
      tap: (pixel) => this.ray(pixel),
      drag: (dx) => this.turnBy(-dx / 3, true),
      done: () => this.rest(),
      wheel: (steps) => this.turnBy(5 * steps),
      window: (dx, dy) => {
        const { window, level } = this.look();
        this.set({ window: Math.max(window * (1 + dx / 200), 1e-9), level: level + (dy * window) / 300 });
      },
    });
    this.place();
    this.update();
    this.play();
  }

  close() {
    this.listeners.forEach(([name, action]) => this.model.off(name, action));
    clearTimeout(this.timer);
    clearTimeout(this.still);
    this.wishes.close();
    this.picture.close();
    this.root.remove();
  }

  build() {
    const { model, image } = this;
    this.syncs = [];
    const parts = [];
    const set = (children) => element("span", { className: "onco-set" }, children);
    const toggle = (text, label, name) => {
      const made = button(text, label, () => this.set({ [name]: !model.get(name) }), model.get(name));
      this.syncs.push(() => made.setAttribute("aria-pressed", String(model.get(name))));
      return made;
    };
    const number = (label, name) => {
      const made = element("input", { type: "number", step: "any", "aria-label": label, title: label });
      made.addEventListener("change", () => {
        const value = Number(made.value);
        if (made.value !== "" && Number.isFinite(value)) this.set({ [name]: value });
        else this.redraw();
      });
      this.syncs.push(() => { made.value = plain(model.get(name)); });
      return made;
    };
    if (image.turns) {
      const slider = element("input", { type: "range", min: 0, max: 360, step: 1, "aria-label": "Azimuth" });
      slider.addEventListener("input", () => this.to(Number(slider.value), true));
      slider.addEventListener("change", () => this.rest());
      this.syncs.push(() => {
        slider.value = String(model.get("azimuth"));
        slider.setAttribute("aria-valuetext", `${plain(model.get("azimuth"))} degrees`);
      });
      const side = element("select", { "aria-label": "Named view" });
      side.append(element("option", { value: "", text: "View …" }));
      SIDES.forEach(([text, angle]) => side.append(element("option", { value: String(angle), text })));
      side.addEventListener("change", () => {
        if (side.value !== "") this.set({ azimuth: Number(side.value), elevation: 0 });
      });
      this.syncs.push(() => {
        const found = SIDES.find(([, angle]) => angle === model.get("azimuth") % 360);
        side.value = found && model.get("elevation") === 0 ? String(found[1]) : "";
      });
      parts.push(set([side, element("label", {}, ["Azimuth", slider]), number("Azimuth in degrees", "azimuth"),
        element("label", {}, ["Elevation°", number("Elevation in degrees", "elevation")]),
        toggle("Play", "Turn around the long axis (p)", "playing")]),
      set([toggle("Full", "Pixels as small as voxels at any angle; takes longer", "full"),
        toggle("Findings", "What the reports say, carried over", "findings")]));
    }
    parts.push(set([element("label", {}, ["W", number("Window width", "window")]),
      element("label", {}, ["L", number("Window level", "level")]),
      toggle("Invert", "Invert the grey scale (i)", "invert"),
      button("Reset", "Front view and zoom (r)", () => this.reset())]));
    this.list = element("aside", { className: "onco-list", "aria-label": "What lies in the picture", tabIndex: 0 });
    this.stage = element("div", { className: "onco-fields onco-one" }, [this.picture.root, this.list]);
    if (image.turns) this.picture.root.classList.add("onco-turning");
    this.line = element("div", { className: "onco-line", role: "status" });
    this.root.append(element("div", { className: "onco-bar", role: "toolbar", "aria-label": "Projection" }, parts),
      this.stage, this.line);
  }

  place() {
    this.stage.style.height = `${this.model.get("height")}px`;
    const theme = this.model.get("theme");
    if (theme === "auto") delete this.root.dataset.theme;
    else this.root.dataset.theme = theme;
    this.picture.draw();
  }

  look() {
    const get = (name) => this.model.get(name);
    return { window: get("window"), level: get("level"), invert: get("invert"), name: get("lut"),
      table: get("_table") };
  }

  update() {
    const get = (name) => this.model.get(name);
    const visible = new Set(get("visible"));
    const coarse = this.turning || get("playing");
    this.wishes.want({ kind: "plane", azimuth: get("azimuth") % 360, elevation: get("elevation"), coarse,
      full: get("full") && !coarse, places: get("findings") && !coarse,
      segments: coarse ? [] : get("_segments").flatMap((one, k) => (visible.has(one.key) ? [k] : [])) });
    this.redraw();
  }

  show(plane) {
    const degrees = `azimuth ${plain(this.model.get("azimuth"))}°, elevation ${plain(this.model.get("elevation"))}°`;
    plane.title = this.image.turns ? [`X-ray made from a CT, ${degrees}`]
      : [`View ${this.image.view}${this.image.against ? "; the header contradicts itself" : ""}`];
    if (plane.coarse) plane.title.push("preview, coarser");
    else if (this.image.turns) plane.title.push(`pixel ${plane.pixel.map(plain).join(" x ")} mm`);
    this.light(plane);
    this.picture.show(plane);
    this.fill();
    if (this.model.get("playing")) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.play(), 90);
    }
  }

  light(plane) {
    const lit = new Set(this.model.get("_lit"));
    const about = new Map(this.model.get("_segments").map((one) => [one.key, one.address]));
    plane.outlines.forEach((one) => { one.lit = lit.has(about.get(one.name)); });
    this.lit = lit;
  }

  redraw() {
    this.syncs.forEach((one) => one());
    const { window, level } = this.look();
    this.line.textContent = `${this.image.name} · W ${plain(window)} L ${plain(level)}`
      + (this.image.turns ? " · line integral of attenuation, no unit · parallel rays" : "");
    if (this.picture.plane) {
      this.light(this.picture.plane);
      this.picture.draw();
      this.fill();
    }
  }

  row(text, color, address, more, checked) {
    const swatch = element("span", { className: "onco-swatch" });
    swatch.style.background = color;
    const made = element("button", { type: "button", className: "onco-row" },
      [swatch, element("span", { className: "onco-grow", text }), element("span", { text: more })]);
    const lit = String(this.lit.has(address));
    made.dataset.lit = lit;
    made.setAttribute("aria-pressed", lit);
    made.addEventListener("click", () => this.send({ kind: "pick", address }));
    if (checked === undefined) return element("li", {}, [made]);
    const box = element("input", { type: "checkbox", checked, "aria-label": `Outline of ${text}` });
    box.addEventListener("change", () => {
      const others = this.model.get("visible").filter((key) => key !== text);
      this.set({ visible: box.checked ? [...others, text] : others });
    });
    return element("li", {}, [element("span", { className: "onco-pair" }, [box, made])]);
  }

  /** Beside the picture: the ray, the findings, the segments. */
  fill() {
    const { model, image } = this;
    const state = JSON.stringify([model.get("along"), model.get("_lit"), model.get("visible"),
      this.picture.plane.places]);
    if (state === this.filled) return;
    this.filled = state;
    const held = document.activeElement && this.list.contains(document.activeElement)
      ? [...this.list.querySelectorAll("button, input")].indexOf(document.activeElement) : -1;
    const parts = [];
    if (!image.turns) {
      parts.push(element("h3", { text: "This X-ray cannot be turned" }), element("p", { text: image.reason }),
        element("h3", { text: "View" }), element("p", { text: image.view }));
    } else {
      const along = model.get("along");
      parts.push(element("h3", { text: "Along the ray" }), along.length
        ? element("ul", {}, along.map((one) => this.row(one.name, one.color, one.address, `${plain(one.path)} mm`)))
        : element("p", { text: "Click a pixel: what its ray passes through is listed here and selected." }));
      const places = this.picture.plane.places;
      if (places.length) {
        parts.push(element("h3", { text: "Said in reports" }), element("ul", {}, places.map((one) => this.row(
          one.text, COLORS[one.assertion] || "#c8ccd0", one.address, one.assertion))));
      }
      const visible = new Set(model.get("visible"));
      const segments = model.get("_segments");
      parts.push(element("h3", { text: "Segments" }), segments.length
        ? element("ul", {}, segments.map((one) => this.row(one.key, one.color, one.address, "", visible.has(one.key))))
        : element("p", { text: "None on this CT." }));
    }
    if (image.remark) parts.push(element("p", { text: image.remark }));
    this.list.replaceChildren(...parts);
    const again = this.list.querySelectorAll("button, input")[held];
    if (held >= 0 && again) again.focus({ preventScroll: true });
  }

  over(pen, at) {
    const { plane } = this.picture;
    for (const one of plane.places) {
      const [y0, y1, x0, x1] = one.box;
      const [left, top] = this.picture.screen(at, [y0 - 0.5, x0 - 0.5]);
      const size = at.step * at.scale;
      const lit = this.lit.has(one.address) || this.lit.has(one.grounding);
      pen.setLineDash(lit ? [] : [6, 4]);
      for (const [color, width] of [["rgba(0,0,0,0.7)", lit ? 5 : 3.5],
        [lit ? "#ffb000" : COLORS[one.assertion] || "#c8ccd0", lit ? 3 : 1.6]]) {
        pen.strokeStyle = color;
        pen.lineWidth = width;
        pen.strokeRect(left, top, Math.max(4, (x1 - x0) * size), Math.max(4, (y1 - y0) * size));
      }
      pen.setLineDash([]);
    }
    if (this.asked && this.asked.azimuth === this.model.get("azimuth")) {
      const by = this.asked.pixel.map((v, k) => (v + 0.5) * plane.by[k] - 0.5);
      this.picture.cross(pen, at, by);
    }
  }

  /** A pixel of the square picture in pixels of the projection itself. */
  ray(pixel) {
    const { plane } = this.picture;
    if (!this.image.turns || !plane || plane.coarse || !this.picture.within(pixel)) return;
    const at = pixel.map((v, k) => (v + 0.5) / this.picture.plane.by[k] - 0.5);
    this.asked = { pixel: at, azimuth: this.model.get("azimuth") };
    this.send({ kind: "ray", at });
    this.picture.draw();
  }

  to(azimuth, turning = false) {
    this.turning = turning;
    this.set({ azimuth });
  }

  turnBy(degrees, turning = false) {
    if (!this.image.turns) return;
    const next = (((this.model.get("azimuth") + degrees) % 360) + 360) % 360;
    this.to(Number(next.toFixed(3)), turning);
    if (turning) {
      clearTimeout(this.still);
      this.still = setTimeout(() => this.rest(), 500);
    }
  }

  rest() {
    clearTimeout(this.still);
    this.turning = false;
    this.update();
  }

  play() {
    if (!this.model.get("playing")) return;
    this.set({ azimuth: (this.model.get("azimuth") + this.model.get("turn")) % 360 });
  }

  reset() {
    this.picture.reset();
    this.set({ azimuth: 0, elevation: 0, playing: false });
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      this.picture.state("error", "The connection to Python is gone. Run the cell again.");
    }
  }

  key(event) {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.picture.canvas) return;
    const { plane } = this.picture;
    const by = event.shiftKey ? 1 : 5;
    const actions = {
      ArrowLeft: () => this.turnBy(-by), ArrowRight: () => this.turnBy(by),
      Home: () => this.set({ azimuth: 0 }), End: () => this.set({ azimuth: 180 }),
      p: () => this.set({ playing: !this.model.get("playing") }),
      i: () => this.set({ invert: !this.model.get("invert") }), r: () => this.reset(),
      "+": () => this.picture.zoomBy(1.25), "=": () => this.picture.zoomBy(1.25),
      "-": () => this.picture.zoomBy(0.8),
      Enter: () => plane && this.ray([(plane.rows - 1) / 2, (plane.cols - 1) / 2]),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}

export default {
  render({ model, el }) {
    const view = new ProjectionView(model, el);
    return () => view.close();
  },
};
