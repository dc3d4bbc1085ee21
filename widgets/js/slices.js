// The slice view: planes, tools and state in one. widgets/esm.py joins these files to one module.

import { helpCard, sidebar, toolbar } from "./controls.js";
import { element } from "./element.js";
import { PlaneCache } from "./feed.js";
import { toLps } from "./geometry.js";
import { actionOf } from "./keys.js";
import { LayerState } from "./layer_state.js";
import { MeasureTool } from "./measure_tool.js";
import { PaneView } from "./pane_view.js";
import { Player } from "./play.js";
import { readout } from "./readout.js";
import { renderer } from "./renderer.js";
import { saveShot, sendShot } from "./shot.js";

class SliceView {
  constructor(model, host) {
    this.model = model;
    this.tool = "point";
    this.crossing = true;
    this.panes = [];
    this.cache = new PlaneCache();
    this.lit = {};
    this.layers = new LayerState(model);
    this.lens = false;
    this.measures = new MeasureTool(this);
    this.player = new Player(this);
    // JupyterLab must not take the keys
    this.root = element("div", { className: "onco onco-slices", "data-lm-suppress-shortcuts": "true" });
    host.append(this.root);
    this.root.addEventListener("keydown", (event) => this.key(event));
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      // a click in the output would let the notebook take the focus back
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.listeners = [];
    this.on("change:_revision", () => this.build());
    this.on("change:crosshair change:time change:visible change:show_segments",
      () => this.update());
    this.on("change:boxes change:emphasis change:_lit", () => this.light());
    this.on("change:_layers", () => this.relayer());
    this.on("change:lut change:_luts change:fused_window change:fused_level change:fused_invert "
      + "change:fused_opacity change:fused_lut change:fused_fade change:heat_opacity "
      + "change:heat_lut change:measurements change:_keeps change:picked_segment",
    () => this.redraw());
    this.on("change:playing change:frames_per_second change:loop", () => {
      this.player.sync();
      this.tools.sync();
    });
    this.root.addEventListener("keyup", (event) => this.keyUp(event));
    this.on("change:theme", () => this.paintTheme());
    this.on("change:window change:level change:invert change:smooth change:fill change:opacity",
      () => this.redraw());
    this.on("change:arrangement change:main change:height", () => this.place());
    this.on("msg:custom", (message, buffers) => {
      if (message.kind === "plane" || message.kind === "error") {
        const pane = this.panes[message.pane];
        if (pane && message.revision === model.get("_revision")) pane.feed.receive(message, buffers);
      } else if (message.kind === "notice") this.line.notice(message.message);
      else if (message.kind === "probe") this.measures.prober.answer(message);
      else if (message.kind === "shoot") sendShot(this, message.n);
    });
    this.build();
  }

  on(names, action) {
    for (const name of names.split(" ")) {
      // without WebGL nothing was built that could be brought up to date
      const act = (...told) => {
        if (!this.broken || name === "change:_revision") action(...told);
      };
      this.model.on(name, act);
      this.listeners.push([name, act]);
    }
  }

  close() {
    this.listeners.forEach(([name, action]) => this.model.off(name, action));
    this.player.stop();
    this.panes.forEach((pane) => pane.close());
    this.root.remove();
  }

  build() {
    this.panes.forEach((pane) => pane.close());
    this.panes = [];
    this.cache.clear();
    this.root.replaceChildren();
    this.image = this.model.get("_image");
    this.segments = this.model.get("_segments");
    this.layers.refresh();
    this.broken = false;
    try {
      this.most = renderer().most;
    } catch (error) {
      this.broken = true;
      this.root.append(element("div", { className: "onco-note onco-error", text: error.message }));
      return;
    }
    this.tools = toolbar(this);
    this.side = sidebar(this);
    this.line = readout(this);
    this.helper = helpCard(() => this.help(false));
    this.stage = element("div", { className: "onco-stage" });
    this.panes = this.image.panes.map((_, k) => new PaneView(this, k));
    this.stage.append(...this.panes.map((pane) => pane.root), this.side.root, this.helper);
    this.root.append(this.tools.root, this.stage, this.line.root);
    if (this.image.remark) {
      this.root.append(element("div", { className: "onco-remark", text: this.image.remark }));
    }
    this.active = this.panes[0];
    this.lit = this.model.get("_lit");
    this.paintTheme();
    this.place();
    this.update();
    this.player.sync();
  }

  /** Where the panes stand. */
  place() {
    const single = this.panes.length < 2;
    this.stage.style.height = `${this.model.get("height")}px`;
    this.stage.dataset.arrangement = single ? "single" : this.model.get("arrangement");
    this.panes.forEach((pane) => {
      pane.root.classList.toggle("onco-main", pane.layout.name === this.model.get("main"));
      pane.draw();
    });
    this.tools.sync();
  }

  update() {
    this.measures.follow();
    this.panes.forEach((pane) => pane.update());
    this.redraw();
  }

  redraw() {
    this.panes.forEach((pane) => pane.draw());
    this.tools.sync();
    this.side.sync();
    this.line.sync();
  }

  /** What is lit or stands out has changed: only the drawing has. */
  light() {
    this.lit = this.model.get("_lit");
    this.redraw();
  }

