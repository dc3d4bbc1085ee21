// The timeline view. widgets/esm.py joins these files to one module.

import { button, element } from "./element.js";
import { swatch } from "./graph_shapes.js";
import { GUTTER, drawLane, svg, wrapped } from "./timeline_lanes.js";
import { DayScale, dayText, wholeSpan } from "./timeline_scale.js";
import { drawChart } from "./timeline_series.js";

const TOP = 24;

class TimelineView {
  constructor(model, host) {
    this.model = model;
    this.at = null;
    this.known = new Map();
    this.root = element("div", { className: "onco onco-timeline",
      "data-lm-suppress-shortcuts": "true" });
    host.append(this.root);
    this.build();
    this.listen();
    this.take();
    if (this.timeline.waiting) this.send({ kind: "measure" });
  }

  build() {
    const named = [["days", "days from time zero"], ["dates", "dates"]];
    this.axis = element("select", { className: "onco-select" },
      named.map(([value, text]) => element("option", { value, text })));
    this.axis.addEventListener("change", () => this.set({ axis: this.axis.value }));
    this.sum = element("span", { className: "onco-quiet" });
    this.tools = element("div", { className: "onco-tools", role: "toolbar", "aria-label": "Timeline" }, [
      element("label", { className: "onco-label" }, [element("span", { text: "Axis in" }), this.axis]),
      element("span", { className: "onco-group" }, [
        button("+", "Zoom in", () => this.zoom(0.7)), button("−", "Zoom out", () => this.zoom(1 / 0.7)),
        button("‹", "Earlier", () => this.pan(-0.25)), button("›", "Later", () => this.pan(0.25)),
        button("All", "Show everything", () => this.look(null)),
        button("Clear", "Select nothing", () => this.pick([], false))]), this.sum]);
    this.drawing = svg("svg", { class: "onco-drawing", role: "group",
      "aria-label": "Timeline. Arrow keys go from item to item, Enter picks, plus and minus zoom." });
    this.stage = element("div", { className: "onco-stage" }, [this.drawing]);
    this.card = element("section", { className: "onco-card", "aria-label": "Facts of the item" });
    this.beside = element("details", { className: "onco-beside", open: true });
    this.foot = element("div", { className: "onco-foot" });
    this.said = element("p", { className: "onco-said", role: "status", "aria-live": "polite" });
    this.root.append(this.tools, this.stage, this.card, this.beside, this.foot, this.said);
    this.empty();
  }

