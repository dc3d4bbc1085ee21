// The text of a report: what is clicked, hovered, searched and selected in its rows.

import { codePoints } from "./code_points.js";
import { element } from "./element.js";
import { ReportRows } from "./report_rows.js";

const AT_ONCE = 60000; // characters; rows of longer reports get their marks when they come near

export class ReportText extends ReportRows {
  constructor(view) {
    super();
    this.view = view;
    this.root = element("div", { className: "onco-report-scroll", tabIndex: 0, role: "group",
      "aria-label": "Text of the report" });
    this.root.addEventListener("click", (event) => this.click(event));
    this.root.addEventListener("keydown", (event) => this.key(event));
    for (const [kind, on] of [["mouseover", true], ["mouseout", false], ["focusin", true],
      ["focusout", false]]) {
      this.root.addEventListener(kind, (event) => this.hover(event.target, on));
    }
    this.near = new IntersectionObserver((seen) => {
      const rows = seen.filter((one) => one.isIntersecting).map((one) => this.rowOf.get(one.target));
      if (rows.filter((k) => k !== undefined && this.ensure(k)).length) this.reading();
    }, { root: this.root, rootMargin: "800px 0px" });
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
    this.near.disconnect();
    this.rowOf = new Map(this.rows.map((row, k) => [row.root, k]));
    this.root.replaceChildren(...this.rows.flatMap((row) => row.parts));
    if (this.text.length > AT_ONCE) {
      this.rows.forEach((row) => {
        row.words.append(this.text.slice(row.start, row.end));
        this.near.observe(row.root);
      });
    } else this.rows.forEach((row) => { row.ready = true; });
    this.filter();
  }

  /** Show the findings that the filters let through. */
  filter() {
    this.shown = new Set(this.findings.map((one, k) => k)
      .filter((k) => this.view.passes(this.findings[k])));
    this.where = new Map();
    this.rows.forEach((row, k) => { if (row.ready) this.fill(row, k); });
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
    const edge = { Home: 0, End: -1 }[event.key];
    if (now < 0 || (step === undefined && edge === undefined)) return;
    event.preventDefault();
    let to = this.badges[now + step];
    if (edge !== undefined) {
      const shown = this.findings.filter((one, k) => this.shown.has(k)).map((one) => this.at(one));
      shown.sort((a, b) => a[1] - b[1]);
      this.rowsOf(...shown.at(edge)).forEach((k) => this.ensure(k));
      this.reading();
      to = this.badges.at(edge);
    }
    if (!to) return;
    this.badges.forEach((one) => { one.node.tabIndex = -1; });
    to.node.tabIndex = 0;
    to.node.focus();
  }

  hover(node, on) {
    const found = node.closest?.("[data-findings], [data-said]");
    if (!found) return;
    const ids = (found.dataset.findings || "").split(" ").filter(Boolean);
    ids.forEach((k) => this.light(`f${k}`, on, "onco-warm"));
    ids.forEach((k) => this.light(`p${k}`, on, "onco-part"));
    if (found.dataset.said) this.light(`v${found.dataset.said}`, on, "onco-part");
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
      if (this.shown.has(k)) this.rowsOf(...this.at(one)).forEach((row) => this.refill(row));
    }
    this.reading();
    if (!scroll) return;
    const places = [...spans.map(([start, end]) => this.at({ start, end })),
      ...this.findings.filter((one) => ids.has(one.id)).map((one) => this.at(one))];
    places.sort((a, b) => a[0] - b[0]);
    if (places.length) this.rowsOf(...places[0]).forEach((k) => this.ensure(k));
    this.reading();
    this.reveal(this.root.querySelector(".onco-run.onco-lit"));
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
    this.hits = found;
    this.redraw("hitRows", found);
    this.reading();
    return found.length;
  }

  showHit(h) {
    this.root.querySelectorAll(".onco-hit-now").forEach((n) => n.classList.remove("onco-hit-now"));
    this.rowsOf(this.hits[h].start, this.hits[h].end).forEach((k) => this.ensure(k));
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
    if (!row || !row.ready) return;
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
