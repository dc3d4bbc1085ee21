// Toolbar, legend and readout around the planes.

import { button, element, plain } from "./element.js";
import { toLps } from "./geometry.js";

const KEYS = [
  ["Arrows, mouse wheel", "next and previous slice"],
  ["Page up, page down", "ten slices"],
  ["Home, End", "first and last slice"],
  ["Click, drag", "move the crosshair (or the chosen tool)"],
  ["Right button drag", "window (sideways) and level (up and down)"],
  ["Shift or middle button drag", "move the picture"],
  ["Ctrl + wheel, + and −", "zoom"],
  ["Double click, Enter", "enlarge a plane"],
  ["1 … 9", "window presets"],
  ["i", "invert the grey scale"],
  ["s", "segments on and off"],
  ["f", "filled segments or outlines"],
  ["x", "crosshair on and off"],
  ["l", "one large plane, or four fields"],
  [", and .", "previous and next time point"],
  ["r", "reset zoom and window"],
  ["?", "this list; Escape closes it"],
];

/** The row of tools on top; `sync` brings it up to date with the state. */
export function toolbar(view) {
  const { model, image } = view;
  const tools = [["point", "Point", "Move the crosshair with the left button"],
    ["window", "Window", "Change window and level with the left button"],
    ["pan", "Pan", "Move the picture with the left button"]].map(([name, text, label]) => {
    const made = button(text, label, () => view.choose(name), name === view.tool);
    made.dataset.tool = name;
    return made;
  });
  const presets = element("select", { className: "onco-select", title: "Window presets (1 … 9)",
    "aria-label": "Window preset" });
  presets.append(element("option", { value: "", text: "Window …" }));
  image.presets.forEach((one, k) => {
    presets.append(element("option", { value: String(k), text: `${k + 1}  ${one.name}` }));
  });
  presets.addEventListener("change", () => view.preset(Number(presets.value)));
  const number = (name, label) => {
    const made = element("input", { type: "number", step: "any", className: "onco-number",
      "aria-label": label, title: label });
    made.addEventListener("change", () => {
      const value = Number(made.value);
      if (made.value !== "" && Number.isFinite(value) && (name === "level" || value > 0)) {
        view.set({ [name]: value });
      } else sync();
    });
    return made;
  };
  const width = number("window", `Window width ${image.units}`.trim());
  const level = number("level", `Window level ${image.units}`.trim());
  const toggle = (text, label, name) => button(text, label, () => view.toggle(name), false);
  const invert = toggle("Invert", "Invert the grey scale (i)", "invert");
  const smooth = toggle("Smooth", "Interpolate between pixels", "smooth");
  const four = button("Four fields", "One large plane, or four fields (l)",
    () => view.arrange(), false);
  four.hidden = image.panes.length < 2;
  const row = element("div", { className: "onco-toolbar", role: "toolbar",
    "aria-label": "Viewer tools" }, [
    element("span", { className: "onco-group", role: "group", "aria-label": "Left button" }, tools),
    element("span", { className: "onco-group" }, [presets,
      element("label", { className: "onco-label" }, ["W", width]),
      element("label", { className: "onco-label" }, ["L", level])]),
    element("span", { className: "onco-group" }, [invert, smooth, four]),
    element("span", { className: "onco-group" }, [
      button("Reset", "Reset zoom and window (r)", () => view.reset()),
      button("?", "Keys and mouse (?)", () => view.help())]),
  ]);
  let time = null;
  if (image.times > 1) {
    time = element("input", { type: "range", min: 0, max: image.times - 1, step: 1,
      "aria-label": "Time point" });
    const text = element("output", {});
    time.addEventListener("input", () => view.set({ time: Number(time.value) }));
    row.append(element("label", { className: "onco-label" }, ["Time", time, text]));
    time.output = text;
  }
  const sync = () => {
    tools.forEach((one) => one.setAttribute("aria-pressed", one.dataset.tool === view.tool));
    width.value = plain(model.get("window"));
    level.value = plain(model.get("level"));
    presets.value = String(view.presetShown());
    invert.setAttribute("aria-pressed", model.get("invert"));
    smooth.setAttribute("aria-pressed", model.get("smooth"));
    four.setAttribute("aria-pressed", model.get("arrangement") === "grid");
    if (time) {
      time.value = String(model.get("time"));
      time.output.textContent = `${model.get("time")} / ${image.times - 1}`;
    }
  };
  return { root: row, sync };
}

