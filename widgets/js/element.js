// Elements. Text of any source becomes text, never markup.

/** Make an element: `properties` are set on it, `aria-...` and `data-...` as attributes. */
export function element(name, properties = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role" || key === "for") made.setAttribute(key, value);
    else if (key === "text") made.textContent = value;
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

/** A push button; `pressed` is given for those that stay down. */
export function button(text, label, action, pressed) {
  const made = element("button", { type: "button", className: "onco-button", text, title: label });
  made.setAttribute("aria-label", label);
  if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
  made.addEventListener("click", action);
  return made;
}

/** A number as people write it: at most three digits after the point, none without need. */
export function plain(value) {
  if (!Number.isFinite(value)) return "not a number";
  const size = Math.abs(value);
  if (size !== 0 && size < 0.01) return value.toPrecision(2);
  return String(Number(value.toFixed(size >= 100 ? 1 : size >= 1 ? 2 : 3)));
}
