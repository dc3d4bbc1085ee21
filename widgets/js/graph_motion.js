// Panning and zooming a large graph: its picture is moved, and drawn anew when it rests.
//
// Drawing thousands of nodes takes a software renderer a tenth of a second or more. Moving what
// is drawn takes it nothing; what comes in at the edges is blank until the hand rests.

const REST = 200; // ms without a movement

export class GraphMotion {
  /** `moved(zoom, pan)` is told of every step, `rest(zoom, pan)` of the last one. */
  constructor(host, limits, moved, rest) {
    Object.assign(this, { host, limits, moved, rest });
    this.offs = [];
    this.on(host, "wheel", (event) => this.wheel(event), { passive: false });
    this.on(host, "pointerdown", (event) => this.grab(event));
    // cytoscape would look for a node under every step of a drag
    this.on(window, "mousemove", (event) => {
      if (this.dragged && event.buttons) event.stopImmediatePropagation();
    }, { capture: true });
  }

  on(target, name, action, options) {
    target.addEventListener(name, action, options);
    this.offs.push(() => target.removeEventListener(name, action, options));
  }

  close() {
    this.offs.forEach((off) => off());
    this.stop();
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
  }

  /** What cytoscape has drawn. */
  drawn(zoom, pan) {
    this.base = { zoom, pan: { ...pan } };
    this.now = { zoom, pan: { ...pan } };
    this.host.style.transform = "";
  }

  wheel(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const box = this.host.parentElement.getBoundingClientRect();
    const step = Math.max(-60, Math.min(60, event.deltaMode ? event.deltaY * 20 : event.deltaY));
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { zoom, pan } = this.now;
    const next = Math.min(this.limits[1], Math.max(this.limits[0], zoom * 2 ** (-step / 150)));
    const part = next / zoom;
    this.to(next, { x: x - (x - pan.x) * part, y: y - (y - pan.y) * part });
  }

  grab(event) {
    this.dragged = false;
    if (event.button) return;
    const from = { x: event.clientX, y: event.clientY };
    const pan = { ...this.now.pan };
    const move = (now) => {
      const [dx, dy] = [now.clientX - from.x, now.clientY - from.y];
      this.dragged ||= Math.hypot(dx, dy) > 3;
      if (this.dragged) this.to(this.now.zoom, { x: pan.x + dx, y: pan.y + dy }, true);
    };
    this.stop();
    this.stop = () => {
      if (this.dragged) this.later();
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", this.stop);
      this.stop = () => {};
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", this.stop);
  }

  stop() {}

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.rest(this.now.zoom, this.now.pan), REST);
  }

  /** `held`: the hand is still on it, and rests only when it lets go. */
  to(zoom, pan, held = false) {
    this.now = { zoom, pan };
    if (held) clearTimeout(this.timer);
    else this.later();
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const { base, now } = this;
      const part = now.zoom / base.zoom;
      const [x, y] = [now.pan.x - base.pan.x * part, now.pan.y - base.pan.y * part];
      this.host.style.transform = `translate(${x}px, ${y}px) scale(${part})`;
      this.moved(now.zoom, now.pan);
    });
  }
}
