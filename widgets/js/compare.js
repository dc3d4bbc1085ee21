// What stands above two studies side by side. widgets/esm.py joins these files to one module.

import { button, element } from "./element.js";

const LINKS = [["place", "Same place"], ["relative", "Relative position only"], ["off", "Not linked"]];

function render({ model, el }) {
  const root = element("div", { className: "onco onco-flatview onco-comparebar" });
  const titles = ["left", "right"].map(() => element("strong", {}));
  const choice = (label, options, name) => {
    const made = element("select", { "aria-label": label, title: label });
    options.forEach(([value, text]) => made.append(element("option", { value, text })));
    made.addEventListener("change", () => {
      model.set(name, made.value);
      model.save_changes();
    });
    return made;
  };
  const link = choice("How the crosshairs are linked", LINKS, "link");
  const mode = choice("How the two are shown", ["side by side", "checkerboard", "flicker"].map((one) => [one, one]), "mode");
  const swap = button("Swap", "Swap left and right", () => {
    model.set("swaps", model.get("swaps") + 1);
    model.save_changes();
  });
  const said = element("span", { className: "onco-said", role: "status" });
  root.append(element("div", { className: "onco-bar", role: "toolbar", "aria-label": "Comparison" }, [
    element("span", { className: "onco-set" }, [element("label", {}, ["Link", link]),
      element("label", {}, ["Show", mode]), swap]), said]),
  element("div", { className: "onco-two" }, titles));
  el.append(root);
  const sync = () => {
    titles[0].textContent = model.get("left");
    titles[1].textContent = model.get("right");
    link.value = model.get("link");
    mode.value = model.get("mode");
    link.options[0].disabled = !model.get("placed");
    [1, 2].forEach((k) => { mode.options[k].disabled = !model.get("placed"); });
    const out = model.get("outside");
    const text = model.get("said").slice(0, 1).toUpperCase() + model.get("said").slice(1);
    said.textContent = text + (out ? `. The place lies outside of the ${out} image` : "");
    said.dataset.trusted = String(model.get("trusted") && !out);
    if (model.get("theme") === "auto") delete root.dataset.theme;
    else root.dataset.theme = model.get("theme");
  };
  model.on("change", sync);
  sync();
  return () => {
    model.off("change", sync);
    root.remove();
  };
}

export default { render };
