// What can be set of the second image and of the heat map; colour tables.

import { button, element, plain } from "./element.js";

const LUT_NAMES = ["grey", "viridis", "cividis", "magma", "inferno"];

/** A choice of colour tables for a trait. */
export function lutSelect(view, trait, label) {
  const made = element("select", { className: "onco-select", "aria-label": label, title: label });
  LUT_NAMES.forEach((name) => made.append(element("option", { value: name, text: name })));
  made.addEventListener("change", () => view.set({ [trait]: made.value }));
  return { root: made, sync: () => { made.value = view.model.get(trait); } };
}

function slider(view, trait, label) {
  const made = element("input", { type: "range", min: 0, max: 1, step: 0.05, "aria-label": label });
  made.addEventListener("input", () => view.set({ [trait]: Number(made.value) }));
  return { root: element("label", { className: "onco-label" }, ["Opacity", made]),
    sync: () => { made.value = String(view.model.get(trait)); } };
}

function field(view, trait, label, text, positive) {
  const made = element("input", { type: "number", step: "any", className: "onco-number",
    "aria-label": label, title: label });
  const sync = () => { made.value = plain(view.model.get(trait)); };
  made.addEventListener("change", () => {
    const value = Number(made.value);
    if (made.value !== "" && Number.isFinite(value) && (!positive || value > 0)) {
      view.set({ [trait]: value });
    } else sync();
  });
  return { root: element("label", { className: "onco-label" }, [text, made]), sync };
}

/** The panel of the second image. */
export function fusedPanel(view) {
  const root = element("div", { className: "onco-layer", role: "group", "aria-label": "Second image" });
  let syncs = [];
  const build = () => {
    const about = view.layers.fused;
    root.replaceChildren();
    root.hidden = !about;
    syncs = [];
    if (!about) return;
    const presets = element("select", { className: "onco-select", "aria-label":
      "Window preset of the second image" });
    presets.append(element("option", { value: "", text: "Window …" }));
    about.presets.forEach((one, k) => presets.append(
      element("option", { value: String(k), text: one.name })));
    presets.addEventListener("change", () => {
      const one = about.presets[Number(presets.value)];
      if (one) view.set({ fused_window: one.window, fused_level: one.level });
      presets.value = "";
    });
    const table = lutSelect(view, "fused_lut", "Colours of the second image");
    const width = field(view, "fused_window", `Second window width ${about.units}`.trim(), "W", true);
    const level = field(view, "fused_level", `Second window level ${about.units}`.trim(), "L", false);
    const opacity = slider(view, "fused_opacity", "Opacity of the second image");
    const invert = button("Invert", "Turn the second colours round",
      () => view.toggle("fused_invert"), false);
    const fade = button("Fade", "Low values of the second image are transparent",
      () => view.toggle("fused_fade"), true);
    root.append(element("h3", { text: "Second image" }),
      element("p", { className: "onco-quiet", text: about.title }),
      element("div", { className: "onco-group" }, [width.root, level.root]),
      element("div", { className: "onco-group" }, [presets, table.root]),
      element("div", { className: "onco-group" }, [invert, fade]), opacity.root);
    if (about.moved) {
      root.append(element("p", { className: "onco-quiet", text: "Placed by a registration." }));
    }
    syncs = [table, width, level, opacity].map((one) => one.sync);
    syncs.push(() => {
      invert.setAttribute("aria-pressed", view.model.get("fused_invert"));
      fade.setAttribute("aria-pressed", view.model.get("fused_fade"));
    });
  };
  return { root, build, sync: () => syncs.forEach((one) => one()) };
}

/** The panel of the heat map. */
export function heatPanel(view) {
  const table = lutSelect(view, "heat_lut", "Colours of the heat map");
  const opacity = slider(view, "heat_opacity", "Opacity of the heat map");
  const root = element("div", { className: "onco-layer", role: "group", "aria-label": "Heat map" }, [
    element("h3", { text: "Heat map" }),
    element("div", { className: "onco-group" }, [table.root]), opacity.root]);
  const build = () => { root.hidden = !view.layers.heat; };
  return { root, build, sync: () => { table.sync(); opacity.sync(); } };
}
