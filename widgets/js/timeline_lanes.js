// Lanes of a timeline: what stands at one time is put below each other, names only where there is room.

import { corners } from "./graph_shapes.js";

const NS = "http://www.w3.org/2000/svg";
const MOST_ROWS = 5;
const ROW = 21;
export const GUTTER = 168;
let measure = null;

export function svg(name, attributes = {}, children = []) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") made.textContent = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Width of a text in pixels. */
export function widthOf(text) {
  measure ??= document.createElement("canvas").getContext("2d");
  measure.font = "12px system-ui, sans-serif";
  return measure.measureText(text).width;
}

export function cut(text, most) {
  if (widthOf(text) <= most) return text;
  let shown = text.slice(0, Math.max(1, Math.floor(most / 5)));
  while (shown.length > 1 && widthOf(`${shown}…`) > most) shown = shown.slice(0, -1);
  return `${shown}…`;
}

/** A name in lines that fit. */
export function wrapped(text, width, most = 3) {
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && widthOf(longer) * 1.08 <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  if (lines.length > most) lines.splice(most - 1, lines.length, lines.slice(most - 1).join(" "));
  return lines.map((one) => cut(one, width / 1.08));
}

/** Rows of a lane: [{ place, x, end, row, text }], and what found no room, by where it stands. */
export function packed(items, scale) {
  const ends = [];
  const marks = [];
  const more = [];
  const seen = items.filter(({ item }) => (item.end ?? item.day) >= scale.first && item.day <= scale.last);
  seen.sort((a, b) => a.item.day - b.item.day);
  seen.forEach(({ item, place }, k) => {
    const x = Math.max(scale.x(item.day), GUTTER + 2);
    const bar = Math.max(0, scale.x(item.end ?? item.day) - x);
    const next = seen[k + 1] && scale.x(seen[k + 1].item.day) - x;
    let text = cut(item.label, 210);
    let wide = Math.max(bar, 9) + 12 + widthOf(text);
    if (ends.filter((end) => end > x).length >= MOST_ROWS - 1 && next > 12 && next < wide) {
      text = "";
      wide = Math.max(bar, 9) + 8;
    }
    // at the right edge a name stands before its mark
    const before = text && x + wide > scale.right && x - widthOf(text) - 14 > GUTTER && bar < 5;
    const start = before ? x - widthOf(text) - 12 : x - 4;
    if (before) wide = 9;
    let row = ends.findIndex((end) => end <= start);
    if (row < 0) row = ends.length;
    if (row >= MOST_ROWS) {
      const last = more.at(-1);
      if (last && x - last.x < 70) last.places.push(place);
      else more.push({ x, places: [place] });
      return;
    }
    ends[row] = x + wide;
    marks.push({ place, x, bar, row, text, before });
  });
  return { marks, more, rows: Math.max(1, ends.length + (more.length ? 1 : 0)) };
}

export const laneHeight = (rows) => rows * ROW + 8;

/** The mark of an item: its kind's shape, or a bar where it lasts. */
export function shape(item, color, bar, size = 6) {
  const hollow = item.synthetic;
  const look = { fill: hollow ? "var(--onco-ground)" : color, stroke: color,
    "stroke-width": hollow ? 1.8 : 1, ...(hollow ? { "stroke-dasharray": "3 2" } : {}) };
  if (bar > 4) return svg("rect", { x: 0, y: -6, width: bar, height: 12, rx: 3, ...look });
  const points = item.kind === "response" ? "-1 -1 1 -1 1 .4 0 1 -1 .4" : corners(item.kind);
  if (!points) return svg("circle", { r: size * 0.9, ...look });
  const numbers = points.split(" ").map((one) => Number(one) * size);
  return svg("polygon", { points: numbers.join(" "), ...look });
}

/** One item as a thing that can be reached by key and pointed at. */
export function markOf(item, place, color, { x, y, bar = 0, text = "", before = false,
  name }) {
  const body = shape(item, color, bar);
  const wide = Math.max(bar, 9) + 12 + (text ? widthOf(text) * 1.1 : 6);
  const children = [svg("rect", { x: before ? 9 - wide : -9, y: -10, width: wide, height: 20, rx: 4,
    class: "onco-glow" }), body];
  if (text) {
    children.push(svg("text", { x: before ? -12 : Math.max(bar, 7) + 5, y: 4,
      "text-anchor": before ? "end" : "start", text }));
  }
  return svg("g", { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, class: "onco-item",
    "data-item": place, tabindex: -1, role: "button", "aria-label": name,
    "aria-pressed": "false" }, children);
}

/** A lane with its items; gives the group, its height, and the order of its items. */
export function drawLane(lane, items, scale, top, told) {
  const { marks, more, rows } = packed(items, scale);
  const group = svg("g", {});
  marks.sort((a, b) => a.x - b.x || a.row - b.row);
  for (const one of marks) {
    const { item } = told.entry(one.place);
    group.append(markOf(item, one.place, told.color(item), { ...one, y: top + 14 + one.row * ROW,
      name: told.name(item) }));
  }
  more.forEach(({ x, places }) => {
    const text = `+ ${places.length} more`;
    group.append(svg("g", { transform: `translate(${x.toFixed(1)} ${top + 14 + (rows - 1) * ROW})`,
      class: "onco-item onco-more", "data-more": places.join(" "), tabindex: -1, role: "button",
      "aria-label": `${text} in ${lane}` }, [
      svg("rect", { x: -9, y: -10, width: widthOf(text) + 18, height: 20, rx: 10, class: "onco-glow" }),
      svg("text", { x: 0, y: 4, text })]));
  });
  return { group, height: laneHeight(rows) };
}
