// Train a model and look at a prediction. Labels and evidence are text of any source.

import { button, element, plain } from "./element.js";

class FusionPage {
  constructor(model, host) {
    this.model = model;
    this.send = (message) => model.send(message);
    this.root = element("section", { className: "onco onco-fusion", "aria-label": "Fusion model",
      "data-lm-suppress-shortcuts": "true" });
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.none = element("p", { className: "onco-fusion-none" });
    this.which = element("select", { className: "onco-input" });
    this.outcome = element("select", { className: "onco-input" });
    this.size = element("span", { className: "onco-fusion-quiet", role: "status" });
    this.modalities = element("fieldset", { className: "onco-fusion-modalities" });
    this.train = button("Train", "Train the model", () => this.send({ do: "train",
      model: this.which.value, outcome: this.outcome.value, modalities: this.taken(),
      intervals: this.intervals.checked }));
    this.intervals = element("input", { type: "checkbox" });
    this.stop = button("Stop", "Stop the training", () => this.send({ do: "stop" }));
    this.bar = element("progress", { max: 1, value: 0 });
    this.bar.setAttribute("aria-label", "Training");
    this.state = element("p", { role: "status" });
    this.gain = element("p", { className: "onco-fusion-gain" });
    this.features = element("ul", { className: "onco-fusion-quiet" });
    this.details = element("details", {}, [element("summary", { text: "Features" }), this.features]);
    this.picture = element("img", { className: "onco-fusion-picture", hidden: true });
    this.who = element("input", { type: "text", className: "onco-input",
      placeholder: "patient; empty: the selected one" });
    this.who.setAttribute("aria-label", "Patient");
    const predict = () => this.send({ do: "predict", patient: this.who.value.trim() });
    this.who.addEventListener("keydown", (event) => event.key === "Enter" && predict());
    this.ask = button("Predict", "Predict for the patient", predict);
    this.answer = element("div");
    this.note = element("p", { className: "onco-fusion-note", role: "alert" });
    this.root.append(element("h3", { text: "Fusion model" }), this.none,
      element("div", { className: "onco-fusion-row" }, [
        element("label", {}, ["Model ", this.which]),
        element("label", {}, ["Outcome ", this.outcome]), this.size]),
      element("div", { className: "onco-fusion-row" },
        [this.modalities,
          element("label", {}, [this.intervals, " intervals, by 20 more fits"]), this.train, this.stop, this.bar]),
      this.state, this.gain, this.note, this.details, this.picture,
      element("div", { className: "onco-fusion-row" },
        [element("label", {}, ["Predict for ", this.who]), this.ask]),
      this.answer,
      element("p", { className: "onco-fusion-quiet", text: "For research; no diagnosis." }));
    host.append(this.root);
    this.listeners = [["change:_offer", () => this.offer()], ["change:_run", () => this.run()],
      ["change:_said", () => this.said()],
      ["change:_note", () => { this.note.textContent = model.get("_note"); }]];
    for (const [name, action] of this.listeners) model.on(name, action);
    this.watcher = new MutationObserver(() => this.theme());
    this.watcher.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    this.offer();
    this.run();
    this.said();
    requestAnimationFrame(() => this.theme());
  }

  close() {
    for (const [name, action] of this.listeners) this.model.off(name, action);
    this.watcher.disconnect();
    this.root.remove();
  }

  theme() {
    const style = getComputedStyle(this.root);
    const hex = (text) => {
      const parts = (text.match(/[\d.]+/g) || []).slice(0, 3).map(Number);
      return parts.length === 3
        ? `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}` : "";
    };
    this.send({ do: "theme", ink: hex(style.color), ground: hex(style.backgroundColor) });
  }

