// Mouse on a flat picture: click, drag, right drag for the window, wheel, zoom.

const STILL = 3; // CSS pixels that a click may move

/**
 * `on` has tap(pixel), drag(dx, dy, pixel), wheel(steps), window(dx, dy), done(). Shift or the
 * middle button moves the picture, Ctrl and the wheel zoom: the same in every view.
 */
export function listenTo(picture, on) {
  const { canvas } = picture;
  let from = null;
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const kind = event.button === 2 ? "window" : event.button === 1 || event.shiftKey ? "pan" : "drag";
    from = { kind, x: event.clientX, y: event.clientY, moved: false };
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from || !picture.plane) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.moved && Math.hypot(dx, dy) < STILL) return;
    Object.assign(from, { moved: true, x: event.clientX, y: event.clientY });
    if (from.kind === "pan") {
      picture.pan = [picture.pan[0] + dx, picture.pan[1] + dy];
      picture.draw();
    } else if (from.kind === "window") on.window(dx, dy);
    else on.drag(dx, dy, picture.pixel(event));
  });
  const end = (event) => {
    if (!from) return;
    const { kind, moved } = from;
    from = null;
    if (!picture.plane || event.type !== "pointerup") return;
    if (kind === "drag" && !moved) on.tap(picture.pixel(event));
    else if (kind === "drag") on.done(picture.pixel(event));
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  let gone = 0;
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey) {
      picture.zoomBy(event.deltaY < 0 ? 1.1 : 1 / 1.1);
      return;
    }
    gone += event.deltaMode ? event.deltaY * 30 : event.deltaY;
    const steps = Math.trunc(gone / 30);
    if (!steps) return;
    gone -= steps * 30;
    on.wheel(Math.max(-3, Math.min(3, steps)));
  }, { passive: false });
}
