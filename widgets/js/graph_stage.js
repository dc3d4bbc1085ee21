// The drawn graph: cytoscape between two canvases with lanes and their names.

import { element } from "./element.js";
import { Backdrop } from "./graph_backdrop.js";
import { GraphMotion } from "./graph_motion.js";
import { graphStyle, themeColors } from "./graph_style.js";
import { cytoscape } from "./vendor/cytoscape.js";

const LARGE = 400; // as widgets/node_grid.py
const MOST_FORCED = 1500; // nodes that the force layout places within seconds
const LIMITS = [0.01, 8]; // of the zoom
const LEFT = 96; // kept free for the lanes' names

export class GraphStage {
  /** `told` has what happens: over(node), out(), pick(node, add), moved(), empty(). */
  constructor(data, told) {
    this.data = data;
    this.told = told;
    this.large = data.count > LARGE;
    this.cy = null;
    this.waiting = [];
    this.behind = element("canvas", { className: "onco-layer" });
    this.host = element("div", { className: "onco-layer onco-cy" });
    this.before = element("canvas", { className: "onco-layer onco-names" });
    for (const layer of [this.behind, this.host, this.before]) layer.setAttribute("aria-hidden", "true");
    this.root = element("div", { className: "onco-stage", tabIndex: 0, role: "application",
      "aria-label": "Graph. Arrow keys walk along edges, Enter picks, plus and minus zoom, "
        + "0 shows everything. The list beside it has the same nodes." });
    this.root.append(this.behind, this.host, this.before);
    this.backdrop = new Backdrop(this.behind, this.before);
    this.sized = new ResizeObserver(() => this.resized());
    this.sized.observe(this.root);
  }

  /** Cytoscape measures its place when it is made: not before the page has given it one. */
  start(renderer, places) {
    this.backdrop.set(places);
    this.forced = places.name === "force";
    const build = () => {
      if (this.closed) return;
      if (!this.host.clientWidth) { this.frame = requestAnimationFrame(build); return; }
      this.colors = themeColors(this.root);
      const webgl = renderer === "webgl";
      if (this.large) this.move();
      this.cy = cytoscape({
        container: this.host, elements: this.elements(), layout: { name: "preset", fit: false },
        style: graphStyle(this.data, this.colors, this.large, this.forced),
        minZoom: LIMITS[0], maxZoom: LIMITS[1], autoungrabify: true, boxSelectionEnabled: false,
        selectionType: "single", autounselectify: true,
        userPanningEnabled: !this.large, userZoomingEnabled: !this.large,
        renderer: webgl ? { name: "canvas", webgl: true, showFps: false } : { name: "canvas" },
      });
      this.cy.on("mouseover", "node", (event) => this.told.over(this.number(event.target)));
      this.cy.on("mouseout", "node", () => this.told.out());
      this.cy.on("tap", (event) => this.tapped(event));
      this.cy.on("viewport", () => this.backdropNow());
      this.settle();
      this.waiting.splice(0).forEach((action) => action());
      this.root.dataset.state = "ready";
    };
    this.frame = requestAnimationFrame(build);
  }

  move() {
    this.motion = new GraphMotion(this.host, LIMITS, (zoom, pan) => {
      // cytoscape would refine a picture that is on its way out
      this.cy.renderer().redraw = () => {};
      this.backdrop.draw(zoom, pan, this.colors, this.root.clientWidth, this.root.clientHeight);
    }, (zoom, pan) => {
      delete this.cy.renderer().redraw;
      this.cy.viewport({ zoom, pan: { ...pan } });
    });
  }

  /** Do it as soon as the graph is there. */
  when(action) {
    if (this.cy) action();
    else this.waiting.push(action);
  }

  close() {
    this.closed = true;
    cancelAnimationFrame(this.frame);
    this.sized.disconnect();
    this.layout?.stop();
    this.motion?.close();
    this.cy?.destroy();
  }

