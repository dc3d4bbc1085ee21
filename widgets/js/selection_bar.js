// The bar over a page of views: who is shown, what is selected, and ways back and forth.

import { button, element } from "./element.js";

class SelectionBar {
  constructor(model, host) {
    this.model = model;
    this.root = element("div", { className: "onco onco-bar", "data-lm-suppress-shortcuts": "true" });
    host.append(this.root);
    for (const kind of ["pointerdown", "mousedown", "click"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.who = element("div", { className: "onco-bar-who" });
    this.said = element("ul", { className: "onco-bar-said" });
    this.said.setAttribute("aria-label", "Selected");
    this.also = element("div", { className: "onco-bar-also" });
    this.notice = element("div", { className: "onco-bar-notice", role: "status" });
    this.build();
    this.listeners = [
      ["change:_person", () => this.person()],
      ["change:_picked change:_also change:_ways", () => this.selected()],
      ["change:notice", () => this.note()],
      ["msg:custom", (message) => this.receive(message)],
    ];
    this.listeners.forEach(([names, action]) => names.split(" ").forEach(
      (name) => model.on(name, action)));
    this.person();
    this.selected();
    this.note();
  }

  close() {
    this.listeners.forEach(([names, action]) => names.split(" ").forEach(
      (name) => this.model.off(name, action)));
    this.root.remove();
  }

  build() {
    const ask = (kind, more) => this.model.send({ kind, ...more });
    this.back = button("←", "Back to what was selected before", () => ask("back"));
    this.forward = button("→", "Forward again", () => ask("forward"));
    this.clear = button("Clear", "Select nothing", () => ask("clear"));
    this.copy = button("Copy", "Copy what is selected as text: addresses, a line each",
      () => ask("copy"));
    this.paste = button("Paste", "Select what a text of addresses says",
      () => this.paper(this.sheet.hidden), false);
    this.save = button("Save", "Save what is selected as a file", () => ask("save"));
    const tools = element("div", { className: "onco-bar-tools" },
      [this.back, this.forward, this.clear, this.copy, this.paste, this.save]);
    const selected = element("div", { className: "onco-bar-selected" }, [this.said, this.also]);
    this.text = element("textarea", { rows: 3, spellcheck: false, className: "onco-bar-text" });
    this.text.setAttribute("aria-label", "Addresses, a line each");
    this.text.placeholder = "onco:…";
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.paper(false);
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.take();
      event.stopPropagation();
    });
    this.sheet = element("div", { className: "onco-bar-sheet", hidden: true }, [
      this.text,
      button("Select", "Select what these addresses say (Ctrl+Enter)", () => this.take()),
      button("Close", "Close without a change (Escape)", () => this.paper(false)),
    ]);
    this.root.append(this.who, tools, selected, this.sheet, this.notice);
  }

  person() {
    const { label, about = [], marks = [] } = this.model.get("_person");
    this.who.replaceChildren(
      element("strong", { text: label || "" }),
      ...about.map((text) => element("span", { className: "onco-quiet", text })),
      ...marks.map((text) => element("span", { className: "onco-mark", text })),
    );
  }

  selected() {
    const picked = this.model.get("_picked");
    this.said.replaceChildren(...picked.map(({ kind, text, address }) => element("li",
      { title: address }, [
        element("span", { className: "onco-bar-kind", text: kind }),
        element("span", { text }),
      ])));
    this.said.hidden = !picked.length;
    const none = "Nothing is selected. Click a phrase, a voxel, a node, a day or a row.";
    this.also.textContent = picked.length ? this.model.get("_also") : none;
    const [back, forward] = this.model.get("_ways");
    this.able(this.back, back);
    this.able(this.forward, forward);
    for (const one of [this.clear, this.copy, this.save]) this.able(one, picked.length > 0);
  }

  // aria-disabled and not disabled: the focus would be lost with the last step back
  able(one, can) {
    one.setAttribute("aria-disabled", String(!can));
  }

  note() {
    const text = this.model.get("notice");
    this.notice.textContent = text;
    this.notice.classList.toggle("onco-bar-empty", !text);
  }

  paper(open) {
    this.sheet.hidden = !open;
    this.paste.setAttribute("aria-pressed", String(open));
    if (open) this.text.focus();
    else this.paste.focus();
  }

  take() {
    this.model.send({ kind: "paste", text: this.text.value });
  }

  async receive(message) {
    if (message.kind === "pasted") {
      this.text.value = "";
      this.paper(false);
    } else if (message.kind === "text") {
      await this.toClipboard(message.text);
    } else if (message.kind === "file") {
      const url = URL.createObjectURL(new Blob([message.text], { type: "application/json" }));
      const link = element("a", { href: url, download: message.name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      this.notice.textContent = `Saved as ${message.name}`;
    }
  }

  async toClipboard(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.notice.textContent = "Copied";
    } catch {
      // a page that may not write there shows the text instead, to be copied by hand
      this.paper(true);
      this.text.value = text;
      this.text.select();
    }
    this.notice.classList.remove("onco-bar-empty");
  }
}

export default {
  render({ model, el }) {
    const bar = new SelectionBar(model, el);
    return () => bar.close();
  },
};
