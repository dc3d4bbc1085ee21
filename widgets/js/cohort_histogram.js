// A histogram of a numeric facet with a range over it, for mouse, keyboard and typing.

import { element, plain } from "./element.js";

const HIGH = 64;

export class Histogram {
  constructor(facet, choose) {
    this.choose = choose;
    this.edges = facet.edges;
    this.title = facet.title;
    this.unit = facet.unit;
    const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
    this.make = make;
    const bins = this.edges.length - 1;
    this.svg = make("svg");
    this.svg.setAttribute("viewBox", `0 0 ${bins * 10} ${HIGH}`);
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.svg.setAttribute("role", "img");
    this.pale = this.bars(bins, "onco-bin-all");
    this.strong = this.bars(bins, "onco-bin");
    this.range = make("rect");
    this.range.setAttribute("class", "onco-brush");
    this.range.setAttribute("height", HIGH);
    this.svg.append(this.range);
    this.handles = [0, 1].map((end) => this.handle(end));
    this.plot = element("div", { className: "onco-histogram" }, [this.svg, ...this.handles]);
    this.svg.addEventListener("pointerdown", (event) => this.drag(event));
    const last = this.edges.length - 1;
    this.fields = ["from", "below"].map((word) => {
      const field = element("input", { type: "number", className: "onco-input", step: "any" });
      field.setAttribute("aria-label", `${this.title} ${word}`);
      field.addEventListener("change", () => this.typed());
      return field;
    });
    this.years = element("span", { className: "onco-quiet-text" });
    this.root = element("div", {}, [
      this.plot,
      element("div", { className: "onco-ticks" }, [
        element("span", { text: plain(this.edges[0] ?? 0) }),
        element("span", { text: this.unit }),
        element("span", { text: plain(this.edges[last] ?? 0) })]),
      element("div", { className: "onco-range" }, [
        element("label", {}, ["from ", this.fields[0]]),
        element("label", {}, ["below ", this.fields[1]])]),
      this.years,
    ]);
  }

  bars(bins, name) {
    return Array.from({ length: Math.max(bins, 0) }, (_, k) => {
      const bar = this.make("rect");
      bar.setAttribute("class", name);
      bar.setAttribute("x", k * 10 + 0.5);
      bar.setAttribute("width", 9);
      this.svg.append(bar);
      return bar;
    });
  }

  handle(end) {
    const made = element("div", { className: "onco-handle", role: "slider", tabIndex: 0 });
    made.setAttribute("aria-label", `${this.title}: ${end ? "below" : "from"}`);
    made.setAttribute("aria-valuemin", this.edges[0] ?? 0);
    made.setAttribute("aria-valuemax", this.edges[this.edges.length - 1] ?? 0);
    made.addEventListener("keydown", (event) => {
      const last = this.edges.length - 1;
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 5, PageDown: -5,
        Home: -last, End: last }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      const places = this.places();
      places[end] += by;
      if (end) places[1] = Math.min(last, Math.max(places[0] + 1, places[1]));
      else places[0] = Math.max(0, Math.min(places[1] - 1, places[0]));
      this.send(...places);
    });
    made.addEventListener("pointerdown", (event) => this.drag(event, end));
    return made;
  }

  /** The range as edges' numbers; the nearest where it lies between two. */
  places() {
    const last = this.edges.length - 1;
    const near = (value, otherwise) => {
      if (value === null) return otherwise;
      let best = 0;
      this.edges.forEach((edge, k) => {
        if (Math.abs(edge - value) < Math.abs(this.edges[best] - value)) best = k;
      });
      return best;
    };
    return [near(this.low, 0), near(this.high, last)];
  }

  /** Ask for a range between two edges; all of it is no range. */
  send(from, to) {
    const last = this.edges.length - 1;
    // shown at once, so that the next key goes on from here
    this.low = from <= 0 ? null : this.edges[from];
    this.high = to >= last ? null : this.edges[to];
    this.place();
    this.wanted = { low: this.low, high: this.high, until: Date.now() + 10_000 };
    this.choose(this.low, this.high);
  }

  typed() {
    const [low, high] = this.fields.map((field) => (field.value === "" ? null : Number(field.value)));
    this.choose(Number.isFinite(low) ? low : null, Number.isFinite(high) ? high : null);
  }

  drag(event, end) {
    event.preventDefault();
    const box = this.svg.getBoundingClientRect();
    const last = this.edges.length - 1;
    const at = (moved) => ((moved.clientX - box.left) / box.width) * last;
    const start = at(event);
    const before = this.places();
    let now = before;
    const move = (moved) => {
      const here = at(moved);
      if (end === 0) now = [Math.max(0, Math.min(before[1] - 1, Math.round(here))), before[1]];
      else if (end === 1) now = [before[0], Math.min(last, Math.max(before[0] + 1, Math.round(here)))];
      else {
        const [a, b] = [Math.min(start, here), Math.max(start, here)];
        now = [Math.max(0, Math.floor(a)), Math.min(last, Math.max(Math.ceil(b), Math.floor(a) + 1))];
      }
      this.low = this.edges[now[0]];
      this.high = this.edges[now[1]];
      this.place();
    };
    const stop = (moved) => {
      move(moved);
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", stop);
      this.send(...now);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", stop);
    if (end !== undefined) this.handles[end].focus();
  }

  place() {
    const last = this.edges.length - 1;
    const spot = (value, otherwise) => {
      if (value === null) return otherwise;
      const width = (this.edges[last] - this.edges[0]) || 1;
      return Math.min(1, Math.max(0, (value - this.edges[0]) / width));
    };
    const [a, b] = [spot(this.low, 0), spot(this.high, 1)];
    const active = this.low !== null || this.high !== null;
    this.range.setAttribute("x", a * last * 10);
    this.range.setAttribute("width", Math.max(0, b - a) * last * 10);
    this.range.setAttribute("visibility", active ? "visible" : "hidden");
    this.handles.forEach((handle, end) => {
      const value = end ? this.high ?? this.edges[last] : this.low ?? this.edges[0];
      handle.style.left = `${100 * (end ? b : a)}%`;
      handle.setAttribute("aria-valuenow", value);
      handle.setAttribute("aria-valuetext", `${plain(value)} ${this.unit}`.trim());
    });
    this.fields[0].value = this.low ?? "";
    this.fields[1].value = this.high ?? "";
    const years = (value) => plain(value / 365.25);
    this.years.textContent = this.unit !== "days" || !active ? ""
      : `in years: ${this.low === null ? "" : `from ${years(this.low)} `}`
        + `${this.high === null ? "" : `below ${years(this.high)}`}`;
  }

  sync(facet) {
    const most = Math.max(1, ...facet.everyone);
    const tall = (bar, number) => {
      const height = (HIGH * number) / most;
      bar.setAttribute("height", height);
      bar.setAttribute("y", HIGH - height);
    };
    facet.everyone.forEach((number, k) => tall(this.pale[k], number));
    facet.bins.forEach((number, k) => tall(this.strong[k], number));
    // an answer to an earlier key must not take the later ones back
    const wanted = this.wanted;
    const late = wanted && Date.now() < wanted.until
      && (facet.low !== wanted.low || facet.high !== wanted.high);
    if (!late) {
      this.wanted = null;
      this.low = facet.low;
      this.high = facet.high;
    }
    const total = facet.bins.reduce((sum, number) => sum + number, 0);
    this.svg.setAttribute("aria-label", `${facet.title}: ${total} values from `
      + `${plain(this.edges[0] ?? 0)} to ${plain(this.edges[this.edges.length - 1] ?? 0)}`);
    this.place();
  }
}
