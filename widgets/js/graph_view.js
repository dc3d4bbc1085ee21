// The graph view: stage, list, card and tools in one. widgets/esm.py joins these files.

import { button, element } from "./element.js";
import { NodeCard } from "./graph_card.js";
import { GraphData, maskOf } from "./graph_data.js";
import { NodeList, kindBoxes } from "./graph_panel.js";
import { swatch } from "./graph_shapes.js";
import { GraphStage } from "./graph_stage.js";

const LAYOUTS = [["time", "in time"], ["anatomy", "by anatomy"], ["force", "by what is joined"]];

const counted = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

class GraphView {
  constructor(model, host) {
    this.model = model;
    this.data = new GraphData(model.get("_graph"));
    this.at = null;
    this.root = element("div", { className: "onco onco-graph", "data-lm-suppress-shortcuts": "true" });
    host.append(this.root);
    const told = { look: (k) => this.look(k), pick: (k, add) => this.pick([k], add),
      over: (k) => this.over(k), out: () => this.out(), empty: () => this.pick([], false),
      neighbours: (k) => this.neighbours(k), visible: (k) => Boolean(this.mask[k]),
      ask: (k) => this.ask(k) };
    this.stage = new GraphStage(this.data, told);
    this.list = new NodeList(this.data, told);
    this.card = new NodeCard(this.data, told);
    this.build();
    this.listen();
    this.mask = this.data.shown(model.get("kinds"), maskOf(model.get("_hidden")));
    this.stage.mask = this.mask;
    this.stage.start(model.get("renderer"), model.get("_places"));
    this.filter();
    this.light();
  }

  build() {
    const { data, model } = this;
    const set = (name) => (value) => this.set({ [name]: value });
    this.kinds = kindBoxes("Kinds", data.kinds, true, (kind) => [swatch(kind.name, kind.color)],
      set("kinds"));
    this.edgeKinds = kindBoxes("Edges", data.edgeKinds, false, () => [], set("edge_kinds"));
    this.note = element("span", { className: "onco-quiet" });
    this.known = element("p", { className: "onco-known", role: "status" });
    this.said = element("p", { className: "onco-said", role: "status", "aria-live": "polite" });
    const panel = element("div", { className: "onco-panel" }, [this.kinds.root,
      this.edgeKinds.root, element("h3", { className: "onco-head", text: "Nodes" }), this.list.root]);
    this.body = element("div", { className: "onco-body" }, [this.stage.root, panel]);
    this.root.append(this.tools(), this.body, this.card.root,
      element("div", { className: "onco-foot" }, [this.note, this.known]), this.said);
    if (data.remark) {
      this.root.append(element("p", { className: "onco-remark", text: data.remark }));
    }
    this.sizes = () => { this.body.style.height = `${model.get("height")}px`; };
    this.sizes();
  }

  tools() {
    const { model } = this;
    this.layouts = element("select", { className: "onco-select" },
      LAYOUTS.map(([value, text]) => element("option", { value, text })));
    this.layouts.addEventListener("change", () => this.set({ layout_by: this.layouts.value }));
    this.day = element("input", { type: "number", className: "onco-number", step: 1,
      placeholder: "any" });
    this.day.addEventListener("change", () => this.set({
      known_on: this.day.value === "" ? null : Math.round(this.day.valueAsNumber) }));
    this.find = element("input", { type: "search", className: "onco-search" });
    this.find.addEventListener("input", () => this.set({ search: this.find.value }));
    const labelled = (text, control) => element("label", { className: "onco-label" },
      [element("span", { text }), control]);
    const at = (action) => () => this.stage.when(action);
    return element("div", { className: "onco-tools", role: "toolbar", "aria-label": "Graph" }, [
      labelled("Laid out", this.layouts), labelled("Known on day", this.day),
      labelled("Find", this.find),
      element("span", { className: "onco-group" }, [
        button("+", "Zoom in", at(() => this.stage.zoomBy(1.25))),
        button("−", "Zoom out", at(() => this.stage.zoomBy(0.8))),
        button("All", "Show everything", at(() => this.stage.fit())),
        button("Clear", "Select nothing", () => this.pick([], false))]),
      element("span", { className: "onco-quiet", text: this.sum() })]);
  }

  sum() {
    const { count, edgeCount, people } = this.data;
    return [counted(people, "patient"), counted(count, "node"), counted(edgeCount, "edge")].join(", ");
  }

