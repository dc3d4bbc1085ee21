// Cine: the next slice or time point as soon as the last one is there, so many a second at most.

const CALM = 4; // frames a second where the person asked for less motion

export class Player {
  constructor(view) {
    this.view = view;
    this.timer = 0;
  }

  get calm() {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /** Bring it up to date with the state. */
  sync() {
    const playing = this.view.model.get("playing");
    if (playing && !this.timer) this.next();
    if (!playing && this.timer) this.stop();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  next() {
    const rate = this.view.model.get("frames_per_second");
    const wait = 1000 / Math.max(0.1, this.calm ? Math.min(rate, CALM) : rate);
    this.timer = setTimeout(() => {
      this.timer = 0;
      if (!this.view.model.get("playing")) return;
      // a plane that is not here yet is waited for: nothing is asked for besides it
      const here = this.view.panes.every((pane) => pane.status.kind === "ready");
      if (!here || this.advance()) this.next();
      else this.view.set({ playing: false });
    }, wait);
  }

  advance() {
    const { view } = this;
    const loop = view.model.get("loop");
    if (view.image.times > 1) {
      const time = view.model.get("time") + 1;
      if (time >= view.image.times && !loop) return false;
      view.set({ time: time % view.image.times });
      return true;
    }
    const pane = view.active;
    const { count, forward } = pane.layout;
    let index = pane.index + forward;
    if (index < 0 || index >= count) {
      if (!loop) return false;
      index = (index + count) % count;
    }
    pane.scrollTo(index);
    return true;
  }
}