  elements() {
    const { data } = this;
    const { xy } = this.backdrop;
    const made = [];
    for (let k = 0; k < data.count; k += 1) {
      made.push({ group: "nodes", data: { id: `n${k}`, label: data.labels[k] },
        position: { x: xy[2 * k], y: xy[2 * k + 1] },
        classes: `k${data.kind[k]}${data.synthetic[k] ? " made-up" : ""}` });
    }
    const own = new Set();
    for (let k = 0; k < data.count; k += 1) if (data.kindOf(k).name === "patient") own.add(k);
    for (let k = 0; k < data.edgeCount; k += 1) {
      const [tail, head, kind] = data.edges.subarray(3 * k, 3 * k + 3);
      made.push({ group: "edges", classes: `e${kind}${own.has(tail) ? " own" : ""}`, data: { id: `e${k}`, source: `n${tail}`,
        target: `n${head}`, kind: data.edgeKinds[kind].name.replaceAll("_", " ") } });
    }
    return made;
  }

  number(node) { return Number(node.id().slice(1)); }

  node(place) { return this.cy.getElementById(`n${place}`); }

  tapped(event) {
    if (this.motion?.dragged) return;
    const keys = event.originalEvent ?? {};
    const add = keys.shiftKey || keys.ctrlKey || keys.metaKey;
    if (event.target === this.cy) {
      if (!add) this.told.empty();
    } else if (event.target.isNode()) this.told.pick(this.number(event.target), add);
  }

  /** Put the nodes where a layout has them. */
  place(packed) {
    const { forced } = this;
    this.backdrop.set(packed);
    this.forced = packed.name === "force";
    this.layout?.stop();
    if (forced !== this.forced) this.restyle();
    const { xy } = this.backdrop;
    this.cy.batch(() => {
      for (let k = 0; k < this.data.count; k += 1) {
        this.node(k).position({ x: xy[2 * k], y: xy[2 * k + 1] });
      }
    });
    this.settle();
  }

  settle() {
    this.bend(this.backdrop.xy);
    if (this.forced) this.force();
    this.fit();
  }

  /** Edges within a column run around the nodes between, not through them. */
  bend(xy) {
    if (this.large) return;
    this.cy.batch(() => {
      for (let k = 0; k < this.data.edgeCount; k += 1) {
        const [tail, head] = this.data.edges.subarray(3 * k, 3 * k + 2);
        const away = xy[2 * head + 1] - xy[2 * tail + 1];
        const same = !this.forced && Math.abs(xy[2 * head] - xy[2 * tail]) < 1 && Math.abs(away) > 40;
        const edge = this.cy.getElementById(`e${k}`);
        if (same) edge.data("bend", -Math.sign(away) * Math.min(34, 8 + Math.abs(away) / 7));
        edge.toggleClass("arc", same);
      }
    });
  }

  force() {
    const shown = this.cy.elements(":visible");
    const many = shown.nodes().length > MOST_FORCED;
    this.layout = shown.layout({ name: "fcose", quality: many ? "draft" : "default",
      randomize: many, animate: false, fit: false, nodeDimensionsIncludeLabels: !this.large,
      nodeSeparation: 60, idealEdgeLength: () => (this.large ? 30 : 75),
      nodeRepulsion: () => 6000, packComponents: false, numIter: many ? 300 : 1500 });
    this.layout.run();
  }

  show(mask, edgeKinds) {
    this.mask = mask;
    const wanted = this.data.edgeKinds.map((one) => edgeKinds.includes(one.name));
    this.cy.batch(() => {
      for (let k = 0; k < this.data.count; k += 1) {
        const node = this.node(k);
        if (node.hasClass("off") === Boolean(mask[k])) node.toggleClass("off", !mask[k]);
      }
      for (let k = 0; k < this.data.edgeCount; k += 1) {
        const edge = this.cy.getElementById(`e${k}`);
        const on = wanted[this.data.edges[3 * k + 2]];
        if (edge.hasClass("off") === on) edge.toggleClass("off", !on);
      }
    });
  }

