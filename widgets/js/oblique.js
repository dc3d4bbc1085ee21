// A plane at any angle beside the plain ones. widgets/esm.py joins these files to one module.

import { button, element, plain } from "./element.js";
import { FlatPicture, stroke } from "./flat.js";
import { listenTo } from "./gestures.js";
import { Wishes, unpack } from "./wishes.js";

const FIELDS = ["oblique", "axial", "coronal", "sagittal"];
const MODES = { plane: "Plane", max: "Maximum (MIP)", min: "Minimum", mean: "Mean" };
const KEYS = "Large field: drag or arrows turn, Shift for 1°, [ and ] roll, Page up and down move "
  + "along the view. Small fields: click moves the point, arrows scroll. p plays, m changes the "
  + "mode, i inverts, + and − zoom, r resets.";

class ObliqueView {
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
    this.build();
    on("change:angles change:point change:mode change:thickness change:time change:visible",
      () => this.update());
    on("change:window change:level change:invert change:_table change:lut change:_lit",
      () => this.redraw());
    on("change:height change:theme", () => this.place());
    on("change:playing", () => { this.update(); this.play(); });
    on("msg:custom", (message, buffers) => {
      const k = FIELDS.indexOf(message.pane);
      if (k >= 0) this.wishes[k].receive(message, () => unpack(message, buffers));
    });
    this.place();
    this.update();
    this.play();
  }

  close() {
    this.listeners.forEach(([name, action]) => this.model.off(name, action));
    clearTimeout(this.timer);
    clearTimeout(this.still);
    this.wishes.forEach((one) => one.close());
    this.pictures.forEach((one) => one.close());
    this.root.remove();
  }

  build() {
    const { model } = this;
    this.image = model.get("_image");
    this.pictures = FIELDS.map((name) => new FlatPicture({
      name,
      label: name === "oblique" ? "Plane or projection at any angle" : `${name} plane`,
      look: () => this.look(),
      over: (pen, at, picture) => this.over(pen, at, picture),
    }));
    this.wishes = this.pictures.map((picture) => new Wishes(
      (message) => this.send(message),
      (plane) => this.show(picture, plane),
      (text) => picture.state("error", text),
      () => picture.state("loading")));
    this.pictures.forEach((picture, k) => listenTo(picture, k ? this.plain(picture) : this.free(picture)));
    this.pictures[0].root.classList.add("onco-turning");
    this.stage = element("div", { className: "onco-fields" }, [
      ...this.pictures.map((one) => one.root), this.side()]);
    this.line = element("div", { className: "onco-line", role: "status" });
    this.root.append(this.bar(), this.stage, this.line);
  }

  bar() {
    const { model, image } = this;
    this.syncs = [];
    const number = (label, name, k, step = 1) => {
      const made = element("input", { type: "number", step: String(step), "aria-label": label, title: label });
      made.addEventListener("change", () => {
        const value = Number(made.value);
        if (made.value === "" || !Number.isFinite(value)) return this.sync();
        if (k === undefined) return this.set({ [name]: value });
        const all = [...model.get(name)];
        all[k] = value;
        return this.set({ [name]: all });
      });
      this.syncs.push(() => {
        const value = k === undefined ? model.get(name) : model.get(name)[k];
        made.value = value === null ? "" : plain(value);
      });
      return made;
    };
    const choice = (label, options, get, set) => {
      const made = element("select", { "aria-label": label, title: label });
      options.forEach(([value, text]) => made.append(element("option", { value, text })));
      made.addEventListener("change", () => set(made.value));
      this.syncs.push(() => { made.value = get(); });
      return made;
    };
    const toggle = (text, label, name) => {
      const made = button(text, label, () => this.set({ [name]: !model.get(name) }), model.get(name));
      this.syncs.push(() => made.setAttribute("aria-pressed", String(model.get(name))));
      return made;
    };
    const thick = number("Thickness of the slab in mm; empty: the whole volume", "thickness");
    thick.addEventListener("change", () => { if (thick.value === "") this.set({ thickness: null }); });
    thick.placeholder = "all";
    this.syncs.push(() => { thick.disabled = model.get("mode") === "plane"; });
    const set = (children) => element("span", { className: "onco-set" }, children);
    const row = element("div", { className: "onco-bar", role: "toolbar", "aria-label": "Plane and projection" }, [
      set([element("label", {}, ["Azimuth°", number("Azimuth in degrees", "angles", 0)]),
        element("label", {}, ["Elevation°", number("Elevation in degrees", "angles", 1)]),
        element("label", {}, ["Roll°", number("Roll in degrees", "angles", 2)])]),
      set([choice("What is shown", Object.entries(MODES), () => model.get("mode"),
        (mode) => this.set({ mode })), element("label", {}, ["mm", thick]),
      toggle("Play", "Turn around the long axis (p)", "playing")]),
      set([choice("Window preset", [["", "Window …"], ...image.presets.map((one, k) => [String(k), one.name])],
        () => "", (k) => this.preset(Number(k))),
      element("label", {}, ["W", number("Window width", "window", undefined, "any")]),
      element("label", {}, ["L", number("Window level", "level", undefined, "any")]),
      choice("Colours", ["grey", "inferno", "magma", "viridis", "cividis"].map((n) => [n, n]),
        () => model.get("lut"), (lut) => this.set({ lut })),
      toggle("Invert", "Invert the grey scale (i)", "invert")]),
      set([button("Reset", "Plain view, zoom and window (r)", () => this.reset())]),
    ]);
    if (image.times > 1) {
      const time = element("input", { type: "range", min: 0, max: image.times - 1, step: 1, "aria-label": "Time point" });
      time.addEventListener("input", () => this.set({ time: Number(time.value) }));
      this.syncs.push(() => { time.value = String(model.get("time")); });
      row.append(element("label", {}, ["Time", time]));
    }
    return row;
  }

  side() {
    const { model } = this;
    const list = element("ul", {});
    this.rows = model.get("_segments").map((one) => {
      const shown = element("input", { type: "checkbox", "aria-label": `Outline of ${one.key}` });
      shown.addEventListener("change", () => {
        const others = model.get("visible").filter((key) => key !== one.key);
        this.set({ visible: shown.checked ? [...others, one.key] : others });
      });
      const swatch = element("span", { className: "onco-swatch" });
      swatch.style.background = one.color;
      const name = element("button", { type: "button", className: "onco-row", title: one.meaning },
        [swatch, element("span", { className: "onco-grow", text: one.key })]);
      name.addEventListener("click", () => this.send({ kind: "pick", address: one.address }));
      list.append(element("li", {}, [element("span", { className: "onco-pair" }, [shown, name])]));
      return { one, shown, name };
    });
    const parts = [element("h3", { text: "Segments" }),
      this.rows.length ? list : element("p", { text: "None on this image." }),
      element("h3", { text: "Keys and mouse" }), element("p", { text: KEYS })];
    if (this.image.remark) parts.push(element("p", { text: this.image.remark }));
    return element("aside", { className: "onco-list", "aria-label": "Segments and keys", tabIndex: 0 }, parts);
  }

  place() {
    this.stage.style.height = `${this.model.get("height")}px`;
    const theme = this.model.get("theme");
    if (theme === "auto") delete this.root.dataset.theme;
    else this.root.dataset.theme = theme;
    this.pictures.forEach((one) => one.draw());
  }

  look() {
    const get = (name) => this.model.get(name);
    return { window: get("window"), level: get("level"), invert: get("invert"), name: get("lut"),
      table: get("_table") };
  }

  request(pane) {
    const get = (name) => this.model.get(name);
    const visible = new Set(get("visible"));
    const segments = get("_segments").flatMap((one, k) => (visible.has(one.key) ? [k] : []));
    const common = { kind: "plane", pane, point: get("point"), time: get("time"), segments };
    if (pane !== "oblique") return { ...common, angles: [0, 0, 0] };
    const whole = get("mode") !== "plane" && get("thickness") === null;
    return { ...common, angles: get("angles"), mode: get("mode"), thickness: get("thickness"),
      // a projection of everything is the same wherever the point is
      point: whole ? [0, 0, 0] : common.point,
      segments: get("mode") === "plane" ? segments : [],
      coarse: this.turning || get("playing") };
  }

  update() {
    FIELDS.forEach((pane, k) => this.wishes[k].want(this.request(pane)));
    this.redraw();
  }

  show(picture, plane) {
    const lit = new Set(this.model.get("_lit"));
    const about = new Map(this.model.get("_segments").map((one) => [one.key, one.address]));
    plane.outlines.forEach((one) => { one.lit = lit.has(about.get(one.name)); });
    if (picture.name === "oblique") {
      const mode = this.model.get("mode");
      const thick = this.model.get("thickness");
      plane.title = [mode === "plane" ? "Plane" : `${MODES[mode]}, ${thick === null ? "all" : `${plain(thick)} mm`}`];
      if (plane.coarse) plane.title.push("preview, coarser");
    } else plane.title = [picture.name[0].toUpperCase() + picture.name.slice(1)];
    picture.show(plane);
    if (picture.name === "oblique") this.arrived();
  }

  arrived() {
    if (!this.model.get("playing")) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.play(), 90);
  }

  play() {
    if (!this.model.get("playing")) return;
    const [azimuth, elevation, roll] = this.model.get("angles");
    this.set({ angles: [(azimuth + this.model.get("turn")) % 360, elevation, roll] });
  }

  sync() {
    this.syncs.forEach((one) => one());
    const lit = new Set(this.model.get("_lit"));
    const visible = new Set(this.model.get("visible"));
    this.rows.forEach(({ one, shown, name }) => {
      shown.checked = visible.has(one.key);
      name.dataset.lit = String(lit.has(one.address));
      name.setAttribute("aria-pressed", String(lit.has(one.address)));
    });
    const [x, y, z] = this.model.get("point").map((v) => v.toFixed(1));
    const { window, level } = this.look();
    this.line.textContent = `Point x ${x}, y ${y}, z ${z} mm LPS · W ${plain(window)} L ${plain(level)} ${this.image.units}`;
  }

  redraw() {
    this.pictures.forEach((one) => {
      if (!one.plane) return;
      const lit = new Set(this.model.get("_lit"));
      const about = new Map(this.model.get("_segments").map((seg) => [seg.key, seg.address]));
      one.plane.outlines.forEach((line) => { line.lit = lit.has(about.get(line.name)); });
      one.draw();
    });
    this.sync();
  }

  /** The point's cross, and on plain planes the line in which the large field's plane cuts them. */
  over(pen, at, picture) {
    const { plane } = picture;
    const point = this.model.get("point");
    const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    const away = point.map((v, k) => v - plane.centre[k]);
    const [right, down, through] = plane.axes;
    const pixel = (v) => [dot(v, down) / plane.step + (plane.rows - 1) / 2,
      dot(v, right) / plane.step + (plane.cols - 1) / 2];
    picture.cross(pen, at, pixel(away));
    const front = this.pictures[0].plane;
    if (picture.name === "oblique" || !front || this.model.get("mode") !== "plane") return;
    const normal = front.axes[2];
    const along = [normal[1] * through[2] - normal[2] * through[1],
      normal[2] * through[0] - normal[0] * through[2], normal[0] * through[1] - normal[1] * through[0]];
    const size = Math.hypot(...along);
    if (size < 0.02) return;
    const reach = plane.step * Math.max(plane.rows, plane.cols);
    const ends = [-1, 1].map((sign) => picture.screen(at, pixel(away.map((v, k) => v + (sign * reach * along[k]) / size))));
    pen.setLineDash([8, 5]);
    for (const [color, width] of [["rgba(0,0,0,0.6)", 3.5], ["#ffb000", 1.6]]) {
      stroke(pen, color, width, [[ends[0][0], ends[0][1], ends[1][0], ends[1][1]]]);
    }
    pen.setLineDash([]);
  }

  free(picture) {
    return {
      tap: (pixel) => this.touch(picture, pixel, true),
      drag: (dx, dy) => this.turnBy(-dx / 3, dy / 3, 0, true),
      done: () => this.rest(),
      wheel: (steps) => this.move(picture, steps),
      window: (dx, dy) => this.drawWindow(dx, dy),
    };
  }

  plain(picture) {
    return {
      tap: (pixel) => this.touch(picture, pixel, true),
      drag: (dx, dy, pixel) => this.touch(picture, pixel, false),
      done: (pixel) => this.touch(picture, pixel, true),
      wheel: (steps) => this.move(picture, steps),
      window: (dx, dy) => this.drawWindow(dx, dy),
    };
  }

  turnBy(azimuth, elevation, roll, turning = false) {
    const wrap = (v) => Number((((v + 180) % 360 + 360) % 360 - 180).toFixed(3));
    const [a, e, r] = this.model.get("angles");
    this.turning = turning;
    this.set({ angles: [(wrap(a + azimuth) + 360) % 360, wrap(e + elevation), wrap(r + roll)] });
    if (turning) {
      clearTimeout(this.still);
      this.still = setTimeout(() => this.rest(), 400);
    }
  }

  rest() {
    clearTimeout(this.still);
    this.turning = false;
    this.update();
  }

  /** Along a picture's own direction of view. */
  move(picture, steps) {
    if (!picture.plane) return;
    const away = picture.plane.axes[2];
    const sign = picture.name === "axial" ? -1 : 1;
    const by = steps * sign * Math.max(this.image.step, 1);
    this.set({ point: this.model.get("point").map((v, k) => Number((v + by * away[k]).toFixed(4))) });
  }

  touch(picture, pixel, pick) {
    if (!picture.plane || !picture.within(pixel)) return;
    this.send({ ...this.request(picture.name), point: this.model.get("point"), kind: "point",
      coarse: Boolean(picture.plane.coarse), at: pixel, pick });
  }

  drawWindow(dx, dy) {
    const { window, level } = this.look();
    this.set({ window: Math.max(window * (1 + dx / 200), 1e-9), level: level + (dy * window) / 300 });
  }

  preset(k) {
    const one = this.image.presets[k];
    if (one) this.set({ window: one.window, level: one.level, invert: one.invert });
    this.sync();
  }

  reset() {
    this.pictures.forEach((one) => one.reset());
    this.set({ angles: [0, 0, 0], playing: false });
    this.preset(0);
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      this.pictures.forEach((one) => one.state("error", "The connection to Python is gone. Run the cell again."));
    }
  }

  key(event) {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const name = event.target.dataset ? event.target.dataset.pane : undefined;
    const picture = this.pictures.find((one) => one.name === name);
    if (!picture) return;
    const by = event.shiftKey ? 1 : 5;
    const free = name === "oblique";
    const modes = Object.keys(MODES);
    const next = modes[(modes.indexOf(this.model.get("mode")) + 1) % modes.length];
    const turn = (a, e, r) => (free ? this.turnBy(a, e, r) : this.move(picture, a + e > 0 ? 1 : -1));
    const actions = {
      ArrowLeft: () => turn(-by, 0, 0), ArrowRight: () => turn(by, 0, 0),
      ArrowUp: () => turn(0, -by, 0), ArrowDown: () => turn(0, by, 0),
      "[": () => this.turnBy(0, 0, -by), "]": () => this.turnBy(0, 0, by),
      PageUp: () => this.move(picture, -1), PageDown: () => this.move(picture, 1),
      p: () => this.set({ playing: !this.model.get("playing") }), m: () => this.set({ mode: next }),
      i: () => this.set({ invert: !this.model.get("invert") }), r: () => this.reset(),
      "+": () => picture.zoomBy(1.25), "=": () => picture.zoomBy(1.25), "-": () => picture.zoomBy(0.8),
      Enter: () => picture.plane && this.touch(picture, [(picture.plane.rows - 1) / 2, (picture.plane.cols - 1) / 2], true),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}

export default {
  render({ model, el }) {
    const view = new ObliqueView(model, el);
    return () => view.close();
  },
};
