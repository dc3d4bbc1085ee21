// How nodes and edges look, in the colours of the theme.

import { corners } from "./graph_shapes.js";

/** The theme's colours as cytoscape can read them. */
export function themeColors(root) {
  const probe = document.createElement("span");
  root.append(probe);
  const found = {};
  for (const name of ["ink", "quiet", "line", "ground", "raised", "selected", "accent"]) {
    probe.style.color = `var(--onco-${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  for (const name of Object.keys(found)) found[name] = opaque(found[name], found.ground);
  return found;
}

/** Themes have see-through inks, and cytoscape takes them for opaque ones. */
function opaque(color, ground) {
  const parts = (text) => text.match(/[\d.]+/g).map(Number);
  const [over, under] = [parts(color), parts(ground)];
  const alpha = over[3] ?? 1;
  const mixed = [0, 1, 2].map((k) => Math.round(over[k] * alpha + under[k] * (1 - alpha)));
  return `rgb(${mixed.join(", ")})`;
}

const DASHES = { contradicts: "dashed", "cannot tell": "dotted", similar_to: "dotted" };

/** The style sheet; a large graph has bare lines, and words only where one looks. */
export function graphStyle(data, colors, large, force) {
  const below = force && !large;
  const sheet = [
    { selector: "node", style: {
      width: 13, height: 13, "border-width": 0.6, "border-color": colors.ground,
      color: colors.ink, "font-size": large ? 7 : 11, "font-family": "system-ui, sans-serif",
      label: large ? "" : "data(label)", "text-wrap": "ellipsis",
      "text-max-width": below ? 110 : large ? 90 : 138,
      "text-halign": below ? "center" : "right", "text-valign": below ? "bottom" : "center",
      "text-margin-x": below ? 0 : 4, "text-margin-y": below ? 3 : 0,
      "min-zoomed-font-size": 8.5, "overlay-opacity": 0 } },
    { selector: "edge", style: {
      width: large ? 0.8 : 1.1, "line-color": colors.line, "overlay-opacity": 0,
      "curve-style": large ? "haystack" : "straight", "haystack-radius": 0,
      ...(large ? {} : { "target-arrow-shape": "triangle", "arrow-scale": 0.55,
        "target-arrow-color": colors.line }) } },
  ];
  data.kinds.forEach((kind, k) => {
    const points = corners(kind.name);
    sheet.push({ selector: `.k${k}`, style: { "background-color": kind.color,
      ...(points ? { shape: "polygon", "shape-polygon-points": points } : { shape: "ellipse" }),
      ...(kind.name === "patient" ? { width: 19, height: 19,
        "background-color": colors.ink } : {}),
      ...(kind.name === "study" ? { "background-color": colors.quiet } : {}) } });
  });
  data.kinds.forEach((kind, k) => {
    const color = kind.name === "patient" || kind.name === "study" ? colors.quiet : kind.color;
    sheet.push({ selector: `.made-up.k${k}`, style: { "background-opacity": 0.12,
      "border-width": 1.8, "border-style": "dashed", "border-color": color } });
  });
  sheet.push({ selector: ".arc", style: { "curve-style": "unbundled-bezier",
    "control-point-weights": 0.5, "control-point-distances": "data(bend)" } },
  // that everything is the patient's needs no telling
  { selector: ".own", style: { "line-opacity": 0.5, width: 0.7, "target-arrow-shape": "none" } });
  data.edgeKinds.forEach((kind, k) => {
    if (!kind.color && !(kind.name in DASHES)) return;
    sheet.push({ selector: `.e${k}`, style: { "line-style": DASHES[kind.name] ?? "solid",
      ...(kind.color ? { "line-color": kind.color, width: 1.8 } : {}) } });
  });
  sheet.push(
    { selector: ".off", style: { display: "none" } },
    { selector: "node.dim", style: { opacity: 0.22 } },
    { selector: "edge.dim", style: { opacity: 0.1 } },
    { selector: "node.near", style: { label: "data(label)", "z-index": 8 } },
    { selector: "edge.near", style: { width: 1.8, "line-opacity": 1, "line-color": colors.quiet, "z-index": 7 } },
    { selector: "edge.named", style: { label: "data(kind)", "font-size": 9, color: colors.ink,
      "text-background-color": colors.ground, "text-background-opacity": 0.85,
      "text-background-padding": 1.5, "min-zoomed-font-size": 8 } },
    { selector: "node.match", style: { "underlay-color": colors.accent, "underlay-opacity": 0.3,
      "underlay-padding": 4, label: "data(label)", "z-index": 8 } },
    { selector: "node.lit", style: { "border-width": 2.5, "border-style": "solid",
      "border-color": colors.selected, "underlay-color": colors.selected,
      "underlay-opacity": 0.55, "underlay-padding": 6, label: "data(label)", "z-index": 10 } },
    { selector: "node.here", style: { "outline-width": 2, "outline-color": colors.accent,
      "outline-offset": 3, label: "data(label)", "z-index": 11 } },
  );
  return sheet;
}
