// The bar on top of the page: where one is, the way back, and the address of the patient.

import { button, element } from "./element.js";

const NAME = "patient";

function keyInAddress() {
  return new URL(location.href).searchParams.get(NAME) ?? "";
}

function render({ model, el }) {
  el.classList.add("onco", "onco-page-bar");
  const back = button("← All patients", "Back to all patients", () => {
    model.set("patient", "");
    model.save_changes();
  });
  const store = element("span", { className: "onco-page-store" });
  const title = element("h1", { className: "onco-page-title", tabIndex: -1 });
  const version = element("span", { className: "onco-page-version" });
  const mode = element("span", { className: "onco-page-mode" });
  const note = element("p", { className: "onco-page-note", role: "alert" });
  const use = element("span", { className: "onco-page-use", text: "Research use, not for diagnosis" });
  const below = element("h2", { className: "onco-page-hidden" });
  const bar = element("header", {}, [
    element("div", { className: "onco-page-left" }, [back, title, version, store]),
    element("div", { className: "onco-page-right" }, [use, mode]),
  ]);
  el.append(bar, note, below);

  function show() {
    const key = model.get("patient");
    back.hidden = !key;
    title.textContent = key ? model.get("label") : "Patients";
    version.textContent = key ? model.get("version") : "";
    store.textContent = model.get("store");
    mode.textContent = model.get("edit") ? "Changes are saved" : "Read only";
    mode.dataset.edit = String(model.get("edit"));
    note.textContent = model.get("note");
    below.textContent = key ? "Views of the patient" : "Choose and open";
    note.hidden = !model.get("note");
    bar.setAttribute("aria-busy", String(model.get("busy")));
    el.dataset.busy = String(model.get("busy"));
  }
  function follow() {
    const key = model.get("patient");
    if (key === keyInAddress()) return;
    const next = new URL(location.href);
    if (key) next.searchParams.set(NAME, key);
    else next.searchParams.delete(NAME);
    history.pushState(null, "", next);
    scrollTo(0, 0);
    title.focus({ preventScroll: true });
  }
  function went() {
    model.set("patient", keyInAddress());
    model.save_changes();
  }
  model.on("change:patient", follow);
  model.on("change", show);
  addEventListener("popstate", went);
  show();
  if (model.get("patient") !== keyInAddress()) {
    // a patient that is not there: the address must not go on naming one
    const next = new URL(location.href);
    next.searchParams.delete(NAME);
    history.replaceState(null, "", next);
  }
  return () => {
    removeEventListener("popstate", went);
    model.off("change:patient", follow);
    model.off("change", show);
  };
}

export default { render };
