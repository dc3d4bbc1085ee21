// Survival of the chosen: the outcome is named by a person; a guess is offered, never taken.

import { button, element } from "./element.js";

const OWN = "";

export class SurvivalPanel {
  constructor(send, page) {
    this.send = send;
    this.page = page;
    this.fields = {};
    this.drawn = false;
    this.form = element("div", { className: "onco-survival-form" });
    this.guess = element("p", { className: "onco-survival-guess" });
    this.message = element("p", { className: "onco-survival-message", role: "alert" });
    this.picture = element("img", { className: "onco-survival-picture", hidden: true });
    this.out = element("p", { className: "onco-quiet-text" });
    this.root = element("section", { className: "onco-survival", "aria-label": "Survival" },
      [element("h3", { text: "Survival" }), this.guess, this.form, this.message, this.picture,
        this.out]);
    // JupyterLab says its theme on the body
    this.watcher = new MutationObserver(() => this.drawn && this.redraw());
    this.watcher.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  }

  close() {
    this.watcher.disconnect();
    clearTimeout(this.waiting);
  }

  colors() {
    const style = getComputedStyle(this.page);
    const hex = (text) => {
      const parts = (text.match(/[\d.]+/g) || []).slice(0, 3).map(Number);
      return parts.length === 3
        ? `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}` : "";
    };
    return { ink: hex(style.color), ground: hex(style.backgroundColor) };
  }

  /** Other patients: draw them, once the clicking pauses. */
  stale() {
    if (!this.drawn) return;
    this.picture.classList.add("onco-stale");
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.redraw(), 350);
  }

  redraw() {
    this.send({ do: "survival", ...this.colors() });
  }

  sync(state) {
    this.state = state;
    const shape = JSON.stringify([state.outcomes, state.times, state.events, state.groups]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.build(state);
    }
    this.show(state);
    this.picture.classList.remove("onco-stale");
    this.drawn = Boolean(state.picture) || (this.drawn && Boolean(state.message));
    this.picture.hidden = !state.picture;
    if (state.picture) this.picture.src = state.picture;
    this.picture.alt = state.text;
    this.message.textContent = state.message;
    this.out.textContent = state.out.length
      ? `Not counted: ${state.out.map(([why, number]) => `${why}: ${number}`).join("; ")}.` : "";
  }

  field(name, label, options) {
    const select = element("select", { className: "onco-input" },
      options.map(([value, text]) => element("option", { value, text })));
    this.fields[name] = select;
    return element("label", {}, [`${label} `, select]);
  }

  build(state) {
    const timed = state.times.map(([name, title]) => [name, title]);
    const paired = state.outcomes.map(([name]) => [name, `${name} (time and event, as read)`]);
    const time = this.field("time", "Time", [[OWN, "choose"], ...paired, ...timed]);
    this.other = this.field("other", "where there is none", [[OWN, "–"], ...timed]);
    this.event = this.field("event", "Whether it happened",
      [[OWN, "choose"], ...state.events.map(([name, title]) => [name, title])]);
    this.happened = element("fieldset", {}, [element("legend", { text: "It happened where it is" })]);
    this.unit = this.field("unit", "Unit of the times",
      [[OWN, "not said"], ...state.units.map((unit) => [unit, unit])]);
    const by = this.field("by", "Groups", [[OWN, "none"], ...state.groups]);
    for (const one of Object.values(this.fields)) one.addEventListener("change", () => this.fit());
    this.fields.event.addEventListener("change", () => this.values([]));
    this.form.replaceChildren(time, this.other, this.event, this.happened, this.unit, by,
      button("Draw", "Draw survival", () => this.ask()));
    this.set(state.asked);
  }

  set(asked) {
    for (const [name, field] of Object.entries(this.fields)) field.value = asked[name] || "";
    this.values(asked.happened);
    this.fit();
  }

  values(happened) {
    const event = this.state.events.find(([name]) => name === this.fields.event.value);
    this.ticks = (event ? event[2] : []).map((value) => [value,
      element("input", { type: "checkbox", checked: happened.includes(value) })]);
    this.happened.replaceChildren(this.happened.firstChild, ...this.ticks.map(([value, tick]) =>
      element("label", {}, [tick, ` ${value}`])));
    this.happened.hidden = !this.ticks.length;
  }

  /** Show the fields that the chosen time needs. */
  fit() {
    const paired = this.state.outcomes.find(([name]) => name === this.fields.time.value);
    const time = this.state.times.find(([name]) => name === this.fields.time.value);
    for (const one of [this.other, this.event]) one.hidden = !time;
    this.happened.hidden = !time || !this.ticks.length;
    const said = paired ? paired[1] : time ? time[2] : "";
    this.unit.hidden = Boolean(said) || !(paired || time);
    if (said) this.fields.unit.value = "";
  }

  show(state) {
    this.guess.replaceChildren();
    this.guess.hidden = !state.guess || Boolean(this.fields.time.value);
    if (this.guess.hidden) return;
    const named = (name) => {
      const found = [...state.times, ...state.events].find((one) => one[0] === name);
      return found ? found[1] : name;
    };
    const { time, event, happened, why } = state.guess;
    const what = event ? `${named(time)}, ${named(event)} = ${happened.join(" or ")}` : named(time);
    this.guess.append(`It may be ${what}: ${why}. Nobody has confirmed it. `,
      button("Fill in", "Fill the guess in, to be checked", () => {
        this.set({ time, event, happened, other: "", unit: "", by: this.fields.by.value });
        this.guess.hidden = true;
      }));
  }

  ask() {
    this.drawn = true;
    const paired = this.state.outcomes.some(([name]) => name === this.fields.time.value);
    const asked = Object.fromEntries(
      Object.entries(this.fields).map(([name, field]) => [name, field.value]));
    if (paired) Object.assign(asked, { other: "", event: "" });
    const happened = paired ? [] : this.ticks.filter((one) => one[1].checked).map((one) => one[0]);
    this.send({ do: "survival", ...asked, happened, ...this.colors() });
  }
}
