// What the keys do; the list that people see is made of the same lines.

import { MEASURES } from "./measure.js";

/** Keys and mouse, for the help card. */
export const KEYS = [
  ["Arrows, mouse wheel", "next and previous slice"],
  ["Page up, page down", "ten slices"],
  ["Home, End", "first and last slice"],
  ["Click, drag", "move the crosshair (or the chosen tool); a click names the label there"],
  ["Shift + arrows", "move the crosshair within the plane"],
  ["Right button drag", "window (sideways) and level (up and down)"],
  ["Shift or middle button drag", "move the picture"],
  ["Ctrl + wheel, + and −", "zoom"],
  ["Double click, Enter", "enlarge a plane"],
  ["Space", "play and pause"],
  [", and .", "previous and next time point"],
  ["m", "magnifier (hold, or on and off)"],
  ["d, e, b", "measure a distance, an ellipse, a box; v points again"],
  ["p", "with those: put an end point at the crosshair"],
  ["Delete", "delete the chosen measurement"],
  ["1 … 9", "window presets"],
  ["i", "invert the grey scale"],
  ["o", "second image on and off"],
  ["s", "segments on and off"],
  ["f", "filled segments or outlines"],
  ["x", "crosshair on and off"],
  ["l", "one large plane, or four fields"],
  ["g", "save a picture (PNG)"],
  ["r", "reset zoom and window"],
  ["?", "this list; Escape closes it"],
];

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** What a key does in a view; undefined where it does nothing. */
export function actionOf(view, event) {
  const { model, active } = view;
  const { layout } = active;
  if (event.shiftKey && MOVES[event.key]) return () => active.nudge(...MOVES[event.key]);
  if (/^[1-9]$/.test(event.key)) return () => view.preset(Number(event.key) - 1);
  const last = layout.forward > 0 ? layout.count - 1 : 0;
  const time = (k) => Math.max(0, Math.min(view.image.times - 1, model.get("time") + k));
  const tool = (k) => () => view.choose(view.tool === MEASURES[k] ? "point" : MEASURES[k]);
  const actions = {
    ArrowUp: () => view.step(-1), ArrowLeft: () => view.step(-1),
    ArrowDown: () => view.step(1), ArrowRight: () => view.step(1),
    PageUp: () => view.step(-10), PageDown: () => view.step(10),
    Home: () => active.scrollTo(layout.count - 1 - last), End: () => active.scrollTo(last),
    "+": () => active.zoomBy(1.25), "=": () => active.zoomBy(1.25), "-": () => active.zoomBy(0.8),
    r: () => view.reset(), i: () => view.toggle("invert"), s: () => view.toggle("show_segments"),
    f: () => view.toggle("fill"), l: () => view.arrange(), o: () => view.hideFused(),
    x: () => { view.crossing = !view.crossing; view.redraw(); },
    v: () => view.choose("point"), d: tool(0), e: tool(1), b: tool(2),
    p: () => view.measures.putPoint(), g: () => view.shoot(), m: () => view.magnify(event),
    Delete: () => view.measures.remove(view.measures.chosen), Backspace: () => view.measures.remove(view.measures.chosen),
    " ": () => view.play(),
    Enter: () => view.enlarge(layout.name),
    ",": () => view.set({ time: time(-1) }), ".": () => view.set({ time: time(1) }),
    "?": () => view.help(), Escape: () => view.escape(),
  };
  return actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
}
