// Hear Python however busy the page is. anywidget (0.11) gives a module two seconds to load; where
// it takes longer, it drops every later message to the model, though the view is shown all the
// same. Here the view listens past that, and asks for what it missed.

/** What a module exports, made so that its view hears. */
export function heard(module) {
  return {
    ...module,
    async render(given) {
      await hearPython(given.model);
      return module.render(given);
    },
  };
}

async function hearPython(model) {
  const id = model.get("_own_id");
  if (!id || !model.widget_manager?.get_model) return; // a page without a kernel
  const whole = await model.widget_manager.get_model(id);
  try {
    await whole._handle_comm_msg({ content: { data: { method: "" } } }); // means nothing
  } catch {
    const handle = Object.getPrototypeOf(Object.getPrototypeOf(whole))._handle_comm_msg.bind(whole);
    whole._handle_comm_msg = handle;
    whole.comm?.on_msg(handle);
    whole.comm?.send({ method: "request_state" }, whole.callbacks());
  }
}
