// The report view. widgets/esm.py joins these files to one module.

import { button, element } from "./element.js";
import { ReportCompare } from "./report_compare.js";
import { ReportDetails } from "./report_details.js";
import { ReportTable } from "./report_table.js";
import { ReportText } from "./report_text.js";
import { ReportTools } from "./report_tools.js";

class ReportView {
  constructor(model, host) {
    this.model = model;
    // JupyterLab must not take the keys
    this.root = element("div", { className: "onco onco-report", "data-lm-suppress-shortcuts": "true" });
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.litFindings = this.wasLit = this.litGroundings = new Set();
    this.content = model.get("_content");
    this.words = new ReportText(this);
    this.table = new ReportTable(this);
    this.compare = new ReportCompare(this);
    this.tools = new ReportTools(this);
    this.details = new ReportDetails(this);
    this.work = element("div", { className: "onco-work" });
    this.said = element("div", { className: "onco-notice", role: "status" });
    this.remark = element("div", { className: "onco-remark" });
    this.root.append(this.tools.root, this.remark, this.work, this.words.root, this.table.root,
      this.compare.root, this.details.root, this.said);
    host.append(this.root);
    this.listeners = [];
    this.on("change:_content", () => this.build());
    this.on("change:_reports", () => this.tools.build());
    this.on("change:mode change:inline change:_compared", () => this.arrange());
    this.on("change:assertions change:section change:verdict", () => this.filter());
    this.on("change:search", () => this.search());
    this.on("change:current", () => this.open());
    this.on("change:_lit", () => this.light());
    this.on("change:_work", () => this.working());
    this.on("change:height", () => this.arrange());
    this.on("msg:custom", (message) => {
      if (message.kind === "notice") this.notice(message.message);
    });
    this.build();
    this.light();
    this.search();
  }

  on(names, action) {
    for (const name of names.split(" ")) {
      this.model.on(name, action);
      this.listeners.push([name, action]);
    }
  }

  close() {
    this.listeners.forEach(([name, action]) => this.model.off(name, action));
    this.root.remove();
  }

  set(values) {
    Object.entries(values).forEach(([name, value]) => this.model.set(name, value));
    this.model.save_changes();
  }

  send(message) { this.model.send(message); }

  notice(text) { this.said.textContent = text; }

  pick(id) {
    this.set({ current: id });
    this.send({ kind: "finding", id });
  }

  pickPlace(one) {
    this.set({ current: one.finding });
    this.send({ kind: "grounding", id: one.id });
  }

  pickVerdict(one) {
    this.set({ current: one.finding });
    this.send({ kind: "verdict", at: one.at });
  }

  /** Whether the filters let a finding through. */
  passes(one) {
    const [section, verdict] = [this.model.get("section"), this.model.get("verdict")];
    return this.model.get("assertions").includes(one.assertion)
      && (!section || one.section === section)
      && (!verdict || this.content.verdicts.some((v) => v.finding === one.id
        && v.verdict === verdict));
  }

  build() {
    const before = this.content.id;
    const place = this.words.root.scrollTop;
    this.content = this.model.get("_content");
    const { content } = this;
    this.said.textContent = "";
    this.remark.textContent = content.synthetic
      ? "Synthetic: this text was made by a program or made up; no clinician wrote it." : "";
    this.remark.hidden = !content.synthetic;
    this.words.build();
    this.tools.build();
    this.arrange();
    this.working();
    this.open();
    this.light();
    if (this.model.get("search")) this.search();
    this.words.root.scrollTop = before === content.id ? place : 0;
  }

  arrange() {
    const mode = this.model.get("mode");
    const shown = { text: this.words, table: this.table, compare: this.compare };
    for (const [name, one] of Object.entries(shown)) {
      one.root.hidden = name !== mode;
      one.root.style.maxHeight = `${this.model.get("height")}px`;
    }
    if (mode !== "text") shown[mode].show();
    this.details.root.classList.toggle("onco-away", mode === "compare");
    this.tools.build();
  }

  filter() {
    this.tools.build();
    this.words.filter();
    if (this.model.get("mode") === "table") this.table.show();
  }

  search() {
    this.tools.words.value = this.model.get("search");
    this.tools.found(this.words.setHits(this.model.get("search")));
  }

  open() { this.details.show(this.model.get("current")); }

  light() {
    const lit = this.model.get("_lit");
    this.wasLit = this.litFindings;
    this.litFindings = new Set(lit.findings || []);
    this.litGroundings = new Set(lit.groundings || []);
    this.words.setLit(lit.spans || [], Boolean(lit.scroll));
    if (this.model.get("mode") === "table") {
      this.table.show();
      if (lit.scroll) this.table.reveal();
    }
  }

  /** The offer to look for findings, and how far that is. */
  working() {
    const work = this.model.get("_work");
    const running = work.state === "running";
    const offered = !this.content.read.length;
    this.work.hidden = !running && !offered && !["failed", "stopped"].includes(work.state);
    if (this.work.hidden) { this.work.replaceChildren(); return; }
    const said = running ? `${work.words} (${work.step} of ${work.total})`
      : work.state === "failed" ? `It failed: ${work.words}`
        : work.state === "stopped" ? `Stopped: ${work.words}.`
          : "Nothing has been looked for in this report yet.";
    const parts = [element("span", { text: said, role: "status" })];
    if (running) {
      parts.push(element("progress", { max: work.total, value: work.step,
        "aria-label": "Progress" }),
      button("Stop", "Stop after this report", () => this.send({ kind: "stop" })));
    } else {
      parts.push(button("Find findings", "Read the reports, ground and check what they say",
        () => this.send({ kind: "find" })));
    }
    this.work.replaceChildren(...parts);
  }
}

export default {
  render({ model, el }) {
    const view = new ReportView(model, el);
    return () => view.close();
  },
};
