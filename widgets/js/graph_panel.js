// Beside the graph: kinds to show, and the list of nodes, for those who do not see or point.

import { element } from "./element.js";
import { swatch } from "./graph_shapes.js";

const MOST = 200;
let lists = 0;

/** Check boxes of the kinds; `change(names)` gets those that are on. */
export function kindBoxes(title, kinds, open, picture, change) {
  const boxes = kinds.map((kind) => {
    const input = element("input", { type: "checkbox", checked: true });
    input.addEventListener("change", () => change(names()));
    const label = element("label", { className: "onco-kindbox" }, [input, ...picture(kind),
      element("span", { text: kind.name.replaceAll("_", " ") }),
      element("span", { className: "onco-count", text: String(kind.count) })]);
    return { kind, input, label };
  });
  const names = () => boxes.filter((one) => one.input.checked).map((one) => one.kind.name);
  const root = element("details", { className: "onco-section", open }, [
    element("summary", { text: title }), ...boxes.map((one) => one.label)]);
  return { root, sync: (shown) => boxes.forEach((one) => {
    one.input.checked = shown.includes(one.kind.name);
  }) };
}

/** The nodes as a list: up and down in it, right and left along edges, Enter picks. */
export class NodeList {
  constructor(data, told) {
    this.data = data;
    this.told = told;
    this.places = [];
    this.at = null;
    this.trail = [];
    lists += 1;
    this.name = `onco-nodes-${lists}`;
    this.list = element("ul", { className: "onco-nodes", tabIndex: 0, role: "listbox",
      "aria-label": "Nodes. Right and left arrow walk along edges, Enter picks." });
    this.more = element("p", { className: "onco-quiet onco-more" });
    this.root = element("div", { className: "onco-listed" }, [this.list, this.more]);
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("focus", () => {
      // by the keyboard alone: a list that is made anew under the mouse takes the click away
      if (this.at === null && this.places.length && this.list.matches(":focus-visible")) {
        this.told.look(this.places[0]);
      }
    });
  }

  show(places) {
    this.places = places;
    this.render();
  }

  render() {
    const shown = this.places.slice(0, MOST);
    if (this.at !== null && !shown.includes(this.at)) shown.unshift(this.at);
    this.shown = shown;
    this.list.replaceChildren(...shown.map((place) => this.option(place)));
    const left = this.places.length - Math.min(this.places.length, MOST);
    this.more.textContent = left ? `and ${left} more: search, or hide kinds`
      : this.places.length ? "" : "No node is like that.";
    this.list.toggleAttribute("aria-activedescendant", false);
    this.mark();
  }

  option(place) {
    const { data } = this;
    const kind = data.kindOf(place);
    const made = data.synthetic[place] ? ", synthetic" : "";
    const item = element("li", { id: `${this.name}-${place}`, role: "option" }, [
      swatch(kind.name, kind.color, Boolean(data.synthetic[place])),
      element("span", { className: "onco-name", text: data.labels[place] }),
      element("span", { className: "onco-quiet", text: `${kind.name}, ${data.dayOf(place)}${made}` }),
    ]);
    item.addEventListener("click", (event) => {
      this.told.look(place);
      this.told.pick(place, event.shiftKey || event.ctrlKey || event.metaKey);
    });
    return item;
  }

  /** Where the person is; `lit` is what is selected. */
  look(place) {
    const there = place === null || this.shown?.includes(place);
    this.at = place;
    if (there) this.mark();
    else this.render();
  }

  light(places) {
    this.lit = new Set(places);
    this.mark();
  }

  mark() {
    for (const item of this.list.children) {
      const place = Number(item.id.slice(this.name.length + 1));
      item.setAttribute("aria-selected", String(Boolean(this.lit?.has(place))));
      item.classList.toggle("onco-here", place === this.at);
    }
    if (this.at === null) return;
    const id = `${this.name}-${this.at}`;
    const item = [...this.list.children].find((one) => one.id === id);
    if (!item) return;
    this.list.setAttribute("aria-activedescendant", id);
    const [top, bottom] = [item.offsetTop, item.offsetTop + item.offsetHeight];
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (bottom > this.list.scrollTop + this.list.clientHeight) {
      this.list.scrollTop = bottom - this.list.clientHeight;
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -MOST,
      End: MOST }[event.key];
    if (step !== undefined && this.shown.length) {
      const now = Math.max(0, this.shown.indexOf(this.at));
      const next = Math.max(0, Math.min(this.shown.length - 1,
        this.at === null ? 0 : now + step));
      this.told.look(this.shown[next]);
    } else if (event.key === "ArrowRight" && this.at !== null) {
      const next = this.told.neighbours(this.at).find((one) => !this.trail.includes(one));
      if (next !== undefined) {
        this.trail.push(this.at);
        this.told.look(next);
      }
    } else if (event.key === "ArrowLeft" && this.trail.length) {
      this.told.look(this.trail.pop());
    } else if ((event.key === "Enter" || event.key === " ") && this.at !== null) {
      this.told.pick(this.at, event.shiftKey);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
