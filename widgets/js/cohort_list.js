// The chosen patients, a page at a time. Labels and cells are text of any source.

import { FreezeForm } from "./cohort_freeze.js";
import { button, element } from "./element.js";

export class PatientList {
  constructor(send, can) {
    this.send = send;
    this.can = can;
    this.search = element("input", { type: "search", className: "onco-input",
      placeholder: "Find a patient" });
    this.search.setAttribute("aria-label", "Find a patient");
    this.search.addEventListener("input", () => {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.go(0), 200);
    });
    this.head = element("tr");
    this.body = element("tbody");
    this.before = button("‹", "Patients before", () => this.go(this.first - this.page));
    this.after = button("›", "Patients after", () => this.go(this.first + this.page));
    this.where = element("span", { className: "onco-quiet-text", role: "status" });
    const why = `onco-why-${Math.random().toString(36).slice(2)}`;
    this.freezing = new FreezeForm(send, can, why);
    this.root = element("section", { className: "onco-cohort-patients", "aria-label": "Patients" }, [
      element("div", { className: "onco-cohort-head" },
        [element("h3", { text: "Patients" }), this.search]),
      element("div", { className: "onco-table", tabIndex: 0, role: "region",
        "aria-label": "List of patients" },
      [element("table", {}, [element("thead", {}, [this.head]), this.body])]),
      element("div", { className: "onco-cohort-foot" }, [this.before, this.where, this.after]),
      element("div", { className: "onco-cohort-foot" }, [
        button("Save list", "Save the list of patients with the steps (JSON)",
          () => send({ do: "list" })),
        button("Save table", "Save the table of patients (CSV)", () => send({ do: "table" })),
        this.freezing.open]),
      this.freezing.root,
      element("p", { className: "onco-quiet-text", id: why, text: can.why }),
    ]);
  }

  go(first) {
    this.send({ do: "page", text: this.search.value, first: Math.max(0, first) });
  }

  sync(rows) {
    const kept = this.body.contains(document.activeElement)
      ? [document.activeElement.dataset.key, document.activeElement.dataset.what] : null;
    this.first = rows.first;
    this.page = rows.page;
    const heads = ["Patient", ...rows.head].map(
      (text) => element("th", { scope: "col", text }));
    if (this.can.open) heads.push(element("td", {}));
    this.head.replaceChildren(...heads);
    this.body.replaceChildren(...rows.rows.map((row) => this.row(row)));
    const last = Math.min(rows.total, rows.first + rows.page);
    this.where.textContent = rows.total
      ? `${rows.first + 1} to ${last} of ${rows.total.toLocaleString("en")}` : "nobody";
    this.before.disabled = rows.first <= 0;
    this.after.disabled = last >= rows.total;
    if (kept) {
      const found = [...this.body.querySelectorAll("button")].find(
        (one) => one.dataset.key === kept[0] && one.dataset.what === kept[1]);
      if (found) found.focus();
    }
  }

  row(row) {
    const name = button(row.label, `Select ${row.label}`, (event) =>
      this.send({ do: "pick", key: row.key, add: event.ctrlKey || event.metaKey }), row.lit);
    name.dataset.key = row.key;
    name.dataset.what = "pick";
    const cells = [element("th", { scope: "row" }, [name]),
      ...row.cells.map((text) => element("td", { text }))];
    if (this.can.open) {
      const open = button("Open", `Open ${row.label}`, () => this.send({ do: "go", key: row.key }));
      open.dataset.key = row.key;
      open.dataset.what = "open";
      cells.push(element("td", {}, [open]));
    }
    return element("tr", { className: row.lit ? "onco-lit" : "" }, cells);
  }
}
