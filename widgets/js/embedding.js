// What belongs to a plane of points: colours, ways to choose without a mouse, who is chosen.

import { button, element } from "./element.js";

const commas = (number) => number.toLocaleString("en");

class EmbeddingPanel {
  constructor(model, host) {
    this.model = model;
    const send = (message) => model.send(message);
    this.root = element("section", { className: "onco onco-embedding", "aria-label": "Points",
      "data-lm-suppress-shortcuts": "true" });
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.select = element("select", { className: "onco-input" });
    this.select.addEventListener("change", () => send({ do: "color", name: this.select.value }));
    this.lasso = button("Lasso", "Lasso: draw around points; off: move and zoom",
      () => send({ do: "mode", lasso: model.get("shown").mode !== "lasso" }), false);
    this.legend = element("ul", { className: "onco-embedding-legend" });
    this.total = element("p", { className: "onco-embedding-total", role: "status" });
    this.fields = [];
    const pair = (axis) => ["from", "to"].map((word) => {
      const field = element("input", { type: "number", step: "any", className: "onco-input" });
      this.fields.push([field, axis, word]);
      return element("label", {}, [`${word} `, field]);
    });
    this.axes = [0, 1].map((axis) => {
      const name = element("span");
      return { name, root: element("div", { className: "onco-embedding-row" },
        [name, ...pair(axis)]) };
    });
    const box = () => send({ do: "box", box: this.fields.map(
      ([field]) => (field.value === "" ? null : Number(field.value))) });
    this.list = element("ul", { className: "onco-embedding-list" });
    this.cohort = button("To the cohort", "Choose these patients in the cohort",
      () => send({ do: "cohort" }));
    this.how = element("p", { className: "onco-embedding-quiet" });
    this.root.append(
      element("div", { className: "onco-embedding-row" }, [
        element("label", {}, ["Colour by ", this.select]), this.lasso,
        button("Whole", "Show the whole plane", () => send({ do: "home" })),
        button("None", "Choose no point", () => send({ do: "none" })), this.cohort]),
      this.how, this.legend,
      element("details", {}, [element("summary", { text: "Choose by numbers" }),
        ...this.axes.map((one) => one.root), button("Choose", "Choose the points within", box)]),
      this.total, this.list);
    host.append(this.root);
    this.listeners = [["change:shown", () => this.sync()], ["change:chosen", () => this.count()]];
    for (const [name, action] of this.listeners) model.on(name, action);
    this.watcher = new MutationObserver(() => this.theme());
    this.watcher.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    this.sync();
    this.count();
    requestAnimationFrame(() => this.theme());
  }

  close() {
    for (const [name, action] of this.listeners) this.model.off(name, action);
    this.watcher.disconnect();
    this.root.remove();
  }

  theme() {
    const color = getComputedStyle(this.root).backgroundColor;
    const parts = (color.match(/[\d.]+/g) || []).slice(0, 3).map(Number);
    const ground = parts.length === 3
      ? `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}` : "";
    if (ground && ground !== this.ground) this.model.send({ do: "theme", ground });
    this.ground = ground;
  }

  sync() {
    const shown = this.model.get("shown");
    const names = JSON.stringify(shown.columns);
    if (names !== this.names) {
      this.names = names;
      this.select.replaceChildren(element("option", { value: "", text: "nothing" }),
        ...shown.columns.map(([value, text]) => element("option", { value, text })));
    }
    this.select.value = shown.color;
    this.lasso.setAttribute("aria-pressed", String(shown.mode === "lasso"));
    this.cohort.hidden = !shown.cohort;
    this.how.textContent = `${commas(shown.all)} points. ${shown.how}.`;
    this.axes.forEach((one, k) => { one.name.textContent = shown.axes[k]; });
    for (const [field, axis, word] of this.fields) {
      field.setAttribute("aria-label", `${shown.axes[axis]} ${word}`);
    }
    this.legend.replaceChildren(...shown.legend.map(([label, color, number], kind) => {
      const swatch = element("span", { className: "onco-embedding-swatch" });
      swatch.style.background = color;
      const made = button("", `Choose the ${number} points: ${label}`,
        () => this.model.send({ do: "kind", kind }));
      made.append(swatch, element("span", { text: label }), element("b", { text: commas(number) }));
      return element("li", {}, [made]);
    }));
  }

  count() {
    const chosen = this.model.get("chosen");
    const more = chosen.points - chosen.rows.length;
    this.total.textContent = !chosen.points ? "No point is chosen."
      : `Chosen: ${commas(chosen.points)} points, ${commas(chosen.patients)} patients`
        + (more ? `; the first ${chosen.rows.length}:` : ":");
    this.cohort.disabled = !chosen.patients;
    this.list.replaceChildren(...chosen.rows.map(([point, label, lit, own]) => {
      if (!own) return element("li", { text: label });
      return element("li", {}, [button(label, `Select ${label}`,
        () => this.model.send({ do: "pick", point }), lit)]);
    }));
  }
}

export default {
  render({ model, el }) {
    const panel = new EmbeddingPanel(model, el);
    return () => panel.close();
  },
};
