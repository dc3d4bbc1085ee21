// The measurements beside the planes: go to one, keep it, delete it.

import { button, element } from "./element.js";
import { measureText } from "./measure.js";

/** A list of what was measured. */
export function measureList(view) {
  const list = element("ul", { className: "onco-measures" });
  const name = element("input", { type: "text", className: "onco-number onco-reader",
    placeholder: "your name", value: view.model.get("reader"), "aria-label": "Who measures" });
  const root = element("div", { className: "onco-layer", role: "group", "aria-label": "Measurements" },
    [element("h3", { text: "Measurements" }), name, list]);
  let shown = null;
  const keep = (id) => {
    if (name.hidden) { view.send({ kind: "keep", id }); return; }
    if (name.value.trim()) { view.send({ kind: "keep", id, by: name.value }); return; }
    view.line.notice("Who measured? Write your name.");
    name.focus();
  };
  const row = (one, keeps) => {
    const go = button(measureText(one), `Go to the ${one.kind} in the ${one.plane} plane`,
      () => view.measures.goTo(one.id));
    go.className = "onco-said-measure";
    go.setAttribute("aria-pressed", String(one.id === view.measures.chosen));
    go.setAttribute("aria-label", `${one.kind}, ${measureText(one)}, ${one.plane} plane: go there`);
    // what is kept stays in the store
    const word = one.kept ? "Hide" : "Delete";
    const drop = button(word, `${word} this ${one.kind}`, () => view.measures.remove(one.id));
    const tools = [drop];
    if (one.kept) tools.unshift(element("span", { className: "onco-kept", text: "✓ kept",
      title: one.kept }));
    else if (keeps) {
      tools.unshift(button("Keep", `Keep this ${one.kind}`, () => keep(one.id)));
    }
    return element("li", {}, [go, element("span", { className: "onco-group" }, tools)]);
  };
  const sync = () => {
    const all = view.model.get("measurements");
    const keeps = view.model.get("_keeps");
    const now = JSON.stringify([all, keeps, view.measures.chosen]);
    if (!name.value) name.value = view.model.get("reader"); // written beside the report, say
    if (now === shown) return; // a button that has the focus keeps it
    shown = now;
    root.hidden = !all.length;
    name.hidden = !(keeps && view.model.get("_asks") && all.some((one) => !one.kept));
    list.replaceChildren(...all.map((one) => row(one, keeps)));
  };
  return { root, sync };
}
