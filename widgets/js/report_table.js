// The findings as a table that can be sorted; everything by keyboard.

import { button, element } from "./element.js";
import { SIGNS } from "./report_notes.js";

const COLUMNS = [["start", "place"], ["text", "finding"], ["assertion", "assertion"],
  ["side", "side"], ["measured", "measured"], ["change", "change"], ["section", "section"],
  ["where", "lies in"], ["checks", "checks"]];
const MOST = 500;

export class ReportTable {
  constructor(view) {
    this.view = view;
    this.by = "start";
    this.down = false;
    this.root = element("div", { className: "onco-list", role: "group", tabIndex: 0,
      "aria-label": "Findings as a table" });
  }

  rows() {
    const { content } = this.view;
    const places = new Map();
    content.groundings.forEach((one) => {
      const said = one.target === null ? "not placed" : `${SIGNS[one.status]} ${one.place}`;
      places.set(one.finding, [...(places.get(one.finding) || []), said]);
    });
    const checks = new Map();
    content.verdicts.forEach((one) => {
      const said = `${SIGNS[one.verdict]} ${one.cue}`;
      checks.set(one.finding, [...(checks.get(one.finding) || []), said]);
    });
    const found = content.findings.filter((one) => this.view.passes(one)).map((one) => ({ ...one,
      where: (places.get(one.id) || []).join("; "), checks: (checks.get(one.id) || []).join(", ") }));
    const value = (one) => one[this.by] ?? "";
    found.sort((a, b) => (typeof value(a) === "number" ? value(a) - value(b)
      : String(value(a)).localeCompare(String(value(b)))) || a.start - b.start);
    return this.down ? found.reverse() : found;
  }

  show() {
    const focused = this.root.contains(document.activeElement)
      ? document.activeElement.dataset.focus : null;
    const head = element("tr", {}, COLUMNS.map(([name, text]) => {
      const made = button(text, `Sort by ${text}`, () => this.sort(name));
      made.dataset.focus = `sort-${name}`;
      const cell = element("th", { scope: "col" }, [made]);
      cell.setAttribute("aria-sort", name !== this.by ? "none"
        : this.down ? "descending" : "ascending");
      return cell;
    }));
    const all = this.rows();
    const body = all.slice(0, MOST).map((one) => {
      const pick = button(one.text, `Select ${one.text}, ${one.assertion}`,
        () => this.view.pick(one.id));
      pick.dataset.focus = one.id;
      const cells = COLUMNS.map(([name]) => element("td", {},
        [name === "text" ? pick : String(one[name] ?? "–")]));
      const row = element("tr", { "data-row": one.id }, cells);
      row.classList.toggle("onco-lit", this.view.litFindings.has(one.id));
      if (this.view.litFindings.has(one.id)) row.setAttribute("aria-current", "true");
      return row;
    });
    const table = element("table", { className: "onco-table onco-findings" }, [
      element("caption", { text: all.length > MOST
        ? `${all.length} findings; the first ${MOST} are listed` : `${all.length} findings` }),
      element("thead", {}, [head]), element("tbody", {}, body)]);
    this.root.replaceChildren(table);
    if (focused) this.root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  sort(name) {
    this.down = this.by === name && !this.down;
    this.by = name;
    this.show();
  }

  reveal() {
    this.root.querySelector("tr.onco-lit")?.scrollIntoView({ block: "nearest" });
  }
}
