// The report's words with marks, and the margin beside them. Words are text nodes, never markup:
// joined, they are the report, character by character.

import { codePoints } from "./code_points.js";
import { element } from "./element.js";
import { noteOf } from "./report_notes.js";

const ROW = 4000; // characters after which a line begins a new row

/** What a screen reader says of a finding. */
export function spoken(one) {
  return [one.text, one.assertion, one.side, one.measured, one.change, `section ${one.section}`]
    .filter(Boolean).join(", ");
}

export class ReportText {
  constructor(view) {
    this.view = view;
    this.root = element("div", { className: "onco-report-scroll", tabIndex: 0, role: "region",
      "aria-label": "Text of the report" });
    this.root.addEventListener("click", (event) => this.click(event));
    this.root.addEventListener("keydown", (event) => this.key(event));
    for (const [kind, on] of [["mouseover", true], ["mouseout", false], ["focusin", true],
      ["focusout", false]]) {
      this.root.addEventListener(kind, (event) => this.hover(event.target, on));
    }
  }

  /** Lay a report out anew. */
  build() {
    const content = this.view.content;
    this.text = content.text;
    const points = codePoints(this.text);
    this.at = (one) => [points.toUnits(one.start), points.toUnits(one.end)];
    this.findings = content.findings;
    this.place = new Map(this.findings.map((one, k) => [one.id, k]));
    this.litRows = this.hitRows = null;
    this.noted = new Map();
    content.groundings.forEach((one) => this.note(one.finding, "groundings", one));
    content.verdicts.forEach((one, at) => this.note(one.finding, "verdicts", { ...one, at }));
    // that what is absent lies nowhere needs no note; the details say it
    this.findings.forEach((one) => {
      const notes = this.noted.get(one.id);
      const plain = one.assertion === "absent" || one.assertion === "not assessed";
      if (notes && plain && !notes.verdicts.length
        && notes.groundings.every((place) => place.status === "abstained")) {
        this.noted.delete(one.id);
      }
    });
    this.rows = this.cut(content.sections);
    this.fixed();
    this.root.replaceChildren(...this.rows.flatMap((row) => row.parts));
    this.filter();
  }

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

  /** Show the findings that the filters let through. */
  filter() {
    this.shown = new Set(this.findings.map((one, k) => k)
      .filter((k) => this.view.passes(this.findings[k])));
    this.where = new Map();
    this.rows.forEach((row, k) => this.fill(row, k));
    this.reading();
  }

  /** Which badge the tab key comes to: one; the arrows go on from there. */
  reading() {
    this.badges = this.rows.flatMap((row) => row.badges.sort((a, b) => a.place - b.place));
    const current = this.badges.find((one) => one.id === this.view.model.get("current"));
    this.badges.forEach((one) => { one.node.tabIndex = -1; });
    const first = current || this.badges[0];
    if (first) first.node.tabIndex = 0;
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

  click(event) {
    const found = event.target.closest("[data-findings]");
    if (!found || !this.root.contains(found)) return;
    const inside = found.dataset.findings.split(" ").map((k) => this.findings[Number(k)].id);
    // a further click on words of several findings goes on to the next one out
    const turn = inside.indexOf(this.view.model.get("current"));
    this.view.pick(inside[(turn + 1) % inside.length]);
  }

  key(event) {
    const now = this.badges.findIndex((one) => one.node === document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    let to = null;
    if (now >= 0 && step) to = now + step;
    else if (now >= 0 && event.key === "Home") to = 0;
    else if (now >= 0 && event.key === "End") to = this.badges.length - 1;
    if (to === null || !this.badges[to]) return;
    event.preventDefault();
    this.badges[now].node.tabIndex = -1;
    this.badges[to].node.tabIndex = 0;
    this.badges[to].node.focus();
  }

  hover(node, on) {
    const found = node.closest?.("[data-findings], [data-said]");
    if (!found) return;
    const ids = (found.dataset.findings || "").split(" ").filter(Boolean);
    ids.forEach((k) => this.light(`f${k}`, on, "onco-warm"));
    ids.forEach((k) => this.light(`p${k}`, on, "onco-part"));
    if (found.dataset.said) this.light(`v${found.dataset.said}`, on, "onco-part");
  }

  /** The runs of a mark. */
  runsOf(name) {
    return [...(this.where.get(name) || [])].flatMap((k) => this.rows[k].runs.get(name) || []);
  }

  light(name, on, style) {
    for (const { node, kind } of this.runsOf(name)) {
      node.classList.toggle(style, on);
      if (style !== "onco-part") continue;
      if (on && kind) node.dataset.kind = kind; else delete node.dataset.kind;
    }
  }

  /** Highlight words and findings that are selected; only rows that change are drawn again. */
  setLit(spans, scroll) {
    this.redraw("litRows", spans.map(([start, end]) => {
      const [from, to] = this.at({ start, end });
      return { start: from, end: to, type: "lit" };
    }));
    const ids = this.view.litFindings;
    for (const [k, one] of this.findings.entries()) {
      const on = ids.has(one.id);
      if (on === this.view.wasLit.has(one.id)) continue;
      const rows = new Set();
      const [start, end] = this.at(one);
      for (let r = this.rowAt(start); r < this.rows.length && this.rows[r].start < end; r += 1) {
        rows.add(r);
      }
      rows.forEach((r) => { if (this.shown.has(k)) this.refill(r); });
    }
    this.reading();
    if (scroll) this.reveal(this.root.querySelector(".onco-lit"));
  }

  /** Mark words that were searched for; gives how many there are. */
  setHits(words) {
    const found = [];
    if (words) {
      const sought = new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu");
      for (const match of this.text.matchAll(sought)) {
        if (found.length >= 2000) break;
        found.push({ start: match.index, end: match.index + match[0].length, type: "hit",
          h: found.length });
      }
    }
    this.redraw("hitRows", found);
    this.reading();
    return found.length;
  }

  showHit(h) {
    this.root.querySelectorAll(".onco-hit-now").forEach((n) => n.classList.remove("onco-hit-now"));
    const runs = this.runsOf(`h${h}`);
    runs.forEach(({ node }) => node.classList.add("onco-hit-now"));
    if (runs.length) this.reveal(runs[0].node);
  }

  /** Put marks of one type in place of those before, in the rows that either touch. */
  redraw(kept, marks) {
    const before = this[kept];
    this[kept] = this.spread(marks);
    const rows = new Set([...(before ? before.keys() : []), ...this[kept].keys()]);
    rows.forEach((k) => this.refill(k));
  }

  refill(k) {
    const row = this.rows[k];
    if (!row) return;
    const focused = row.root.contains(document.activeElement)
      ? document.activeElement.dataset.finding : null;
    this.fill(row, k);
    if (focused) {
      row.words.querySelector(`[data-finding="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  /** Scroll to a node; again once the rows on the way have their true heights. */
  reveal(node, more = 3) {
    if (!node) return;
    const box = node.getBoundingClientRect();
    const frame = this.root.getBoundingClientRect();
    if (box.top >= frame.top + 8 && box.bottom <= frame.bottom - 8) return;
    this.root.scrollTop += box.top - frame.top - frame.height / 3;
    if (more) requestAnimationFrame(() => this.reveal(node, more - 1));
  }
}
