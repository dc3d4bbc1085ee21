// Two reports: sentences beside each other or in one column, and what came, went or changed.

import { element } from "./element.js";
import { plainTable } from "./report_details.js";

const SIGN = { same: "=", changed: "≠", removed: "−", added: "+", came: "+", went: "−",
  "said of one only": "·" };

function pieces(found) {
  const tags = { same: "span", removed: "del", added: "ins" };
  return found.map(([kind, text]) => element(tags[kind], { text }));
}

export class ReportCompare {
  constructor(view) {
    this.view = view;
    this.root = element("div", { className: "onco-compare", role: "group", tabIndex: 0,
      "aria-label": "Two reports compared" });
  }

  show() {
    const found = this.view.model.get("_compared");
    if (!found.rows) {
      this.root.replaceChildren(element("p", { className: "onco-quiet",
        text: "The patient has no other report." }));
      return;
    }
    const inline = this.view.model.get("inline");
    const title = (one) => `${one.when} · ${one.name}`;
    const head = element("tr", {}, [element("th", { scope: "col", text: "change" }),
      ...(inline ? [`${title(found.before)} → ${title(found.after)}`]
        : [title(found.before), title(found.after)])
        .map((text) => element("th", { scope: "col", text }))]);
    const rows = found.rows.map((row) => {
      const sign = element("td", { className: "onco-sign-cell", text: SIGN[row.kind],
        title: row.kind, "aria-label": row.kind });
      const cells = inline ? [this.joined(row)] : [pieces(row.before), pieces(row.after)];
      return element("tr", { "data-diff": row.kind }, [sign,
        ...cells.map((one) => element("td", { className: "onco-words" }, one))]);
    });
    const texts = element("table", { className: "onco-table onco-diff" }, [
      element("caption", { text: "Sentences" }), element("thead", {}, [head]),
      element("tbody", {}, rows)]);
    texts.dataset.inline = String(inline);
    const said = plainTable(["change", "finding", found.before.when, found.after.when],
      found.findings.map((one) => [`${SIGN[one.kind] || "="} ${one.kind}`,
        one.entity + (one.doubt ? " (could be another one)" : ""),
        one.before ?? "not mentioned", one.after ?? "not mentioned"]), "Findings compared");
    said.prepend(element("caption", { text: "Findings" }));
    this.root.replaceChildren(said, texts);
  }

  /** Both sentences as one, the words that went beside those that came. */
  joined(row) {
    if (row.kind !== "changed") return pieces(row.before.length ? row.before : row.after);
    const made = [];
    const after = [...row.after];
    for (const piece of row.before) {
      if (piece[0] === "same") {
        while (after.length && after[0][0] === "added") made.push(after.shift());
        after.shift();
      }
      made.push(piece);
    }
    return pieces([...made, ...after]);
  }
}
