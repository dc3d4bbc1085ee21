// What is known of the node that one looks at: facts as text, and where its edges lead.

import { element } from "./element.js";

const MOST_EDGES = 30;

export class NodeCard {
  constructor(data, told) {
    this.data = data;
    this.told = told;
    this.known = new Map();
    this.place = null;
    this.root = element("section", { className: "onco-card", "aria-label": "Facts of the node" });
    this.clear();
  }

  clear() {
    this.place = null;
    this.root.replaceChildren(element("p", { className: "onco-quiet",
      text: "Point at a node, or choose one in the list: what is known of it stands here." }));
  }

  show(place) {
    if (place === this.place) return;
    this.place = place;
    const { data } = this;
    const kind = data.kindOf(place);
    const made = data.synthetic[place] ? " · synthetic" : "";
    this.facts = element("dl", { className: "onco-facts" });
    const rows = this.known.get(place);
    if (rows) this.fill(rows);
    else this.told.ask(place);
    this.root.replaceChildren(
      element("div", { className: "onco-cardhead" }, [
        element("strong", { text: data.labels[place] }),
        element("span", { className: "onco-quiet", text: `${kind.name} · ${data.dayOf(place)}${made}` })]),
      this.facts, this.edges(place));
    this.root.scrollTop = 0;
  }

  /** The kernel's answer. */
  receive({ node, rows }) {
    this.known.set(node, rows);
    if (node === this.place) this.fill(rows);
  }

  fill(rows) {
    this.facts.replaceChildren(...rows.map(([name, value]) => element("div", {}, [
      element("dt", { text: name }), element("dd", { text: value })])));
  }

  edges(place) {
    const found = this.data.joined(place).filter((one) => this.told.visible(one.node));
    const items = found.slice(0, MOST_EDGES).map(({ node, kind, out }) => {
      const verb = this.data.edgeKinds[kind].name.replaceAll("_", " ");
      const name = this.data.labels[node];
      const made = element("button", { type: "button", className: "onco-walk" }, [
        element("span", { className: "onco-quiet", text: out ? `${verb} →` : `← ${verb}` }),
        element("span", { text: name })]);
      made.addEventListener("click", () => this.told.look(node));
      return made;
    });
    const left = found.length - items.length;
    if (left > 0) items.push(element("span", { className: "onco-quiet", text: `and ${left} more` }));
    return element("div", { className: "onco-walks", role: "group", "aria-label": "Edges" }, items);
  }
}
