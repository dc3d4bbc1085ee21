// Toolbar, legend and readout around the planes.

import { button, element, plain } from "./element.js";
import { KEYS } from "./keys.js";
import { fusedPanel, heatPanel, lutSelect } from "./layer_controls.js";
import { measureList } from "./measure_list.js";

/** The row of tools on top; `sync` brings it up to date with the state. */
export function toolbar(view) {
  const { model, image } = view;
  const tools = [["point", "Point", "Move the crosshair with the left button"],
    ["window", "Window", "Change window and level with the left button"],
    ["second", "Window 2", "Change the second image's window with the left button"],
    ["pan", "Pan", "Move the picture with the left button"],
    ["magnify", "Magnify", "Magnify under the left button (m)"],
    ["distance", "Distance", "Measure a distance (d)"],
    ["ellipse", "Ellipse", "Measure in an ellipse (e)"],
    ["box", "Box", "Measure in a box (b)"]].map(([name, text, label]) => {
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
  const colours = lutSelect(view, "lut", "Colours of the image");
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
    element("span", { className: "onco-group" }, [colours.root, invert, smooth, four]),
    element("span", { className: "onco-group" }, [
      button("PNG", "Save a picture of the planes (g)", () => view.shoot()),
      button("Reset", "Reset zoom and window (r)", () => view.reset()),
      button("?", "Keys and mouse (?)", () => view.help())]),
  ]);
  const cine = playTools(view);
  if (image.panes[0].count > 1 || image.times > 1) row.append(cine.root);
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
    cine.sync();
    colours.sync();
    tools.forEach((one) => { if (one.dataset.tool === "second") one.hidden = !view.layers.fused; });
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

// play and pause, frames a second, once or over and over
function playTools(view) {
  const { model } = view;
  const play = button("▶", "Play (space)", () => view.play(), false);
  const rate = element("input", { type: "number", min: 1, max: 60, step: 1,
    className: "onco-number onco-rate", "aria-label": "Frames a second",
    title: "Frames a second" });
  rate.addEventListener("change", () => {
    const value = Number(rate.value);
    if (value >= 0.1 && value <= 60) view.set({ frames_per_second: value });
    else sync();
  });
  const loop = button("Loop", "Begin again at the end", () => {
    view.set({ loop: !model.get("loop") });
    sync();
  }, true);
  const root = element("span", { className: "onco-group", role: "group", "aria-label": "Play" },
    [play, rate, loop]);
  const sync = () => {
    const on = model.get("playing");
    play.textContent = on ? "❚❚" : "▶";
    play.setAttribute("aria-label", on ? "Pause (space)" : "Play (space)");
    play.title = play.getAttribute("aria-label");
    play.setAttribute("aria-pressed", on);
    rate.value = plain(model.get("frames_per_second"));
    loop.setAttribute("aria-pressed", model.get("loop"));
  };
  return { root, sync };
}

/** Segments and facts beside the planes. */
export function sidebar(view) {
  const { model, segments } = view;
  const root = element("div", { className: "onco-side", role: "group", tabIndex: 0,
    "aria-label": "Segments and facts" });
  const rows = [];
  const syncs = [];
  root.append(element("h3", { text: "Segments" }));
  if (!segments.length) {
    root.append(element("p", { className: "onco-quiet", text: "No segmentation on this image." }));
  } else {
    const shown = button("Show", "Segments on and off (s)",
      () => view.toggle("show_segments"), true);
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
    segments.forEach((one, k) => {
      const box = element("input", { type: "checkbox" });
      box.addEventListener("change", () => view.flip(one.key, box.checked));
      const swatch = element("span", { className: "onco-swatch" });
      swatch.style.background = `rgb(${one.color.join()})`;
      swatch.dataset.line = ["whole", "dashed", "dotted"][k % 3];
      const name = element("span", { className: "onco-name", text: one.key,
        title: one.meaning ? `${one.key}: ${one.meaning}` : one.key });
      const find = button("◎", `Go to ${one.key}`,
        () => view.send({ kind: "go", segment: one.key }));
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
  const layers = [fusedPanel(view), heatPanel(view)];
  const measures = measureList(view);
  const relayer = () => layers.forEach((one) => one.build());
  relayer();
  root.append(measures.root, ...layers.map((one) => one.root));
  syncs.push(measures.sync, ...layers.map((one) => () => one.sync()));
  const facts = view.image.facts;
  if (facts.length) {
    root.append(element("h3", { text: "Image" }));
    const list = element("dl", { className: "onco-facts" });
    for (const [name, value] of facts) {
      list.append(element("dt", { text: name }), element("dd", { text: value }));
    }
    root.append(list);
  }
  return { root, relayer, sync: () => syncs.forEach((one) => one()) };
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
