// The reader-study form: two texts, three answers.

import { button, element } from "./element.js";

const ANSWERS = [["A", "A is better"], ["equal", "Equal"], ["B", "B is better"]];

class ReaderForm {
  constructor(model, host) {
    this.model = model;
    this.root = element("div", { className: "onco onco-reader", "data-lm-suppress-shortcuts": "true" });
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.said = element("div", { className: "onco-notice", role: "status" });
    this.body = element("div", {});
    this.root.append(this.body, this.said);
    host.append(this.root);
    this.listeners = [["change:_shown", () => this.show()],
      ["msg:custom", (message) => {
        if (message.kind === "notice") this.said.textContent = message.message;
        this.answers?.forEach((one) => { one.disabled = false; });
      }]];
    this.listeners.forEach(([name, action]) => model.on(name, action));
    this.show();
  }

  close() {
    this.listeners.forEach(([name, action]) => this.model.off(name, action));
    this.root.remove();
  }

  show() {
    const shown = this.model.get("_shown");
    const [done, total] = [this.model.get("done"), this.model.get("total")];
    const voted = this.voted;
    this.voted = false;
    const far = element("div", { className: "onco-far" }, [
      element("progress", { max: total, value: done, "aria-label": "Pairs voted on" }),
      element("span", { className: "onco-quiet", text: `${done} of ${total}` })]);
    this.said.textContent = "";
    if (shown.a === undefined) {
      this.body.replaceChildren(far, element("p", { text: "All pairs are done. Thank you." }));
      return;
    }
    const text = (name, words) => {
      const id = `onco-text-${name}-${Math.random().toString(36).slice(2)}`;
      return element("section", { className: "onco-side-text" }, [
        element("h3", { text: `Text ${name}`, id }),
        element("div", { className: "onco-said-text", text: words, tabIndex: 0, role: "group",
          "aria-labelledby": id })]);
    };
    const comment = element("textarea", { className: "onco-comment", rows: 2, maxLength: 10000,
      "aria-label": "Comment", placeholder: "Comment (optional)" });
    this.answers = ANSWERS.map(([answer, words]) => {
      const made = button(words, words, () => {
        this.answers.forEach((one) => { one.disabled = true; }); // once a pair
        this.voted = true;
        this.model.send({ kind: "vote", answer, comment: comment.value, n: shown.n });
      });
      made.dataset.answer = answer;
      return made;
    });
    const heading = element("h2", { text: shown.question, tabIndex: -1 });
    const parts = [far, heading];
    if (shown.context) {
      parts.push(element("details", { open: true }, [element("summary", { text: "About" }),
        element("div", { className: "onco-said-text", text: shown.context })]));
    }
    parts.push(element("div", { className: "onco-two" }, [text("A", shown.a), text("B", shown.b)]),
      comment, element("div", { className: "onco-answers", role: "group", "aria-label": "Your vote" },
        this.answers));
    this.body.replaceChildren(...parts);
    if (voted) heading.focus(); // a screen reader begins with the next pair
  }
}

export default {
  render({ model, el }) {
    const view = new ReaderForm(model, el);
    return () => view.close();
  },
};
