// The measuring tool of a view: what is being drawn, what is chosen, what Python is asked.

import { MEASURES, Prober } from "./measure.js";

export class MeasureTool {
  constructor(view) {
    this.view = view;
    this.drawing = null; // a measurement that is being drawn
    this.chosen = null; // the measurement that Delete deletes
    this.prober = new Prober(this);
  }

  send({ id, kind, plane, time, voxel }) {
    this.view.send({ kind: "measure", id, shape: kind, plane, time, ends: voxel });
  }

  /** Put an end of a measurement at the crosshair: the keyboard's way to draw. */
  putPoint() {
    const { view } = this;
    if (!MEASURES.includes(view.tool)) return;
    const here = [...view.model.get("crosshair")];
    const { name } = view.active.layout;
    if (this.drawing && this.drawing.plane === name && this.drawing.kind === view.tool) {
      this.drawing.voxel[1] = here;
      const done = this.drawing;
      this.drawing = null;
      this.send(done);
    } else {
      this.drawing = { id: null, kind: view.tool, plane: name, time: view.model.get("time"),
        voxel: [here, [...here]] };
      view.line.notice("First point set. Move the crosshair and press p again.");
    }
    view.active.draw();
  }

  /** While the keyboard draws, the second end is at the crosshair. */
  follow() {
    const { view, drawing } = this;
    if (!drawing || drawing.mouse) return;
    drawing.voxel[1] = [...view.model.get("crosshair")];
    drawing.values = null;
    if (drawing.kind !== "distance") this.prober.ask();
  }

  goTo(id) {
    const { view } = this;
    const one = view.model.get("measurements").find((m) => m.id === id);
    if (!one) return;
    this.chosen = one.id;
    const middle = [0, 1, 2].map((k) => Math.round((one.voxel[0][k] + one.voxel[1][k]) / 2));
    const pane = view.panes.find((p) => p.layout.name === one.plane);
    if (!pane) return; // measured on an image that is no longer shown
    middle[pane.layout.axis] = one.index;
    view.moveTo(middle);
    view.redraw();
  }

  remove(id) {
    if (id) this.view.send({ kind: "unmeasure", id });
    if (id === this.chosen) this.chosen = null;
  }
}
