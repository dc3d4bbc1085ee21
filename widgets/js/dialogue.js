// The dialogue view: questions, answers, and what each rests on.

import { button, element } from "./element.js";

class DialogueView {
  constructor(model, host) {
    this.model = model;
    this.root = element("div", { className: "onco onco-dialogue", "data-lm-suppress-shortcuts": "true" });
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.talk = element("div", { className: "onco-talk", role: "log", tabIndex: 0,
      "aria-label": "Questions and answers" });
    this.words = element("input", { type: "text", className: "onco-text", maxLength: 2000,
      placeholder: "Is there a nodule?", "aria-label": "Question" });
    this.words.addEventListener("keydown", (event) => { if (event.key === "Enter") this.ask(); });
    this.offers = element("div", { className: "onco-offers", role: "group",
      "aria-label": "Questions to begin with" });
    this.root.append(this.talk, this.offers, element("div", { className: "onco-asking" }, [this.words,
      button("Ask", "Ask the question", () => this.ask()),
      button("New", "Begin a new conversation", () => model.send({ kind: "clear" }))]));
    host.append(this.root);
    this.listeners = [["change:turns", () => this.show()], ["change:_lit", () => this.light()],
      ["change:_suggested", () => this.offer()], ["change:height", () => this.show()]];
    this.listeners.forEach(([name, action]) => model.on(name, action));
    this.offer();
    this.show();
  }

  close() {
    this.listeners.forEach(([name, action]) => this.model.off(name, action));
    this.root.remove();
  }

  ask(question = this.words.value) {
    if (!question.trim()) { this.words.focus(); return; }
    this.model.send({ kind: "ask", question });
    this.words.value = "";
  }

  offer() {
    this.offers.replaceChildren(...this.model.get("_suggested").map((text) =>
      button(text, `Ask: ${text}`, () => this.ask(text))));
  }

  show() {
    this.talk.style.maxHeight = `${this.model.get("height")}px`;
    const turns = this.model.get("turns");
    this.talk.replaceChildren(...turns.map((turn) => element("div", { className: "onco-turn" }, [
      element("p", { className: "onco-question", text: turn.question }),
      element("p", { className: "onco-answer", text: turn.answer }),
      element("div", { className: "onco-cited" }, turn.cited.length
        ? [element("span", { className: "onco-quiet", text: "rests on " }),
          ...turn.cited.map((one) => this.chip(one))]
        : [element("span", { className: "onco-quiet", text: "rests on nothing that is stored" })]),
    ])));
    if (!turns.length) {
      this.talk.append(element("p", { className: "onco-quiet",
        text: "Answers come from the stored findings and places alone, by rules; what is not there "
          + "is not answered. Research use, not for diagnosis." }));
    }
    this.light();
    this.talk.scrollTop = this.talk.scrollHeight;
  }

  chip(one) {
    const made = button(one.label, `Go to ${one.label}`,
      () => this.model.send({ kind: "pick", address: one.address }), false);
    made.classList.add("onco-cite");
    made.dataset.address = one.address;
    return made;
  }

  light() {
    const lit = new Set(this.model.get("_lit"));
    this.talk.querySelectorAll(".onco-cite").forEach((one) => {
      one.setAttribute("aria-pressed", String(lit.has(one.dataset.address)));
    });
  }
}

export default {
  render({ model, el }) {
    const view = new DialogueView(model, el);
    return () => view.close();
  },
};