/** Segments and facts beside the planes. */
export function sidebar(view) {
  const { model, segments } = view;
  const root = element("aside", { className: "onco-side", "aria-label": "Segments and facts" });
  const rows = [];
  const syncs = [];
  root.append(element("h3", { text: "Segments" }));
  if (!segments.length) {
    root.append(element("p", { className: "onco-quiet", text: "No segmentation on this image." }));
  } else {
    const shown = button("Show", "Segments on and off (s)", () => view.toggle("show_segments"), true);
    const fill = button("Fill", "Filled segments or outlines (f)", () => view.toggle("fill"), true);
    const all = button("All", "Show every segment", () => view.show(segments.map((s) => s.key)));
    const none = button("None", "Show no segment", () => view.show([]));
    const opacity = element("input", { type: "range", min: 0, max: 1, step: 0.05,
      "aria-label": "Opacity of the segments" });
    opacity.addEventListener("input", () => view.set({ opacity: Number(opacity.value) }));
    root.append(
      element("div", { className: "onco-group" }, [shown, fill, all, none]),
      element("label", { className: "onco-label" }, ["Opacity", opacity]),
    );
    const list = element("ul", { className: "onco-legend" });
    segments.forEach((one) => {
      const box = element("input", { type: "checkbox" });
      box.addEventListener("change", () => view.flip(one.key, box.checked));
      const swatch = element("span", { className: "onco-swatch" });
      swatch.style.background = `rgb(${one.color.join()})`;
      const name = element("span", { className: "onco-name", text: one.key,
        title: one.meaning ? `${one.key}: ${one.meaning}` : one.key });
      const find = button("◎", `Go to ${one.key}`, () => view.send({ kind: "go", segment: one.key }));
      find.classList.add("onco-find");
      list.append(element("li", {}, [element("label", {}, [box, swatch, name]), find]));
      rows.push([one.key, box]);
    });
    root.append(list);
    const more = element("p", { className: "onco-quiet" });
    root.append(more);
    syncs.push(() => {
      const visible = new Set(model.get("visible"));
      rows.forEach(([key, box]) => { box.checked = visible.has(key); });
      const left = visible.size - view.most;
      more.textContent = left > 0 ? `The first ${view.most} are drawn; ${left} more are not.` : "";
      shown.setAttribute("aria-pressed", model.get("show_segments"));
      fill.setAttribute("aria-pressed", model.get("fill"));
      opacity.value = String(model.get("opacity"));
      list.classList.toggle("onco-off", !model.get("show_segments"));
    });
  }
  const facts = view.image.facts;
  if (facts.length) {
    root.append(element("h3", { text: "Image" }));
    const list = element("dl", { className: "onco-facts" });
    for (const [name, value] of facts) {
      list.append(element("dt", { text: name }), element("dd", { text: value }));
    }
    root.append(list);
  }
  return { root, sync: () => syncs.forEach((one) => one()) };
}

/** The line below: place and value at the crosshair. */
export function readout(view) {
  const value = element("span", { className: "onco-value" });
  const place = element("span", { className: "onco-place" });
  const voxel = element("span", { className: "onco-voxel" });
  const inside = element("span", { className: "onco-inside" });
  const said = element("span", { className: "onco-said", role: "status" });
  const root = element("div", { className: "onco-readout", "aria-label": "At the crosshair" },
    [value, place, voxel, inside, said]);
  const notice = (text) => { said.textContent = text; };
  const sync = () => {
    const at = view.model.get("crosshair");
    const { image } = view;
    const found = view.panes.map((pane) => pane.valueAt(at)).find((v) => v !== undefined);
    value.textContent = found === undefined ? "…" : `${plain(found)} ${image.units}`.trim();
    const index = image.panes.length > 1 ? at : at.slice(1);
    voxel.textContent = `voxel ${"zyx".slice(3 - index.length)} ${index.join(", ")}`;
    place.textContent = image.placed
      ? `LPS ${toLps(image, at).map((v) => v.toFixed(1)).join(", ")} mm` : "no patient coordinates";
    const names = new Set(view.panes.flatMap((pane) => pane.segmentsAt(at)));
    inside.textContent = [...names].map((k) => view.segments[k].key).join(" · ");
    said.textContent = "";
  };
  return { root, sync, notice };
}

/** The list of keys. */
export function helpCard(close) {
  const list = element("dl", { className: "onco-keys" });
  for (const [keys, what] of KEYS) {
    list.append(element("dt", { text: keys }), element("dd", { text: what }));
  }
  const card = element("div", { className: "onco-help", role: "dialog", tabIndex: -1,
    "aria-label": "Keys and mouse" }, [list, button("Close", "Close this list", close)]);
  card.hidden = true;
  return card;
}