  /** Highlight nodes, their neighbours, and the edges between; dim the rest. */
  light(places) {
    const { cy } = this;
    if (!places.length && !this.lighted) return;
    this.lighted = places.length > 0;
    cy.batch(() => {
      cy.elements().removeClass("lit near dim named");
      const lit = cy.collection(places.map((k) => this.node(k)));
      if (!lit.length) return;
      const edges = lit.connectedEdges(":visible");
      const near = edges.connectedNodes().difference(lit);
      cy.elements().difference(lit).difference(edges).difference(near).addClass("dim");
      lit.addClass("lit");
      edges.addClass("near");
      if (near.length <= 40) near.addClass("near");
      if (edges.length <= 25) edges.not(".arc").addClass("named");
    });
  }

  mark(places) {
    this.cy.batch(() => {
      this.cy.nodes(".match").removeClass("match");
      places.forEach((k) => this.node(k).addClass("match"));
    });
  }

  here(place) {
    this.cy.nodes(".here").removeClass("here");
    if (place !== null) this.node(place).addClass("here");
  }

  /** Bring nodes into the middle; the zoom stays where it lets them be read. */
  centre(places) {
    const found = this.cy.collection(places.map((k) => this.node(k))).filter(":visible");
    if (!found.length) return;
    const box = found.boundingBox({ includeLabels: false });
    const [wide, high] = [this.host.clientWidth - LEFT, this.host.clientHeight];
    const fits = Math.min(wide / (box.w + 60), high / (box.h + 60));
    const zoom = Math.min(Math.max(this.cy.zoom(), 1), Math.max(fits, 0.05), 8);
    this.cy.viewport({ zoom, pan: { x: (wide + LEFT) / 2 - zoom * (box.x1 + box.x2) / 2 + LEFT / 2,
      y: high / 2 - zoom * (box.y1 + box.y2) / 2 } });
    if (found.length === 1) this.cy.center(found);
  }

  fit() {
    const [wide, high] = [this.host.clientWidth, this.host.clientHeight];
    let [x0, y0, x1, y1] = [0, 0, 0, 0];
    if (this.forced) {
      const box = this.cy.nodes(":visible").boundingBox();
      [x0, y0, x1, y1] = [box.x1, box.y1, box.x2, box.y2];
    } else {
      [x0, y0, x1, y1] = this.backdrop.extent(null, this.mask);
      x1 += this.large ? 10 : 150; // room for the last column's names
    }
    const left = this.forced ? 20 : LEFT;
    const top = this.forced ? 20 : 34;
    const zoom = Math.max(0.01, Math.min((wide - left - 16) / (x1 - x0 + 12),
      (high - top - 14) / (y1 - y0 + 24), 1.4));
    this.cy.viewport({ zoom, pan: { x: left - zoom * (x0 - 8),
      y: top - zoom * (y0 - 12) } });
    this.backdropNow();
  }

  zoomBy(factor) {
    const middle = { x: this.host.clientWidth / 2, y: this.host.clientHeight / 2 };
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: middle });
  }

  restyle() {
    this.colors = themeColors(this.root);
    this.cy.style(graphStyle(this.data, this.colors, this.large, this.forced));
    this.backdropNow();
  }

  resized() {
    if (!this.cy) return;
    this.cy.resize();
    this.backdropNow();
  }

  backdropNow() {
    this.motion?.drawn(this.cy.zoom(), this.cy.pan());
    this.backdrop.draw(this.cy.zoom(), this.cy.pan(), this.colors, this.host.clientWidth,
      this.host.clientHeight);
  }

  /** The neighbour that lies in a direction, or null. */
  towards(place, dx, dy) {
    const from = this.node(place).position();
    let best = null;
    for (const { node } of this.data.joined(place)) {
      const other = this.node(node);
      if (node !== place && other.visible()) {
        const at = other.position();
        const [x, y] = [at.x - from.x, at.y - from.y];
        const along = x * dx + y * dy;
        const cost = Math.hypot(x, y) + 2 * Math.abs(x * dy - y * dx);
        if (along > 0 && (!best || cost < best.cost)) best = { node, cost };
      }
    }
    return best && best.node;
  }
}
