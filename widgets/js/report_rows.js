// Rows of a report: words with marks, and the margin beside them. Words are text nodes, never
// markup: joined, they are the report, character by character.

import { element } from "./element.js";
import { noteOf } from "./report_notes.js";

const ROW = 4000; // characters after which a line begins a new row

/** What a screen reader says of a finding. */
export function spoken(one) {
  return [one.text, one.assertion, one.side, one.measured, one.change, `section ${one.section}`]
    .filter(Boolean).join(", ");
}

export class ReportRows {
  note(finding, kind, one) {
    if (!this.noted.has(finding)) this.noted.set(finding, { groundings: [], verdicts: [] });
    this.noted.get(finding)[kind].push(one);
  }

  /** Rows of whole lines: one begins with each section, and with each line that has notes. */
  cut(sections) {
    const starts = new Set(this.findings.filter((one) => this.noted.has(one.id))
      .map((one) => this.text.lastIndexOf("\n", this.at(one)[0] - 1) + 1));
    const rows = [];
    for (const section of sections) {
      const [from, to] = this.at(section);
      let begin = from;
      for (let at = from; at < to;) {
        const line = this.text.indexOf("\n", at);
        const next = line < 0 || line >= to ? to : line + 1;
        if (next === to || starts.has(next) || next - begin > ROW) {
          rows.push(this.row(begin, next, begin === from ? section : null));
          begin = next;
        }
        at = next;
      }
    }
    return rows;
  }

  row(start, end, section) {
    const words = element("div", { className: "onco-words" });
    const margin = element("div", { className: "onco-margin" });
    const root = element("div", { className: "onco-row" }, [words, margin]);
    const row = { start, end, words, margin, root, parts: [root], runs: new Map(), badges: [] };
    if (section) {
      const name = section.name === "unknown" ? "no section named" : section.name;
      const head = element("h3", { className: "onco-section", text: name });
      // where the report's own header says the same, it is the heading that is seen
      const own = (section.header || "").toLowerCase().replace(/[\s:]+$/, "");
      head.classList.toggle("onco-heard", own === name);
      if (!section.header && section.name !== "unknown") {
        head.append(element("span", { className: "onco-quiet",
          text: ` no header; told by the wording (${section.score.toFixed(2)})` }));
      }
      row.parts.unshift(head);
    }
    return row;
  }

  /** Marks that stay: findings, their parts, the words of verdicts, headers. */
  fixed() {
    const marks = [];
    const add = (start, end, more) => { if (end > start) marks.push({ start, end, ...more }); };
    this.findings.forEach((one, k) => {
      add(...this.at(one), { type: "finding", k });
      one.parts.forEach((part) => add(...this.at(part), { type: "part", k, kind: part.kind }));
    });
    this.view.content.verdicts.forEach((one, at) => {
      one.spans.forEach(([start, end]) => add(...this.at({ start, end }), { type: "said", v: at }));
    });
    this.view.content.sections.forEach((one) => {
      if (one.header) add(...this.at({ start: one.start, end: one.body }), { type: "header" });
    });
    this.marks = this.spread(marks);
  }

  /** Marks by row. */
  spread(marks) {
    const found = new Map();
    for (const mark of marks) {
      for (let k = this.rowAt(mark.start); k < this.rows.length; k += 1) {
        if (this.rows[k].start >= mark.end) break;
        if (!found.has(k)) found.set(k, []);
        found.get(k).push(mark);
      }
    }
    return found;
  }

