// What is known of one finding: its parts, places with their evidence, reviews, checks.

import { button, element } from "./element.js";
import { SIGNS, score } from "./report_notes.js";

/** A table of text. */
export function plainTable(head, rows, label) {
  const made = element("table", { className: "onco-table", "aria-label": label });
  made.append(element("thead", {}, [element("tr", {},
    head.map((text) => element("th", { text, scope: "col" })))]));
  made.append(element("tbody", {}, rows.map((cells) => element("tr", {},
    cells.map((one) => element("td", {}, [one ?? "–"]))))));
  return made;
}

const FITS = new Map([[true, "✓ yes"], [false, "✗ no"], [null, "not compared"]]);

function reviewForm(view, one) {
  const name = element("input", { type: "text", className: "onco-text", placeholder: "your name",
    value: view.model.get("reviewer"), "aria-label": "Reviewer" });
  const reason = element("input", { type: "text", className: "onco-text onco-wide",
    placeholder: "why (optional)", "aria-label": "Reason" });
  const send = (status) => {
    if (!name.value.trim()) { view.notice("Who says so? Write your name."); name.focus(); return; }
    view.send({ kind: "judge", id: one.id, status, reason: reason.value, reviewer: name.value });
  };
  return element("div", { className: "onco-review", role: "group",
    "aria-label": "Accept or reject this place" }, [name, reason,
    button("✓ Accept", `Accept ${one.place}`, () => send("accepted"), one.status === "accepted"),
    button("✗ Reject", `Reject ${one.place}`, () => send("rejected"), one.status === "rejected")]);
}

function placeOf(view, one) {
  const part = element("section", { className: "onco-part-of", "data-place": one.id });
  const where = one.target === null ? element("span", { text: "not placed" })
    : button(one.place, `Go to ${one.place}`, () => view.pickPlace(one));
  part.append(element("div", { className: "onco-line" }, [
    element("b", { className: "onco-state", text: `${SIGNS[one.status] || ""} ${one.status}`,
      "data-state": one.status }), where,
    element("span", { className: "onco-quiet", text: [one.method && `by ${one.method}`,
      one.score !== null && `score ${score(one.score)}`, one.region].filter(Boolean).join(", ") }),
    element("span", { text: one.reason })]));
  if (one.evidence.length) {
    part.append(plainTable(["cue", "report", "image", "fits"],
      one.evidence.map((e) => [e.cue, e.said, e.seen, FITS.get(e.passed)]), "Evidence"));
  }
  if (one.alternatives.length) {
    part.append(plainTable(["other place", "score", "why"], one.alternatives.map((a) => [
      button(a.place, `Go to ${a.place}`, () => view.send({ kind: "target", id: a.target })),
      score(a.score), a.reason]), "Alternatives"));
  }
  if (one.target !== null) part.append(reviewForm(view, one));
  if (one.history.length) {
    part.append(element("ul", { className: "onco-history", "aria-label": "What was said of it" },
      one.history.map((said) => element("li", { text:
        `${said.reviewed || ""} ${said.reviewer || "?"}: ${said.status}`
        + (said.reason ? `, ${said.reason}` : "") }))));
  }
  return part;
}

export class ReportDetails {
  constructor(view) {
    this.view = view;
    this.root = element("div", { className: "onco-details", role: "group", tabIndex: 0,
      "aria-label": "Details of the finding" });
  }

  show(id) {
    const { view } = this;
    const one = view.content.findings.find((finding) => finding.id === id);
    this.root.hidden = !one;
    if (!one) return;
    const facts = [one.assertion, one.side, one.place, one.measured, one.change,
      `section ${one.section}`, one.code].filter(Boolean).join(" · ");
    const places = view.content.groundings.filter((place) => place.finding === id);
    const checks = view.content.verdicts.map((verdict, at) => ({ ...verdict, at }))
      .filter((verdict) => verdict.finding === id);
    const kept = this.root.querySelector("input:focus")?.getAttribute("aria-label");
    this.root.replaceChildren(
      element("div", { className: "onco-line" }, [
        element("b", { text: one.entity }), element("q", { text: one.text }),
        element("span", { className: "onco-quiet", text: facts }),
        button("×", "Close the details", () => view.set({ current: "" }))]),
      ...places.map((place) => placeOf(view, place)));
    if (!places.length) {
      this.root.append(element("p", { className: "onco-quiet", text: "Not grounded yet." }));
    }
    if (checks.length) {
      this.root.append(plainTable(["check", "verdict", "report", "image or elsewhere", "rule"],
        checks.map((c) => [
          button(c.cue, `Go to what was compared: ${c.cue}`, () => view.pickVerdict(c)),
          `${SIGNS[c.verdict]} ${c.verdict}`, c.said, c.seen, c.reason]),
        "Checks"));
    }
    if (kept) this.root.querySelector(`input[aria-label="${kept}"]`)?.focus();
  }
}