  paintTheme() {
    const theme = this.model.get("theme");
    if (theme === "auto") delete this.root.dataset.theme;
    else this.root.dataset.theme = theme;
  }

  /** Words whose bits are the segments, in their order, that stand out. */
  emphasised() {
    const keys = new Set([...this.model.get("emphasis"), ...(this.lit.segments || [])]);
    const words = new Uint32Array(4);
    if (keys.size) {
      this.order().forEach((k, slot) => {
        if (keys.has(this.segments[k].key)) words[slot >> 5] |= (1 << (slot & 31)) >>> 0;
      });
    }
    return words;
  }

  again() {
    this.panes.forEach((pane) => pane.feed.again());
  }

  arrived() {
    this.line.sync();
  }

  /** Positions of the segments to draw; the n-th is bit n of a mask. */
  order() {
    if (!this.model.get("show_segments")) return [];
    const visible = new Set(this.model.get("visible"));
    const found = [];
    this.segments.forEach((one, k) => {
      if (visible.has(one.key) && found.length < this.most) found.push(k);
    });
    return found;
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      // the comm is closed: the kernel was restarted, or the notebook is only being read
      const gone = "The connection to Python is gone. Run the cell again.";
      this.panes.forEach((pane) => pane.report("error", gone));
    }
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  toggle(name) {
    this.set({ [name]: !this.model.get(name) });
    this.update();
  }

  flip(key, on) {
    const others = this.model.get("visible").filter((one) => one !== key);
    this.show(on ? [...others, key] : others);
  }

  show(keys) {
    this.set({ visible: keys });
  }

  moveTo(voxel) {
    const now = this.model.get("crosshair");
    if (voxel.some((v, i) => v !== now[i])) this.set({ crosshair: voxel });
  }

  click(pane) {
    const voxel = this.model.get("crosshair");
    const { n = 0 } = this.model.get("clicked");
    this.set({ clicked: { voxel, point: this.image.placed ? toLps(this.image, voxel) : null, pane,
      n: n + 1 } });
  }

  /** Other layers are laid on. */
  relayer() {
    this.layers.refresh();
    this.cache.keepLayers(new Set(this.layers.keys()));
    this.side.relayer();
    if (!this.layers.fused && this.tool === "second") this.choose("point");
    this.update();
  }

  hideFused() {
    this.layers.hidden = !this.layers.hidden;
    this.redraw();
  }

  play() {
    this.set({ playing: !this.model.get("playing") });
    this.player.sync();
    this.tools.sync();
  }

  setLens(on) {
    this.lens = on;
    this.redraw();
  }

  // held down it is there as long as it is held; a short press turns it on or off
  magnify(event) {
    if (event.repeat) return;
    this.lensSince = this.lens ? -Infinity : event.timeStamp;
    this.setLens(!this.lens);
  }

  keyUp(event) {
    if (event.key.toLowerCase() === "m" && this.lens && event.timeStamp - this.lensSince > 400) {
      this.setLens(false);
    }
  }

  shoot() {
    saveShot(this);
  }

  escape() {
    this.measures.drawing = null;
    if (!this.helper.hidden) this.help(false);
    else this.redraw();
  }

  preset(k) {
    const one = this.image.presets[k];
    if (one) this.set({ window: one.window, level: one.level, invert: one.invert });
  }

  presetShown() {
    const near = (a, b) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
    const found = this.image.presets.findIndex((one) => near(this.model.get("window"), one.window)
      && near(this.model.get("level"), one.level) && this.model.get("invert") === one.invert);
    return found < 0 ? "" : found;
  }

  windowText(window, level, before = "") {
    const digits = (v) => (Math.abs(v) >= 100 ? v.toFixed(0) : Number(v.toPrecision(3)));
    return `${before}W ${digits(this.model.get(window))}  L ${digits(this.model.get(level))}`;
  }

  choose(tool) {
    this.tool = tool;
    this.root.dataset.tool = tool;
    this.tools.sync();
  }

  activate(pane) {
    this.active = pane;
  }

  enlarge(name) {
    if (this.panes.length < 2) return;
    const same = this.model.get("main") === name && this.model.get("arrangement") === "large";
    this.set({ main: name, arrangement: same ? "grid" : "large" });
  }

  arrange() {
    this.set({ arrangement: this.model.get("arrangement") === "large" ? "grid" : "large" });
  }

  reset() {
    this.panes.forEach((pane) => pane.reset());
    this.preset(0);
  }

  help(open = this.helper.hidden) {
    this.helper.hidden = !open;
    (open ? this.helper : this.active.canvas).focus({ preventScroll: true });
  }

  step(count) {
    const pane = this.active;
    pane.scrollTo(pane.index + count * pane.layout.forward);
  }

  key(event) {
    event.stopPropagation();
    const field = event.target.closest("input, select, button");
    if (event.ctrlKey || event.metaKey || event.altKey || (field && event.key !== "Escape")) return;
    const action = actionOf(this, event);
    if (!action) return;
    event.preventDefault();
    action();
  }
}

export default {
  render({ model, el }) {
    const view = new SliceView(model, el);
    return () => view.close();
  },
};
