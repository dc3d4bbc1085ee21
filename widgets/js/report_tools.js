// The row of controls above a report.

import { button, element } from "./element.js";

const ASSERTED = ["present", "uncertain", "absent", "not assessed"];
const MODES = [["text", "Text"], ["table", "Table"], ["compare", "Compare"]];
const VERDICTS = ["agrees", "contradicts", "cannot tell"];

function choice(label, options, value, action) {
  const made = element("select", { className: "onco-select", "aria-label": label, title: label });
  made.append(...options.map(([key, text]) => element("option", { value: key, text })));
  made.value = value;
  made.addEventListener("change", () => action(made.value));
  return made;
}

export class ReportTools {
  constructor(view) {
    this.view = view;
    this.hit = -1;
    this.hits = 0;
    this.root = element("div", { className: "onco-report-tools" });
    this.words = element("input", { type: "search", className: "onco-text", placeholder: "Search",
      "aria-label": "Search in the text", value: view.model.get("search") });
    this.words.addEventListener("input", () => view.set({ search: this.words.value }));
    this.words.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
    });
    this.count = element("span", { className: "onco-quiet", role: "status" });
  }

  step(by) {
    if (!this.hits) return;
    this.hit = (this.hit + by + this.hits) % this.hits;
    this.view.words.showHit(this.hit);
    this.count.textContent = `${this.hit + 1} of ${this.hits}`;
  }

  found(hits) {
    this.hits = hits;
    this.hit = -1;
    this.count.textContent = !this.view.model.get("search") ? "" : hits ? `${hits} found` : "not found";
    if (hits) this.step(1);
  }

  /** Make the controls anew; what they offer depends on the report. */
  build() {
    const { view } = this;
    const { model, content } = view;
    const get = (name) => model.get(name);
    const reports = get("_reports").map((one) => [one.id,
      `${one.when} · ${one.name} · ${one.language}${one.kind === "synthetic" ? " · synthetic" : ""}`]);
    const modes = MODES.map(([key, text]) => button(text, `Show as ${text.toLowerCase()}`,
      () => view.set({ mode: key }), get("mode") === key));
    modes.forEach((one, k) => { one.dataset.mode = MODES[k][0]; });
    const top = element("div", { className: "onco-toolbar" }, [
      choice("Report", reports, get("report"), (report) => view.set({ report })),
      element("span", { className: "onco-group", role: "group", "aria-label": "View" }, modes)]);
    const rows = [top];
    if (get("mode") === "compare") {
      const others = reports.filter(([key]) => key !== get("report"));
      if (others.length) {
        top.append(choice("Compared with", others, get("against"),
          (against) => view.set({ against })),
        button("One column", "Both reports in one column",
          () => view.set({ inline: !get("inline") }), get("inline")));
      }
    } else {
      top.append(element("span", { className: "onco-group" }, [this.words,
        button("↑", "Previous match", () => this.step(-1)),
        button("↓", "Next match", () => this.step(1)), this.count]));
      if (content.findings.length) rows.push(this.filters(get, content));
    }
    this.root.replaceChildren(...rows);
  }

  filters(get, content) {
    const { view } = this;
    const shown = new Set(get("assertions"));
    const counts = (name) => content.findings.filter((one) => one.assertion === name).length;
    const asserted = ASSERTED.filter(counts).map((name) => {
      const made = button(`${name} ${counts(name)}`, `Show findings: ${name}`, () => {
        const kept = ASSERTED.filter((one) => shown.has(one) !== (one === name));
        view.set({ assertions: kept });
      }, shown.has(name));
      made.classList.add("onco-filter");
      made.dataset.assertion = name;
      return made;
    });
    const sections = [...new Set(content.findings.map((one) => one.section))];
    const row = element("div", { className: "onco-toolbar" }, [
      element("span", { className: "onco-group", role: "group", "aria-label": "Assertion" }, asserted),
      choice("Section", [["", "all sections"], ...sections.map((one) => [one, one])],
        get("section"), (section) => view.set({ section }))]);
    if (content.verdicts.length) {
      row.append(choice("Verdict", [["", "all checks"], ...VERDICTS.map((one) => [one, one])],
        get("verdict"), (verdict) => view.set({ verdict })));
    }
    return row;
  }
}