  rowAt(place) {
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle].start <= place) low = middle; else high = middle - 1;
    }
    return low;
  }

  /** Give a row its marks, if it has none yet; whether it had none. */
  ensure(k) {
    const row = this.rows[k];
    if (row.ready) return false;
    row.ready = true;
    this.near.unobserve(row.root);
    this.fill(row, k);
    return true;
  }

  /** Rows that a stretch of the text is in. */
  rowsOf(start, end) {
    const found = [];
    for (let k = this.rowAt(start); k < this.rows.length && this.rows[k].start < end; k += 1) {
      found.push(k);
    }
    return found;
  }

  /** The marks of a row as runs of words: each run is in the same marks throughout. */
  fill(row, k) {
    const marks = [...(this.marks.get(k) || []), ...(this.litRows?.get(k) || []),
      ...(this.hitRows?.get(k) || [])]
      .filter((mark) => !("k" in mark) || this.shown.has(mark.k));
    const events = [];
    for (const mark of marks) {
      events.push([Math.max(mark.start, row.start), 1, mark], [Math.min(mark.end, row.end), 0, mark]);
    }
    events.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const active = new Set();
    const nodes = [];
    let at = row.start;
    const upTo = (place) => {
      if (place <= at) return;
      nodes.push(active.size ? this.run(at, place, [...active], k) : this.text.slice(at, place));
      at = place;
    };
    row.badges = [];
    row.runs = new Map();
    for (const [place, begins, mark] of events) {
      upTo(place);
      if (begins) active.add(mark);
      else {
        active.delete(mark);
        if (mark.type === "finding" && mark.end <= row.end) nodes.push(this.badge(mark, row));
      }
    }
    upTo(row.end);
    row.words.replaceChildren(...nodes);
    const cards = marks.filter((one) => one.type === "finding" && one.start >= row.start)
      .filter((one) => this.noted.has(this.findings[one.k].id))
      .sort((a, b) => a.start - b.start || b.end - a.end)
      .map((one) => noteOf(this.view, this.findings[one.k],
        this.noted.get(this.findings[one.k].id)));
    row.margin.replaceChildren(...cards);
  }

  run(start, end, marks, k) {
    const made = element("span", { className: "onco-run" });
    made.append(this.text.slice(start, end));
    const found = marks.filter((one) => one.type === "finding")
      .sort((a, b) => (a.end - a.start) - (b.end - b.start));
    if (found.length) {
      made.dataset.findings = found.map((one) => one.k).join(" ");
      made.dataset.assertion = this.findings[found[0].k].assertion;
      if (found.length > 1) made.dataset.outer = this.findings[found[1].k].assertion;
      const ids = this.view.litFindings;
      if (found.some((one) => ids.has(this.findings[one.k].id))) made.classList.add("onco-lit");
    }
    for (const mark of marks) {
      if (mark.type === "lit") made.classList.add("onco-lit");
      if (mark.type === "hit") made.classList.add("onco-hit");
      if (mark.type === "header") made.classList.add("onco-header");
      const name = { finding: `f${mark.k}`, part: `p${mark.k}`, said: `v${mark.v}`,
        hit: `h${mark.h}`, lit: "lit" }[mark.type];
      if (!name) continue;
      const { runs } = this.rows[k];
      if (!runs.has(name)) runs.set(name, []);
      runs.get(name).push({ node: made, kind: start === mark.start ? mark.kind : undefined });
      if (!this.where.has(name)) this.where.set(name, new Set());
      this.where.get(name).add(k);
    }
    return made;
  }

  /** The word behind a mention that says how it is meant; the finding's button. */
  badge(mark, row) {
    const one = this.findings[mark.k];
    const node = element("button", { type: "button", className: "onco-badge", tabIndex: -1,
      "aria-label": spoken(one), title: spoken(one), "data-finding": one.id,
      "data-findings": String(mark.k), "data-assertion": one.assertion });
    node.setAttribute("aria-pressed", String(this.view.litFindings.has(one.id)));
    row.badges.push({ place: mark.end * 4096 - (mark.end - mark.start), id: one.id, node });
    return node;
  }

  /** The runs of a mark. */
  runsOf(name) {
    return [...(this.where.get(name) || [])].flatMap((k) => this.rows[k].runs.get(name) || []);
  }
}
