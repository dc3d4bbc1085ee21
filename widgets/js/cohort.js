// The cohort view: facets, flow, patients and survival. widgets/esm.py joins these files.

import { FacetList } from "./cohort_facets.js";
import { FlowChart } from "./cohort_flow.js";
import { PatientList } from "./cohort_list.js";
import { SurvivalPanel } from "./cohort_survival.js";
import { element } from "./element.js";

class CohortPage {
  constructor(model, host) {
    this.model = model;
    // JupyterLab must not take the keys
    this.root = element("section", { className: "onco onco-cohort", "aria-label": "Cohort",
      "data-lm-suppress-shortcuts": "true" });
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      // a click in the output would let the notebook take the focus back
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    const send = (message) => model.send(message);
    this.facets = new FacetList(send);
    this.flow = new FlowChart(send);
    this.list = new PatientList(send, model.get("_can"));
    this.survival = new SurvivalPanel(send, this.root);
    this.note = element("p", { className: "onco-cohort-note", role: "status" });
    this.root.append(
      this.facets.root,
      element("div", { className: "onco-cohort-side" }, [
        element("div", { className: "onco-cohort-pair" }, [this.flow.root, this.list.root]),
        this.note, this.survival.root,
      ]),
    );
    host.append(this.root);
    this.listeners = [
      ["change:_facets", () => this.facets.sync(model.get("_facets"))],
      ["change:_flow", () => { this.flow.sync(model.get("_flow")); this.survival.stale(); }],
      ["change:_rows", () => this.list.sync(model.get("_rows"))],
      ["change:_survival", () => this.survival.sync(model.get("_survival"))],
      ["change:_freezing", () => this.list.freezing.sync(model.get("_freezing"))],
      ["change:_note", () => { this.note.textContent = model.get("_note"); }],
    ];
    for (const [name, action] of this.listeners) model.on(name, action);
    this.facets.sync(model.get("_facets"));
    this.flow.sync(model.get("_flow"));
    this.list.sync(model.get("_rows"));
    this.survival.sync(model.get("_survival"));
    this.list.freezing.sync(model.get("_freezing"));
    this.note.textContent = model.get("_note");
  }

  close() {
    for (const [name, action] of this.listeners) this.model.off(name, action);
    this.survival.close();
    this.root.remove();
  }
}

export default {
  render({ model, el }) {
    const page = new CohortPage(model, el);
    return () => page.close();
  },
};
