// Freezing the chosen patients: a button that asks for a name, and what came of it, as text.

import { button, element } from "./element.js";

export class FreezeForm {
  constructor(send, can, why) {
    this.can = can;
    this.open = button("Freeze", "Freeze the cohort", () => this.show(this.form.hidden));
    this.open.disabled = !can.freeze;
    this.open.setAttribute("aria-describedby", why);
    this.open.setAttribute("aria-expanded", "false");
    this.name = element("input", { type: "text", className: "onco-input", required: true });
    const box = element("input", { type: "checkbox" });
    this.keep = button("Keep", "Freeze under this name", () => {
      if (!this.name.value.trim()) { this.say("failed", "A name is needed."); return; }
      send({ do: "freeze", name: this.name.value, by_reference: box.checked });
    });
    this.form = element("div", { className: "onco-cohort-foot onco-freeze-form" }, [
      element("label", {}, [element("span", { text: "Name " }), this.name]),
      element("label", {}, [box, element("span", { text: " leave pixels in their files" })]),
      this.keep,
      button("Cancel", "Freeze nothing", () => this.show(false)),
    ]);
    this.form.hidden = true;
    this.form.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.show(false);
      if (event.key === "Enter" && event.target === this.name) this.keep.click();
    });
    this.bar = element("progress", { className: "onco-freeze-bar" });
    this.bar.setAttribute("aria-label", "Freezing");
    this.bar.hidden = true;
    this.text = element("p", { className: "onco-freeze-text", role: "status" });
    this.root = element("div", { className: "onco-freeze" }, [this.form, this.bar, this.text]);
  }

  show(shown) {
    this.form.hidden = !shown;
    this.open.setAttribute("aria-expanded", String(shown));
    (shown ? this.name : this.open).focus();
  }

  sync(freezing) {
    const state = freezing.state || "";
    this.bar.hidden = state !== "running";
    this.keep.disabled = state === "running";
    this.open.disabled = !this.can.freeze || state === "running";
    if (state === "done") this.show(false);
    this.say(state, freezing.text || "");
  }

  say(state, text) {
    this.text.textContent = text;
    this.text.classList.toggle("onco-freeze-failed", state === "failed");
  }
}
