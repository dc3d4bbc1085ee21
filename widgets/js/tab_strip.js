// Tabs over the panels of a page. The panels are widgets of their own, found by their class.

import { element } from "./element.js";

class TabStrip {
  constructor(model, host) {
    this.model = model;
    this.name = `onco-tab-${Math.random().toString(36).slice(2)}`;
    this.root = element("div", { className: "onco onco-tabs", role: "tablist",
      "data-lm-suppress-shortcuts": "true" });
    this.root.setAttribute("aria-label", model.get("label"));
    host.append(this.root);
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.sync = () => this.show();
    this.fill = () => this.build();
    model.on("change:selected", this.sync);
    model.on("change:titles", this.fill);
    this.build();
  }

  close() {
    this.model.off("change:selected", this.sync);
    this.model.off("change:titles", this.fill);
    this.root.remove();
  }

  build() {
    this.tabs = this.model.get("titles").map((title, k) => {
      const tab = element("button", { type: "button", role: "tab", className: "onco-tab",
        id: `${this.name}-${k}`, text: title });
      tab.addEventListener("click", () => this.take(k));
      return tab;
    });
    this.root.replaceChildren(...this.tabs);
    this.show();
  }

  show() {
    const selected = this.model.get("selected");
    this.tabs.forEach((tab, k) => {
      tab.setAttribute("aria-selected", String(k === selected));
      tab.tabIndex = k === selected ? 0 : -1;
    });
  }

  take(k) {
    this.model.set("selected", k);
    this.model.save_changes();
    this.tabs[k].focus();
  }

  key(event) {
    const at = this.tabs.indexOf(document.activeElement);
    const last = this.tabs.length - 1;
    const to = { ArrowLeft: at ? at - 1 : last, ArrowRight: at < last ? at + 1 : 0,
      Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.take(to);
  }
}

export default {
  render({ model, el }) {
    const strip = new TabStrip(model, el);
    return () => strip.close();
  },
};
