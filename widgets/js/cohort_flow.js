// From all patients to the chosen ones: a box a step, beside it who was left out there and why.

import { button, element } from "./element.js";

const many = (number) => number.toLocaleString("en");

export class FlowChart {
  constructor(send) {
    this.send = send;
    this.list = element("ol", { className: "onco-flow" });
    this.clear = button("Clear all", "Take all conditions away", () => send({ do: "clear" }));
    this.total = element("p", { className: "onco-flow-total", role: "status" });
    this.root = element("section", { className: "onco-cohort-flow", "aria-label": "Flow" },
      [element("div", { className: "onco-cohort-head" },
        [element("h3", { text: "Who was chosen" }), this.clear]), this.total, this.list]);
  }

  sync(flow) {
    this.clear.disabled = !flow.steps.length;
    this.total.textContent = `${many(flow.chosen)} of ${many(flow.all)} patients`;
    const box = (children) => element("div", { className: "onco-flow-box" }, children);
    const rows = [element("li", {}, [box([
      element("span", { text: "All patients" }), element("b", { text: many(flow.all) })])])];
    for (const step of flow.steps) {
      const drop = button("×", `Take away: ${step.reason}`,
        () => this.send({ do: "drop", facet: step.name }));
      const out = element("div", { className: "onco-flow-out" },
        [element("span", { text: `Left out: ${many(step.before - step.left)}` }),
          ...step.why.map(([text, number]) =>
            element("span", { className: "onco-flow-why", text: `${text}: ${many(number)}` }))]);
      rows.push(element("li", {}, [out, box([
        element("span", { className: "onco-flow-reason", text: step.reason }),
        element("b", { text: many(step.left) }), drop])]));
    }
    this.list.replaceChildren(...rows);
  }
}
