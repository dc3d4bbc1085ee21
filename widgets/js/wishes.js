// One request at a time: while a reply is under way, only the newest wish waits.

const KEPT = 96; // pictures that are not asked for twice
const PATIENCE = 20000; // ms after which a lost reply is asked for again

export class Wishes {
  /** `ready(found, old)`, `failed(text)`; `asked()` is told when what is wanted is not here yet. */
  constructor(send, ready, failed, asked = () => {}) {
    Object.assign(this, { send, ready, failed, asked });
    this.closed = false;
    this.kept = new Map();
    this.flying = null;
    this.waiting = null;
    this.count = 0;
  }

  /** Ask for what a message describes; the same message again is answered from what is kept. */
  want(message) {
    if (this.closed) return;
    const key = JSON.stringify(message);
    this.wanted = key;
    if (this.kept.has(key)) {
      const found = this.kept.get(key);
      this.kept.delete(key);
      this.kept.set(key, found);
      this.waiting = null;
      this.ready(found);
    } else if (this.flying) {
      this.waiting = this.flying.key === key ? null : message;
      this.asked();
    } else this.fly(message, key);
  }

  fly(message, key) {
    this.count += 1;
    this.waiting = null;
    this.flying = { key, message, seq: this.count,
      timer: setTimeout(() => this.fly(message, key), PATIENCE) };
    this.asked();
    this.send({ ...message, seq: this.count });
  }

  /** A reply; `made` builds what is kept of it. */
  receive(reply, made) {
    if (!this.flying || reply.seq !== this.flying.seq) return;
    clearTimeout(this.flying.timer);
    const { key } = this.flying;
    this.flying = null;
    if (reply.kind === "error") {
      if (key === this.wanted) this.failed(reply.message);
    } else {
      const found = made();
      this.kept.set(key, found);
      if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
      // while somebody turns it, the newest picture that there is
      if (key === this.wanted || this.waiting) this.ready(found, key !== this.wanted);
    }
    if (this.waiting) {
      const next = this.waiting;
      this.fly(next, JSON.stringify(next));
    }
  }

  forget() {
    this.kept.clear();
  }

  close() {
    this.closed = true;
    if (this.flying) clearTimeout(this.flying.timer);
    this.flying = null;
    this.waiting = null;
  }
}

/** Values and outlines out of a reply's buffers. */
export function unpack(reply, buffers) {
  const bytes = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  const raw = bytes(buffers[0]);
  return {
    ...reply,
    values: reply.dtype === "int16" ? new Int16Array(raw) : new Float32Array(raw),
    outlines: (reply.outlines || []).map((one, k) => (
      { ...one, bits: new Uint8Array(bytes(buffers[k + 1])) })),
  };
}