  offer() {
    const offer = this.model.get("_offer");
    const fill = (select, names) => {
      const kept = select.value;
      select.replaceChildren(...names.map((name) => element("option", { value: name, text: name })));
      if (names.includes(kept)) select.value = kept;
      select.disabled = !names.length;
    };
    fill(this.which, offer.models);
    fill(this.outcome, offer.outcomes);
    const out = new Set([...this.modalities.querySelectorAll("input")]
      .filter((box) => !box.checked).map((box) => box.value));
    this.modalities.replaceChildren(element("legend", { text: "Modalities" }),
      ...offer.modalities.map((name) => {
        const box = element("input", { type: "checkbox", value: name, checked: !out.has(name) });
        box.addEventListener("change", () => this.run());
        return element("label", {}, [box, ` ${name}`]);
      }));
    this.none.textContent = [offer.none, ...offer.missing, offer.no_outcome]
      .filter(Boolean).join(" ");
    this.none.hidden = !this.none.textContent;
    this.size.textContent = `${offer.patients.toLocaleString("en")} patients in the cohort`;
    this.run();
  }

  taken() {
    return [...this.modalities.querySelectorAll("input:checked")].map((box) => box.value);
  }

  run() {
    const run = this.model.get("_run");
    const offer = this.model.get("_offer");
    const busy = run.state === "running" || run.state === "stopping";
    this.train.disabled = busy || !offer.models.length || !offer.outcomes.length
      || !this.taken().length;
    this.modalities.disabled = busy;
    this.stop.disabled = run.state !== "running";
    this.ask.disabled = this.who.disabled = run.state !== "done";
    this.bar.hidden = !busy;
    this.bar.max = run.of || 1;
    this.bar.value = run.epoch || 0;
    const epoch = run.of ? `epoch ${run.epoch} of ${run.of}, loss ${plain(run.train)}` : "";
    const words = { none: "", 
      running: `Running: ${[run.doing, epoch].filter(Boolean).join(", ")}.`,
      stopping: `Stopping: ${epoch || run.doing}.`, stopped: `Stopped ${run.message}; nothing of it is used.`,
      failed: `Failed. ${run.message}`, done: `Trained. ${run.score}. ${run.message}.` };
    this.state.textContent = words[run.state] || "";
    const gain = run.gain || "";
    this.gain.textContent = gain ? `${gain[0].toUpperCase()}${gain.slice(1)}.` : "";
    this.features.replaceChildren(...(run.features || []).map((text) => element("li", { text })));
    this.details.hidden = !(run.features || []).length;
    this.picture.hidden = !run.picture;
    if (run.picture) this.picture.src = run.picture;
    this.picture.alt = run.alt || "";
  }

  said() {
    const said = this.model.get("_said");
    this.answer.replaceChildren();
    if (!said.evidence) return;
    const lit = new Set(said.lit);
    const rows = said.evidence.map(([modality, address, text, weight]) => {
      const what = address ? button(text, `Select the evidence: ${text}`,
        () => this.send({ do: "pick", address }), lit.has(address)) : text;
      return element("tr", { className: lit.has(address) ? "onco-lit" : "" }, [
        element("td", { text: modality }), element("td", {}, [what]),
        element("td", { className: "onco-number", text: `${weight > 0 ? "+" : ""}${plain(weight)}` }),
        element("td", { className: "onco-address", text: address || "none" })]);
    });
    this.answer.append(
      element("p", {}, [element("b", { text: said.label }),
        `. ${said.words}. This patient: ${said.seen}.`]),
      element("div", { className: "onco-fusion-row" }, [
        button("Keep prediction", "Keep the prediction among the patient's items",
          () => this.send({ do: "keep" })),
        element("span", { role: "status", className: "onco-fusion-quiet",
          text: said.kept ? `Kept, flagged as predicted: ${said.kept}` : "" })]),
      element("table", {}, [
        element("thead", {}, [element("tr", {}, ["Modality", "Evidence", "Share of the risk",
          "Address"].map((text) => element("th", { scope: "col", text })))]),
        element("tbody", {}, rows)]),
      element("p", { className: "onco-fusion-quiet",
        text: said.made.map(([name, value]) => `${name}: ${value}`).join("; ") }));
  }
}

export default {
  render({ model, el }) {
    const page = new FusionPage(model, el);
    return () => page.close();
  },
};
