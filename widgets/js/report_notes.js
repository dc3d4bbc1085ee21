// The margin: of each finding where it lies and whether image and report agree.

import { element } from "./element.js";

export const SIGNS = { agrees: "✓", contradicts: "✗", "cannot tell": "?", accepted: "✓",
  rejected: "✗", proposed: "◎", abstained: "–" };

export function score(value) {
  return value === null || value === undefined ? "" : String(Number(value.toFixed(3)));
}

function chip(kind, state, text, label) {
  const made = element("button", { type: "button", className: `onco-chip onco-${kind}`, title: label,
    tabIndex: -1, "data-state": state }); // by keyboard the details offer the same
  made.append(element("span", { className: "onco-sign", text: SIGNS[state] || "•",
    "aria-hidden": "true" }), element("span", { className: "onco-chip-text", text }));
  made.setAttribute("aria-label", label);
  return made;
}

/** A grounding as a chip: how it stands, by which method, where, with which score. */
export function placeChip(view, one) {
  const where = one.target === null ? one.reason : one.place;
  const by = [one.method, score(one.score)].filter(Boolean).join(" ");
  const made = chip("place", one.status, one.target === null ? `not placed: ${where}`
    : `${where} · ${by}`, `${one.status}${by ? ` by ${by}` : ""}: ${where}`);
  made.dataset.grounding = one.id;
  made.classList.toggle("onco-lit", view.litGroundings.has(one.id));
  made.addEventListener("click", () => view.pickPlace(one));
  return made;
}

/** A verdict as a chip: the sign, the cue, what the report and what the image says. */
export function verdictChip(view, one) {
  const other = one.against === "itself" ? "elsewhere" : "image";
  const values = [one.said && `report ${one.said}`, one.seen && `${other} ${one.seen}`]
    .filter(Boolean).join(", ");
  const made = chip("verdict", one.verdict, `${one.cue}: ${one.said || "–"} | ${one.seen || "–"}`,
    `${one.cue} ${one.verdict}: ${values}. ${one.reason}`);
  made.dataset.said = String(one.at);
  made.addEventListener("click", () => view.pickVerdict(one));
  return made;
}

/** The card beside a finding. */
export function noteOf(view, finding, notes) {
  const card = element("div", { className: "onco-card", role: "group",
    "aria-label": `${finding.text}: places and checks`, "data-card": finding.id });
  card.dataset.findings = String(view.words.place.get(finding.id));
  card.append(element("span", { className: "onco-card-head", text: finding.text }),
    ...notes.groundings.map((one) => placeChip(view, one)),
    ...notes.verdicts.map((one) => verdictChip(view, one)));
  card.classList.toggle("onco-lit", view.litFindings.has(finding.id));
  return card;
}
