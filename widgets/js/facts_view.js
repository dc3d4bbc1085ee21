// A table of facts, events and measurements. All texts are a source's: shown as text.

import { button, element } from "./element.js";

const COLUMNS = [["kind", "Kind"], ["name", "Name"], ["value", "Value"], ["when", "When"],
  ["of", "Measured on"], ["source", "Source"]];
const MOST = 500;

class FactsView {
  constructor(model, host) {
    this.model = model;
    this.most = MOST;
    this.focused = -1;
    this.root = element("div", { className: "onco onco-values", "data-lm-suppress-shortcuts": "true" });
    host.append(this.root);
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.build();
    this.listeners = [
      ["change:_rows change:_counts", () => this.facets()],
      ["change:_rows change:search change:kinds change:missing change:sort_by change:descending",
        () => this.fill()],
      ["change:_lit", () => this.light()],
      ["change:height", () => this.size()],
    ];
    this.each((name, action) => model.on(name, action));
    this.facets();
    this.size();
    this.fill();
  }

  each(act) {
    this.listeners.forEach(([names, action]) => names.split(" ").forEach((one) => act(one, action)));
  }

  close() {
    this.each((name, action) => this.model.off(name, action));
    this.root.remove();
  }

  set(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  build() {
    this.find = element("input", { type: "search", className: "onco-values-find",
      placeholder: "Filter" });
    this.find.setAttribute("aria-label", "Filter the rows by words");
    this.find.addEventListener("input", () => {
      this.most = MOST;
      this.set("search", this.find.value);
    });
    this.find.addEventListener("keydown", (event) => event.stopPropagation());
    this.facet = element("span", { className: "onco-values-kinds", role: "group" });
    this.facet.setAttribute("aria-label", "Kinds of rows");
    this.lack = button("Without a value", "Only what has no value, and why",
      () => this.set("missing", !this.model.get("missing")), false);
    this.count = element("span", { className: "onco-quiet", role: "status" });
    const tools = element("div", { className: "onco-values-tools" },
      [this.find, this.facet, this.lack, this.count]);
    this.heads = COLUMNS.map(([name, title]) => {
      const sort = element("button", { type: "button", className: "onco-values-sort", text: title });
      sort.addEventListener("click", () => this.sort(name));
      return element("th", { scope: "col" }, [sort]);
    });
    this.body = element("tbody");
    this.body.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-row]");
      if (row) this.pick(row, event.ctrlKey || event.metaKey || event.shiftKey);
    });
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.more = button("Show more", "Show more rows", () => {
      this.most += MOST;
      this.fill();
    });
    const table = element("table", {}, [
      element("thead", {}, [element("tr", {}, this.heads)]), this.body]);
    table.setAttribute("aria-label", "Values");
    this.scroll = element("div", { className: "onco-values-scroll" }, [table, this.more]);
    this.root.append(tools, this.scroll);
  }

  size() {
    this.scroll.style.maxHeight = `${this.model.get("height")}px`;
  }

  facets() {
    this.facet.replaceChildren(...this.model.get("_counts").map(([kind, n]) => {
      const one = button(`${kind} ${n}`, `Only rows of the kind ${kind}`, () => {
        const kinds = this.model.get("kinds");
        const on = kinds.includes(kind);
        this.set("kinds", on ? kinds.filter((other) => other !== kind) : [...kinds, kind]);
      }, false);
      one.dataset.kind = kind;
      return one;
    }));
  }

  sort(name) {
    const again = this.model.get("sort_by") === name;
    if (again && this.model.get("descending")) {
      this.model.set("descending", false);
      this.set("sort_by", "");
      return;
    }
    this.model.set("descending", again);
    this.set("sort_by", name);
  }

  /** The rows that pass the filters; the kernel's FactsView.rows says the same. */
  passing() {
    const kinds = this.model.get("kinds");
    const words = this.model.get("search").toLowerCase().split(/\s+/).filter(Boolean);
    const missing = this.model.get("missing");
    const found = this.model.get("_rows").map((row, k) => [row, k]).filter(([row]) => {
      if (kinds.length && !kinds.includes(row.kind)) return false;
      if (missing && row.value) return false;
      const text = [row.kind, row.name, row.value, row.state, row.when, row.of, row.source]
        .join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const column = this.model.get("sort_by");
    if (!column) return found;
    const way = this.model.get("descending") ? -1 : 1;
    return found.map((one) => [order(one[0], column), one])
      .sort(([a], [b]) => way * compare(a, b)).map(([, one]) => one);
  }

  fill() {
    const all = this.model.get("_rows");
    const found = this.passing();
    const kinds = this.model.get("kinds");
    if (this.find !== document.activeElement) this.find.value = this.model.get("search");
    this.lack.setAttribute("aria-pressed", String(this.model.get("missing")));
    for (const one of this.facet.children) {
      one.setAttribute("aria-pressed", String(kinds.includes(one.dataset.kind)));
    }
    COLUMNS.forEach(([name], k) => {
      const sorted = this.model.get("sort_by") === name;
      const way = this.model.get("descending") ? "descending" : "ascending";
      this.heads[k].setAttribute("aria-sort", sorted ? way : "none");
    });
    const shown = found.slice(0, this.most);
    this.rows = new Map(shown.map(([row, k]) => [k, this.row(row, k)]));
    this.body.replaceChildren(...this.rows.values());
    this.more.hidden = found.length <= shown.length;
    this.count.textContent = !all.length ? "Nothing of the kind is known of this patient."
      : found.length === all.length ? `${all.length} rows` : `${found.length} of ${all.length} rows`;
    this.light(false);
  }

  row(row, k) {
    const value = row.value ? element("td", { className: "onco-values-value", text: row.value })
      : element("td", {}, [element("span", { className: "onco-values-state", text: row.state })]);
    // a value that is there in a state of its own, such as 'derived'
    if (row.value && row.state !== "present") {
      value.append(element("span", { className: "onco-values-state", text: row.state }));
    }
    const cells = COLUMNS.map(([name]) => (name === "value" ? value
      : element("td", { text: row[name] })));
    if (!row.when) {
      cells[3].append(element("span", { className: "onco-values-state", text: "no day",
        title: row.no_day }));
    }
    if (row.synthetic) cells[1].append(element("span", { className: "onco-mark", text: "synthetic" }));
    return element("tr", { "data-row": String(k), tabIndex: -1 }, cells);
  }

  light(scroll = true) {
    const { rows, picked, scroll: far } = this.model.get("_lit");
    const lit = new Set(rows);
    for (const [k, row] of this.rows) {
      row.classList.toggle("onco-lit", lit.has(k));
      row.setAttribute("aria-selected", String(picked.includes(k)));
    }
    const first = [...this.rows.keys()].find((k) => lit.has(k));
    const stop = this.rows.has(this.focused) ? this.focused : first ?? [...this.rows.keys()][0];
    for (const [k, row] of this.rows) row.tabIndex = k === stop ? 0 : -1;
    if (scroll && far && first !== undefined) this.reveal(this.rows.get(first));
  }

  // within the table alone: the page stays where it is
  reveal(row) {
    const top = row.offsetTop - this.root.querySelector("thead").offsetHeight;
    const { scrollTop, clientHeight } = this.scroll;
    if (top < scrollTop || row.offsetTop + row.offsetHeight > scrollTop + clientHeight) {
      this.scroll.scrollTop = Math.max(0, top - clientHeight / 3);
    }
  }

  pick(row, add) {
    this.focused = Number(row.dataset.row);
    for (const one of this.rows.values()) one.tabIndex = one === row ? 0 : -1;
    row.focus();
    this.model.send({ kind: "pick", row: this.focused, add });
  }

  key(event) {
    const row = event.target.closest("tr[data-row]");
    const shown = [...this.rows.values()];
    const at = shown.indexOf(row);
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") this.pick(row, event.ctrlKey || event.metaKey);
    else {
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1,
        PageDown: at + 10, PageUp: at - 10 }[event.key];
      if (to === undefined) return;
      const next = shown[Math.max(0, Math.min(shown.length - 1, to))];
      row.tabIndex = -1;
      next.tabIndex = 0;
      this.focused = Number(next.dataset.row);
      next.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

// numbers by size and before words, what is not there last
function order(row, column) {
  if (column === "when") return [row.day === null ? 1 : 0, row.day ?? 0, row.when];
  const text = row[column];
  const number = Number(text.split(" ", 1)[0]);
  if (text && Number.isFinite(number)) return [0, number, text];
  return [text ? 1 : 2, 0, text.toLowerCase()];
}

function compare(a, b) {
  for (let k = 0; k < a.length; k += 1) {
    if (a[k] < b[k]) return -1;
    if (a[k] > b[k]) return 1;
  }
  return 0;
}

export default {
  render({ model, el }) {
    const view = new FactsView(model, el);
    return () => view.close();
  },
};
