// Shapes of the kinds of nodes: the same outline in the graph, the legend and the list.

const SVG = "http://www.w3.org/2000/svg";

// Corners in a square from -1 to 1; what is not here is round.
const OUTLINES = {
  patient: "0,-1 .26,-.34 1,-.3 .42,.16 .6,.9 0,.48 -.6,.9 -.42,.16 -1,-.3 -.26,-.34",
  study: "-1,-.62 -.3,-.62 -.1,-.9 1,-.9 1,.9 -1,.9",
  image: "-.88,-.88 .88,-.88 .88,.88 -.88,.88",
  waveform: "-1,-.2 -.5,-.2 -.2,-1 .2,.45 .5,-.2 1,-.2 1,.35 .7,.35 .2,1 -.2,.1 -.35,.35 -1,.35",
  slide: "-1,-.5 1,-.5 1,.5 -1,.5",
  lesion: "0,-1 .95,-.3 .6,.85 -.6,.85 -.95,-.3",
  region: "-.4,-1 .4,-1 1,-.4 1,.4 .4,1 -.4,1 -1,.4 -1,-.4",
  anatomy: "0,-1 .9,-.5 .9,.5 0,1 -.9,.5 -.9,-.5",
  report: "-.8,-1 .3,-1 .8,-.5 .8,1 -.8,1",
  sentence: "-1,-.55 .55,-.55 1,0 .55,.55 -1,.55",
  finding: "0,-1 1,0 0,1 -1,0",
  observation: "-1,-.7 .5,-.7 1,.7 -.5,.7",
  grounding: "0,1 -1,-.9 0,-.35 1,-.9",
  measurement: "0,-.9 1,.9 -1,.9",
  fact: "-.3,-.9 .3,-.9 .3,-.3 .9,-.3 .9,.3 .3,.3 .3,.9 -.3,.9 -.3,.3 -.9,.3 -.9,-.3 -.3,-.3",
  "gene set": "-.9,-.9 0,-.45 .9,-.9 .9,.9 0,.45 -.9,.9",
  treatment: "-.9,-.9 .9,-.9 0,.95",
  outcome: "-1,-.8 1,-.8 .5,0 1,.8 -1,.8 -.5,0",
  prediction: "-1,.1 -.35,-.25 0,-.95 .35,-.25 1,.1 .35,.3 .6,.95 0,.55 -.6,.95 -.35,.3",
  event: "-.5,-.9 .5,-.9 1,0 .5,.9 -.5,.9 -1,0",
};

/** Corners as cytoscape wants them, or null for what is round. */
export function corners(kind) {
  return kind in OUTLINES ? OUTLINES[kind].replaceAll(",", " ") : null;
}

/** The theme's ink for who it is, a colour for the rest. */
export const inkOf = (kind, color) => (kind === "patient" || kind === "study" ? "currentColor" : color);

/** A small picture of a kind, hollow where it is made up. */
export function swatch(kind, color, hollow = false) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "-1.25 -1.25 2.5 2.5");
  svg.setAttribute("class", "onco-kind");
  svg.setAttribute("aria-hidden", "true");
  const round = !(kind in OUTLINES);
  const mark = document.createElementNS(SVG, round ? "circle" : "polygon");
  if (round) mark.setAttribute("r", "0.9");
  else mark.setAttribute("points", OUTLINES[kind]);
  mark.setAttribute("fill", hollow ? "none" : inkOf(kind, color));
  mark.setAttribute("stroke", inkOf(kind, color));
  mark.setAttribute("stroke-width", hollow ? "0.35" : "0.12");
  if (hollow) mark.setAttribute("stroke-dasharray", "0.5 0.25");
  svg.append(mark);
  return svg;
}