  listen() {
    const { model } = this;
    this.listeners = [];
    const on = (names, action) => names.split(" ").forEach((name) => {
      model.on(name, action);
      this.listeners.push([name, action]);
    });
    on("change:kinds change:edge_kinds change:_hidden change:search", () => this.filter());
    on("change:_places", () => this.stage.when(() => this.stage.place(model.get("_places"))));
    on("change:_places change:known_on change:_known_note", () => this.sync());
    on("change:_lit", () => this.light());
    on("change:_centre", () => this.stage.when(() => this.stage.centre(model.get("_lit"))));
    on("change:height", this.sizes);
    on("msg:custom", (message) => {
      if (message.kind === "about") this.card.receive(message);
      else if (message.kind === "notice") this.said.textContent = message.message;
    });
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    this.stage.root.addEventListener("keydown", (event) => this.key(event));
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      // a click in the output would let the notebook take the focus back
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    const theme = () => this.stage.when(() => this.stage.restyle());
    this.themes = new MutationObserver(theme);
    this.themes.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    this.themes.observe(this.root, { attributeFilter: ["data-theme"] });
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", theme);
    this.untheme = () => this.dark.removeEventListener("change", theme);
  }

  close() {
    this.listeners.forEach(([name, action]) => this.model.off(name, action));
    this.themes.disconnect();
    this.untheme();
    clearTimeout(this.asking);
    this.stage.close();
    this.root.remove();
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      this.said.textContent = "The connection to Python is gone. Run the cell again.";
    }
  }

  sync() {
    const { model } = this;
    this.layouts.value = model.get("layout_by");
    const day = model.get("known_on");
    this.day.value = day === null || day === undefined ? "" : day;
    if (this.find.value !== model.get("search")) this.find.value = model.get("search");
    this.kinds.sync(model.get("kinds"));
    this.edgeKinds.sync(model.get("edge_kinds"));
    this.note.textContent = model.get("_places").note;
    this.known.textContent = model.get("_known_note");
  }

  filter() {
    const { model, data } = this;
    const search = model.get("search");
    this.mask = data.shown(model.get("kinds"), maskOf(model.get("_hidden")));
    const found = data.found(search, this.mask);
    this.list.show(found);
    this.stage.when(() => {
      this.stage.show(this.mask, model.get("edge_kinds"));
      this.stage.mark(search.trim() ? found.slice(0, 500) : []);
    });
    this.said.textContent = search.trim() ? `${counted(found.length, "node")} found` : "";
    this.sync();
  }

  light() {
    const lit = this.model.get("_lit");
    this.list.light(lit);
    this.stage.when(() => this.stage.light(lit));
    if (lit.length) this.card.show(lit[0]);
  }

  neighbours(place) {
    const found = this.data.joined(place).filter((one) => this.mask[one.node]);
    return [...found.filter((one) => one.out), ...found.filter((one) => !one.out)]
      .map((one) => one.node);
  }

  /** The person is at this node, by key or list. */
  look(place) {
    this.at = place;
    this.list.look(place);
    this.card.show(place);
    this.said.textContent = `${this.data.labels[place]}, ${this.data.kindOf(place).name}`;
    this.stage.when(() => {
      this.stage.here(place);
      const box = this.stage.node(place).renderedPosition();
      const { clientWidth, clientHeight } = this.stage.host;
      if (box.x < 100 || box.y < 30 || box.x > clientWidth - 40 || box.y > clientHeight - 20) {
        this.stage.cy.center(this.stage.node(place));
      }
    });
  }

  over(place) {
    this.stage.root.style.cursor = "pointer";
    this.card.show(place);
  }

  out() {
    this.stage.root.style.cursor = "";
    const back = this.at ?? this.model.get("_lit")[0];
    if (back !== undefined) this.card.show(back);
  }

  ask(place) {
    clearTimeout(this.asking); // a mouse on its way asks for nothing
    this.asking = setTimeout(() => this.send({ kind: "about", nodes: [place] }), 60);
  }

  pick(places, add) {
    if (places.length) this.at = places[0];
    this.send({ kind: "pick", nodes: places, add: Boolean(add) });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.stage.cy) return;
    const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const actions = { "+": () => this.stage.zoomBy(1.25), "=": () => this.stage.zoomBy(1.25),
      "-": () => this.stage.zoomBy(0.8), 0: () => this.stage.fit(),
      Enter: () => this.at !== null && this.pick([this.at], event.shiftKey),
      Escape: () => this.pick([], false) };
    if (ways[event.key]) {
      const from = this.at ?? this.model.get("_lit")[0] ?? this.mask.indexOf(1);
      const next = this.at === null ? from : this.stage.towards(from, ...ways[event.key]);
      if (next !== null && next >= 0) this.look(next);
    } else if (actions[event.key]) actions[event.key]();
    else return;
    event.preventDefault();
  }
}

export default {
  render({ model, el }) {
    const view = new GraphView(model, el);
    return () => view.close();
  },
};
