// Facets with counts: boxes to tick, and a histogram to brush. Labels are text of any source.

import { Histogram } from "./cohort_histogram.js";
import { button, element } from "./element.js";

const GROUPS = { patient: "Patient", data: "Data", findings: "Findings of reports", facts: "Facts",
  events: "Events", observations: "Observations" };

export class FacetList {
  constructor(send) {
    this.send = send;
    this.boxes = new Map();
    this.text = "";
    this.search = element("input", { type: "search", className: "onco-input",
      placeholder: "Find a facet" });
    this.search.setAttribute("aria-label", "Find a facet");
    this.search.addEventListener("input", () => {
      this.text = this.search.value.toLowerCase();
      this.filter();
    });
    this.body = element("div", { className: "onco-facets-body" });
    this.root = element("div", { className: "onco-facets-list", role: "region",
      "aria-label": "Facets" },
      [element("div", { className: "onco-facets-head" }, [this.search]), this.body]);
    this.signature = "";
  }

  sync(facets) {
    const signature = JSON.stringify(facets.map((one) => [one.name, one.group]));
    if (signature !== this.signature) {
      this.signature = signature;
      this.boxes.clear();
      this.body.replaceChildren();
      for (const [group, title] of Object.entries(GROUPS)) {
        const mine = facets.filter((one) => one.group === group);
        if (!mine.length) continue;
        const part = element("section", { "aria-label": title },
          [element("h3", { text: title })]);
        for (const one of mine) {
          const box = new FacetBox(this.send, one);
          this.boxes.set(one.name, box);
          part.append(box.root);
        }
        this.body.append(part);
      }
    }
    for (const one of facets) this.boxes.get(one.name).sync(one);
    this.filter();
  }

  filter() {
    for (const part of this.body.children) {
      let any = false;
      for (const box of part.querySelectorAll(":scope > .onco-facet")) {
        box.hidden = !box.dataset.title.includes(this.text);
        any = any || !box.hidden;
      }
      part.hidden = !any;
    }
  }
}

class FacetBox {
  constructor(send, facet) {
    this.send = send;
    this.name = facet.name;
    this.shape = "";
    this.head = element("button", { type: "button", className: "onco-facet-head" });
    this.head.addEventListener("click", () => send({ do: "open", facet: this.name }));
    this.drop = button("clear", `Clear ${facet.title}`, () => send({ do: "drop", facet: this.name }));
    this.drop.classList.add("onco-facet-drop");
    this.body = element("div", { className: "onco-facet-body" });
    this.root = element("div", { className: "onco-facet", "data-title": facet.title.toLowerCase(),
      "data-facet": facet.name },
      [element("div", { className: "onco-facet-top" }, [this.head, this.drop]), this.body]);
  }

  sync(facet) {
    this.head.textContent = facet.title;
    this.head.setAttribute("aria-expanded", String(facet.open));
    this.drop.hidden = !facet.active;
    this.root.classList.toggle("onco-active", facet.active);
    this.body.hidden = !facet.open;
    if (!facet.open) {
      this.shape = "";
      this.body.replaceChildren();
      return;
    }
    const shape = JSON.stringify([facet.values.map((one) => one[0]),
      facet.states.map((one) => one[0]), facet.hidden, facet.wide, facet.edges]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.build(facet);
    }
    this.fill(facet);
  }

  build(facet) {
    const finding = this.find === document.activeElement;
    this.rows = new Map();
    this.body.replaceChildren();
    this.histogram = null;
    if (facet.numeric) {
      this.histogram = new Histogram(facet, (low, high) =>
        this.send({ do: "range", facet: this.name, low, high }));
      this.body.append(this.histogram.root);
    }
    if (!facet.numeric && facet.all > 10) {
      this.find = element("input", { type: "search", className: "onco-input",
        placeholder: `Find one of ${facet.all} values`, value: facet.text });
      this.find.setAttribute("aria-label", `Find a value of ${facet.title}`);
      this.find.addEventListener("input", () => {
        clearTimeout(this.waiting);
        this.waiting = setTimeout(
          () => this.send({ do: "find", facet: this.name, text: this.find.value }), 200);
      });
      this.body.append(this.find);
    }
    for (const [label, , chosen] of facet.values) this.row(label, chosen, false);
    if (facet.hidden > 0 || (facet.wide && facet.all > 10)) {
      this.body.append(button(facet.wide ? "fewer" : `${facet.hidden} more`,
        `${facet.wide ? "Fewer" : "More"} values of ${facet.title}`,
        () => this.send({ do: "wide", facet: this.name })));
    }
    for (const [label, , chosen] of facet.states) this.row(label, chosen, true);
    if (finding && this.find) {
      this.find.focus();
      this.find.setSelectionRange(this.find.value.length, this.find.value.length);
    }
  }

  row(label, chosen, state) {
    const tick = element("input", { type: "checkbox", checked: chosen });
    tick.addEventListener("change",
      () => this.send({ do: "value", facet: this.name, label, state }));
    const name = element("span", { className: "onco-facet-name" });
    if (state) name.append(element("em", { text: "no value: " }));
    name.append(document.createTextNode(label));
    const count = element("span", { className: "onco-facet-count" });
    const bar = element("span", { className: "onco-facet-bar" });
    this.body.append(element("label", { className: state ? "onco-state" : "" },
      [tick, name, count, bar]));
    this.rows.set(JSON.stringify([label, state]), { tick, count, bar });
  }

  fill(facet) {
    const all = [...facet.values.map((one) => [...one, false]),
      ...facet.states.map((one) => [...one, true])];
    const most = Math.max(1, ...all.map((one) => one[1]));
    for (const [label, number, chosen, state] of all) {
      const row = this.rows.get(JSON.stringify([label, state]));
      row.tick.checked = chosen;
      row.count.textContent = number.toLocaleString("en");
      row.bar.style.width = `${(100 * number) / most}%`;
    }
    if (this.histogram) this.histogram.sync(facet);
  }
}