  listen() {
    const { model } = this;
    this.listeners = [];
    const on = (names, action) => names.split(" ").forEach((name) => {
      model.on(name, action);
      this.listeners.push([name, action]);
    });
    on("change:_timeline", () => this.take());
    on("change:axis change:span change:height", () => this.draw());
    on("change:_lit", () => this.light());
    on("change:_centre", () => this.centre());
    on("msg:custom", (message) => {
      if (message.kind === "about") {
        this.known.set(message.item, message.rows);
        if (message.item === this.at) this.show(this.at);
      } else if (message.kind === "notice") this.said.textContent = message.message;
    });
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      // a click in the output would let the notebook take the focus back
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.drawing.addEventListener("keydown", (event) => this.key(event));
    this.drawing.addEventListener("click", (event) => this.clicked(event));
    this.drawing.addEventListener("pointerover", (event) => this.over(event));
    this.drawing.addEventListener("focusin", (event) => this.focused(event));
    this.drawing.addEventListener("pointerdown", (event) => this.grab(event));
    this.stage.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.shiftKey) return; // the page is scrolled as ever
      event.preventDefault();
      const x = event.clientX - this.drawing.getBoundingClientRect().left;
      if (event.shiftKey) this.pan(Math.sign(event.deltaY || event.deltaX) * 0.1);
      else this.zoom(event.deltaY < 0 ? 0.8 : 1.25, this.scale?.day(x));
    }, { passive: false });
    this.sized = new ResizeObserver(() => this.draw());
    this.sized.observe(this.stage);
  }

  close() {
    this.listeners.forEach(([name, action]) => this.model.off(name, action));
    this.sized.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.asking);
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

  take() {
    this.timeline = this.model.get("_timeline");
    this.items = this.timeline.items;
    this.series = this.timeline.series.map((one, place) => ({ ...one, place }));
    this.whole = wholeSpan(this.items);
    this.known.clear();
    const dated = this.items.filter((one) => one.day !== null).length;
    this.sum.textContent = `with a day: ${dated}, without: ${this.items.length - dated}`;
    this.axis.options[1].disabled = !this.timeline.zero;
    const notes = [this.timeline.zeroName, ...this.timeline.notes];
    if (this.timeline.waiting) notes.push("The lesions are being measured …");
    if (this.timeline.remark) notes.push(this.timeline.remark);
    this.foot.replaceChildren(...notes.map((text) => element("p", { text })));
    this.root.dataset.state = this.timeline.waiting ? "measuring" : "ready";
    this.undated();
    this.draw();
  }

  /** What has no day, by the reason. */
  undated() {
    const groups = new Map();
    this.items.forEach((item, place) => {
      if (item.day !== null) return;
      if (!groups.has(item.reason)) groups.set(item.reason, []);
      groups.get(item.reason).push(place);
    });
    const count = this.items.filter((one) => one.day === null).length;
    this.beside.hidden = !count;
    this.beside.replaceChildren(element("summary", { text: `Without a day: ${count}` }),
      ...[...groups].map(([reason, places]) => element("div", { className: "onco-reason" }, [
        element("p", { className: "onco-quiet", text: `${reason} (${places.length})` }),
        this.buttons(places)])));
  }

  buttons(places) {
    return element("div", { className: "onco-chips" }, places.map((place) => {
      const item = this.items[place];
      const chip = element("button", { type: "button", className: "onco-chip", "data-item": place,
        "aria-pressed": "false" }, [swatch(item.kind, this.color(item), item.synthetic),
        element("span", { text: item.label })]);
      chip.addEventListener("click", (event) => this.pick([place], event.shiftKey || event.ctrlKey));
      chip.addEventListener("pointerenter", () => this.show(place));
      chip.addEventListener("focus", () => this.show(place));
      return chip;
    }));
  }

  color(item) { return this.timeline.colors[item.kind] ?? "#666666"; }

  entry(place) { return { item: this.items[place], place }; }

  when(item) {
    if (item.day === null) return "no day";
    const dates = this.model.get("axis") === "dates" && this.timeline.zero;
    const text = (day) => (dates ? dayText(day, this.timeline.zero, true) : `day ${day}`);
    return item.end !== null && item.end !== item.day ? `${text(item.day)} to ${text(item.end)}`
      : text(item.day);
  }

  name(item) {
    const made = item.synthetic ? ", synthetic" : "";
    return `${item.label}, ${item.lane}, ${this.when(item)}${made}`;
  }

  /** First and last day in sight; the scale has them too, but a hidden page draws none. */
  inSight() {
    const span = this.model.get("span");
    return span.length === 2 && span[1] > span[0] ? span : this.whole;
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.drawNow());
  }

  drawNow() {
    const width = this.stage.clientWidth;
    if (!width) return;
    const focused = this.drawing.contains(document.activeElement) ? this.at : null;
    this.scale = new DayScale(this.inSight(), GUTTER, width - 10);
    this.stage.style.maxHeight = `${this.model.get("height")}px`;
    this.axis.value = this.model.get("axis");
    const lanes = [];
    let top = TOP;
    const told = { entry: (k) => this.entry(k), color: (one) => this.color(one),
      name: (one) => this.name(one) };
    this.timeline.lanes.forEach((lane) => {
      const mine = this.items.map((item, place) => ({ item, place }))
        .filter(({ item }) => item.lane === lane && item.day !== null);
      if (!mine.length) return;
      const charted = this.series.filter((one) => one.chart === lane);
      const made = charted.length ? drawChart(lane, charted, mine, this.scale, top, told)
        : drawLane(lane, mine, this.scale, top, told);
      lanes.push({ lane, top, charted: charted.length > 0, ...made });
      top += made.height;
    });
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${top + 4}`);
    this.drawing.setAttribute("height", top + 4);
    this.drawing.replaceChildren(...this.frameOf(lanes, width, top), ...lanes.map((one) => one.group));
    if (!lanes.length) {
      this.drawing.append(svg("text", { x: 12, y: 14, text: "Nothing here has a day." }));
    }
    this.light();
    if (focused !== null) this.drawing.querySelector(`[data-item="${focused}"]`)?.focus({ preventScroll: true });
    this.roving();
  }

  /** Stripes, the axis, and the lanes' names. */
  frameOf(lanes, width, bottom) {
    const { scale } = this;
    const made = [];
    lanes.forEach(({ top, height }, k) => {
      if (k % 2 === 0) made.push(svg("rect", { x: 0, y: top, width, height, class: "onco-stripe" }));
    });
    if (!lanes.length) return made;
    const dates = this.model.get("axis") === "dates";
    for (const day of scale.ticks()) {
      const x = scale.x(day);
      made.push(svg("line", { x1: x, x2: x, y1: TOP - 5, y2: bottom, class: "onco-rule" }),
        svg("text", { x, y: 13, "text-anchor": "middle", class: "onco-axis",
          text: dayText(day, this.timeline.zero, dates) }));
    }
    const zero = scale.x(0);
    if (zero >= GUTTER && zero <= scale.right) {
      made.push(svg("line", { x1: zero, x2: zero, y1: TOP - 5, y2: bottom, class: "onco-zero" }));
    }
    made.push(svg("text", { x: 8, y: 13, class: "onco-axis", text: dates ? "date" : "day" }));
    for (const { lane, top, height, charted } of lanes) {
      const lines = wrapped(lane, GUTTER - (charted ? 52 : 14), charted ? 4 : 1);
      const begin = top + (charted ? height / 2 + 4 - (lines.length - 1) * 8 : 18);
      made.push(svg("text", { class: "onco-lane" }, lines.map((text, k) => svg("tspan",
        { x: 8, y: begin + k * 16, text }))));
      made.at(-1).append(svg("title", { text: lane }));
    }
    return made;
  }

  marks() { return [...this.drawing.querySelectorAll(".onco-item")]; }

  /** One of the items can be reached with the tab key. */
  roving() {
    const marks = this.marks();
    const here = marks.find((one) => one.dataset.item === String(this.at)) ?? marks[0];
    marks.forEach((one) => one.setAttribute("tabindex", one === here ? 0 : -1));
  }

  light() {
    const lit = new Set(this.model.get("_lit"));
    for (const one of this.root.querySelectorAll("[data-item]")) {
      const on = lit.has(Number(one.dataset.item));
      one.classList.toggle("onco-lit", on);
      one.setAttribute("aria-pressed", String(on));
    }
    this.drawing.classList.toggle("onco-some", lit.size > 0);
    if (lit.size && this.at === null) this.show([...lit][0]);
  }

  /** Bring what is selected elsewhere into sight. */
  centre() {
    const lit = this.model.get("_lit").filter((k) => (this.items[k]?.day ?? null) !== null);
    if (!lit.length) return;
    const { day } = this.items[lit[0]];
    const [first, last] = this.inSight();
    if (day < first || day > last) {
      const half = (last - first) / 2;
      this.set({ span: [day - half, day + half] });
    }
    this.show(lit[0]);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const mark = this.drawing.querySelector(`[data-item="${lit[0]}"]`);
      if (!mark) return;
      const [here, frame] = [mark.getBoundingClientRect(), this.stage.getBoundingClientRect()];
      if (here.top < frame.top || here.bottom > frame.bottom) {
        this.stage.scrollTop += here.top - frame.top - frame.height / 2;
      }
    }));
  }

  empty() {
    this.card.replaceChildren(element("p", { className: "onco-quiet",
      text: "Point at an item, or go there with the arrow keys: what is known of it stands here." }));
  }

  show(place) {
    const item = this.items[place];
    if (!item) return;
    this.at = place;
    const rows = this.known.get(place);
    if (!rows) {
      clearTimeout(this.asking);
      this.asking = setTimeout(() => this.send({ kind: "about", items: [place] }), 60);
    }
    const lines = [element("div", { className: "onco-cardhead" }, [element("strong", { text: item.label }),
      element("span", { className: "onco-quiet",
        text: `${item.lane} · ${this.when(item)}${item.synthetic ? " · synthetic" : ""}` })])];
    if (item.detail) lines.push(element("p", { text: item.detail }));
    if (item.reason) lines.push(element("p", { text: `No day: ${item.reason}` }));
    if (rows?.length) {
      lines.push(element("dl", { className: "onco-facts" }, rows.map(([name, value]) => element("div", {},
        [element("dt", { text: name }), element("dd", { text: value })]))));
    }
    this.card.replaceChildren(...lines);
  }

  /** The items that found no room, as a list. */
  expand(places) {
    this.card.replaceChildren(this.buttons(places));
    this.card.querySelector("button").focus();
    this.light();
  }

  pick(places, add) {
    this.send({ kind: "pick", items: places, add: Boolean(add) });
  }

  hit(event) { return event.target.closest?.(".onco-item"); }

  act(mark, add) {
    if (mark.dataset.more) this.expand(mark.dataset.more.split(" ").map(Number));
    else this.pick([Number(mark.dataset.item)], add);
  }

  clicked(event) {
    const mark = this.hit(event);
    if (this.dragged) return;
    if (mark) this.act(mark, event.shiftKey || event.ctrlKey || event.metaKey);
    else this.pick([], false);
  }

  over(event) {
    const mark = this.hit(event);
    if (mark?.dataset.item) this.show(Number(mark.dataset.item));
  }

  focused(event) {
    const mark = this.hit(event);
    if (!mark?.dataset.item) return;
    this.show(Number(mark.dataset.item));
    this.roving();
  }

  grab(event) {
    this.dragged = false;
    if (event.button || this.hit(event) || !this.scale) return;
    const [from, { first, last }] = [event.clientX, this.scale];
    const perPixel = (last - first) / (this.scale.right - this.scale.left);
    const move = (now) => {
      const away = (now.clientX - from) * perPixel;
      if (Math.abs(now.clientX - from) > 3) this.dragged = true;
      if (this.dragged) this.set({ span: [first - away, last - away] });
    };
    const up = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
  }

  zoom(factor, around) {
    const [first, last] = this.inSight();
    const here = this.items[this.at]?.day;
    const inside = here !== undefined && here !== null && here > first && here < last;
    const middle = around ?? (inside ? here : (first + last) / 2);
    const wide = Math.min(Math.max((last - first) * factor, 2), 80000);
    const part = (middle - first) / (last - first);
    this.set({ span: [middle - wide * part, middle + wide * (1 - part)] });
  }

  pan(part) {
    const [first, last] = this.inSight();
    const away = (last - first) * part;
    this.set({ span: [first + away, last + away] });
  }

  look(span) { this.set({ span: span ?? [] }); }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const marks = this.marks();
    const now = marks.indexOf(this.hit(event));
    const go = (to) => marks[Math.max(0, Math.min(marks.length - 1, to))]?.focus();
    const lane = (way) => {
      const from = marks[now]?.parentNode;
      const x = marks[now]?.getBoundingClientRect().left;
      const other = marks.filter((one) => one.parentNode !== from
        && Math.sign(marks.indexOf(one) - now) === way);
      if (!other.length) return;
      const next = (way > 0 ? other[0] : other.at(-1)).parentNode;
      other.filter((one) => one.parentNode === next).sort((a, b) => Math.abs(a.getBoundingClientRect().left - x)
        - Math.abs(b.getBoundingClientRect().left - x))[0].focus();
    };
    const actions = { ArrowRight: () => go(now + 1), ArrowLeft: () => go(now - 1),
      ArrowDown: () => lane(1), ArrowUp: () => lane(-1), Home: () => go(0), End: () => go(marks.length),
      "+": () => this.zoom(0.7), "=": () => this.zoom(0.7), "-": () => this.zoom(1 / 0.7),
      "<": () => this.pan(-0.25), ">": () => this.pan(0.25), 0: () => this.look(null),
      Enter: () => now >= 0 && this.act(marks[now], event.shiftKey),
      " ": () => now >= 0 && this.act(marks[now], event.shiftKey),
      Escape: () => this.pick([], false) };
    const action = event.shiftKey && event.key === "ArrowRight" ? () => this.pan(0.25)
      : event.shiftKey && event.key === "ArrowLeft" ? () => this.pan(-0.25) : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}

export default {
  render({ model, el }) {
    const view = new TimelineView(model, el);
    return () => view.close();
  },
};
