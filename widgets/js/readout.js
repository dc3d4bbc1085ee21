// The line below the planes: place, values and labels at the crosshair.

import { element, plain } from "./element.js";
import { toLps } from "./geometry.js";

/** The line below: place and value at the crosshair. */
export function readout(view) {
  const value = element("span", { className: "onco-value" });
  const other = element("span", { className: "onco-other" });
  const picked = element("span", { className: "onco-picked", role: "status" });
  const place = element("span", { className: "onco-place" });
  const voxel = element("span", { className: "onco-voxel" });
  const inside = element("span", { className: "onco-inside" });
  const said = element("span", { className: "onco-said", role: "status" });
  const root = element("div", { className: "onco-readout", "aria-label": "At the crosshair" },
    [value, other, place, voxel, inside, picked, said]);
  const notice = (text) => { said.textContent = text; };
  const sync = () => {
    const at = view.model.get("crosshair");
    const { image } = view;
    const found = view.panes.map((pane) => pane.valueAt(at)).find((v) => v !== undefined);
    value.textContent = found === undefined ? "…" : `${plain(found)} ${image.units}`.trim();
    const second = view.layers.fused;
    const there = view.panes.map((pane) => pane.layerAt("fused", at)).find((v) => v !== undefined);
    other.hidden = !second;
    if (second) {
      other.textContent = there === undefined ? "…"
        : Number.isNaN(there) ? "second: nothing here" : `${plain(there)} ${second.units}`.trim();
      other.title = second.title;
    }
    const index = image.panes.length > 1 ? at : at.slice(1);
    voxel.textContent = `voxel ${"zyx".slice(3 - index.length)} ${index.join(", ")}`;
    place.textContent = image.placed
      ? `LPS ${toLps(image, at).map((v) => v.toFixed(1)).join(", ")} mm` : "no patient coordinates";
    const names = new Set(view.panes.flatMap((pane) => pane.segmentsAt(at)));
    inside.textContent = [...names].map((k) => view.segments[k].key).join(" · ");
    const label = view.model.get("picked_segment");
    picked.hidden = !label.key;
    picked.textContent = label.key
      ? [label.key, `${plain(label.volume_ml)} ml`, label.code].filter(Boolean).join(" · ") : "";
    // the label that was clicked says more than the name alone
    inside.hidden = Boolean(label.key) && inside.textContent === label.key;
    picked.hidden = picked.hidden || ![...names].some((k) => view.segments[k].key === label.key);
    said.textContent = "";
  };
  return { root, sync, notice };
}
