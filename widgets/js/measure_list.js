// The measurements beside the planes: go to one, keep it, delete it.

import { button, element } from "./element.js";
import { measureText } from "./measure.js";

/** A list of what was measured. */
export function measureList(view) {
  const list = element("ul", { className: "onco-measures" });
  const root = element("div", { className: "onco-layer", role: "group", "aria-label": "Measurements" },
    [element("h3", { text: "Measurements" }), list]);
  let shown = null;
  const row = (one, keeps) => {
    const go = button(measureText(one), `Go to the ${one.kind} in the ${one.plane} plane`,
      () => view.measures.goTo(one.id));
    go.className = "onco-said-measure";
    go.setAttribute("aria-pressed", String(one.id === view.measures.chosen));
    go.setAttribute("aria-label", `${one.kind}, ${measureText(one)}, ${one.plane} plane: go there`);
    const drop = button("Delete", `Delete this ${one.kind}`, () => view.measures.remove(one.id));
    const tools = [drop];
    if (one.kept) tools.unshift(element("span", { className: "onco-kept", text: "✓ kept",
      title: one.kept }));
    else if (keeps) {
      tools.unshift(button("Keep", `Keep this ${one.kind}`,
        () => view.send({ kind: "keep", id: one.id })));
    }
    return element("li", {}, [go, element("span", { className: "onco-group" }, tools)]);
  };
  const sync = () => {
    const all = view.model.get("measurements");
    const keeps = view.model.get("_keeps");
    const now = JSON.stringify([all, keeps, view.measures.chosen]);
    if (now === shown) return; // a button that has the focus keeps it
    shown = now;
    root.hidden = !all.length;
    list.replaceChildren(...all.map((one) => row(one, keeps)));
  };
  return { root, sync };
}
