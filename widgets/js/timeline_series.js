// Values over days: one small chart a name and unit, its axis in the gutter.

import { GUTTER, cut, markOf, svg, widthOf } from "./timeline_lanes.js";

const HEIGHT = 84;
const DASHES = ["", "6 3", "2 3", "8 3 2 3"];

const written = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));

/** A chart of the series that share it; gives the group and its height. */
export function drawChart(chart, series, items, scale, top, told) {
  const points = items.filter(({ item }) => item.value !== null);
  const values = points.map(({ item }) => item.value);
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (series.some((one) => one.from_zero)) low = Math.min(0, low);
  if (low === high) [low, high] = [low - 1, high + 1];
  const room = (high - low) * 0.08;
  const y = (value) => top + HEIGHT - 10 - ((value - low) / (high + room - low)) * (HEIGHT - 22);
  const group = svg("g", {});
  for (const value of [low, high]) {
    group.append(svg("line", { x1: GUTTER, x2: scale.right, y1: y(value), y2: y(value),
      class: "onco-rule" }), svg("text", { x: GUTTER - 6, y: y(value) + 4, "text-anchor": "end",
      class: "onco-axis", text: written(value) }));
  }
  const taken = [];
  series.forEach((one, k) => {
    const mine = points.filter(({ item }) => item.series === one.place)
      .sort((a, b) => a.item.day - b.item.day);
    const path = mine.map(({ item }) => `${scale.x(item.day).toFixed(1)},${y(item.value).toFixed(1)}`);
    if (path.length > 1) {
      // a window that cuts off what lies outside of the axis
      group.append(svg("svg", { x: GUTTER - 2, y: top, width: Math.max(1, scale.right - GUTTER + 6),
        height: HEIGHT, overflow: "hidden" }, [svg("polyline", { points: path.join(" "),
        class: "onco-line", transform: `translate(${2 - GUTTER} ${-top})`,
        "stroke-dasharray": DASHES[k % DASHES.length] })]));
    }
    mine.forEach(({ item, place }, n) => {
      const x = scale.x(item.day);
      if (x < GUTTER || x > scale.right + 4) return;
      const last = n === mine.length - 1;
      let text = last && series.length > 1 ? cut(`${one.name} ${written(item.value)}`, 120)
        : last ? written(item.value) : "";
      const at = y(item.value);
      // a name that would lie on another one is left to the card
      if (text && taken.some(([x0, y0, x1]) => Math.abs(at - y0) < 13 && x < x1 && x + 90 > x0)) text = "";
      const before = text && x + 16 + widthOf(text) > scale.right;
      if (text) taken.push([x, at, x + 14 + widthOf(text)]);
      group.append(markOf(item, place, told.color(item), { x, y: at, text, before,
        name: told.name(item) }));
    });
  });
  return { group, height: HEIGHT };
}
