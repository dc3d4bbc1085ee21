// The mouse on a pane: wheel, point, window and level, pan, zoom, measuring.

import { MEASURES, measuring } from "./measure.js";

/** Let the mouse move what `pane` shows. */
export function listenToMouse(pane) {
  const { canvas, view } = pane;
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointerdown", (event) => press(pane, event));
  canvas.addEventListener("dblclick", () => view.enlarge(pane.layout.name));
  canvas.addEventListener("pointermove", (event) => follow(pane, event));
  canvas.addEventListener("pointerleave", () => follow(pane, null));
  canvas.addEventListener("wheel", (event) => wheel(pane, event), { passive: false });
}

// where the magnifier is
function follow(pane, event) {
  const box = event && pane.canvas.getBoundingClientRect();
  pane.mouse = event ? [event.clientX - box.left, event.clientY - box.top] : null;
  if (pane.view.lens) pane.draw();
}

function wheel(pane, event) {
  event.preventDefault();
  event.stopPropagation();
  pane.view.activate(pane);
  const step = Math.sign(event.deltaY || event.deltaX);
  if (event.ctrlKey || event.metaKey) {
    const { right, down } = pane.under(event);
    pane.zoomBy(step > 0 ? 1 / 1.15 : 1.15, [right, down]);
  } else pane.scrollTo(pane.index + step * pane.layout.forward);
}

// left: the tool that is chosen; middle, or with shift: pan; right: window and level
function toolOf(event, chosen) {
  if (event.button === 2) return "window";
  return event.button === 1 || event.shiftKey ? "pan" : chosen;
}

function press(pane, event) {
  const { canvas, view } = pane;
  event.preventDefault();
  event.stopPropagation();
  canvas.focus({ preventScroll: true });
  canvas.setPointerCapture(event.pointerId);
  const tool = toolOf(event, view.tool);
  const drawn = MEASURES.includes(tool) ? measuring(pane, event, tool) : null;
  if (tool === "magnify") view.setLens(true);
  const drag = drawn ? drawn.drag : {
    point: (now) => view.moveTo(pane.under(now).voxel),
    magnify: () => {},
    pan: panning(pane, event),
    window: windowing(view, event, "window", "level"),
    second: windowing(view, event, "fused_window", "fused_level"),
  }[tool];
  const end = (last) => {
    canvas.removeEventListener("pointermove", drag);
    canvas.removeEventListener("pointerup", end);
    canvas.removeEventListener("pointercancel", end);
    if (drawn) drawn.end(last);
    if (tool === "magnify") view.setLens(false);
    if (tool === "point" && last.type === "pointerup") view.click(pane.layout.name);
  };
  canvas.addEventListener("pointermove", drag);
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  if (tool === "point") drag(event);
}

function panning(pane, start) {
  const before = [...pane.pan];
  return (now) => {
    const { scale } = pane.place();
    pane.pan = [
      before[0] - (now.clientX - start.clientX) / scale,
      before[1] - (now.clientY - start.clientY) / scale,
    ];
    pane.draw();
  };
}

// 256 pixels to the right double the width; down is darker
function windowing(view, start, windowName, levelName) {
  const [width, level] = [view.model.get(windowName), view.model.get(levelName)];
  const unit = width / 256;
  return (now) => {
    const [dx, dy] = [now.clientX - start.clientX, now.clientY - start.clientY];
    if (!dx && !dy) return;
    view.set({ [windowName]: Math.max(width + dx * unit, unit), [levelName]: level + dy * unit });
  };
}
