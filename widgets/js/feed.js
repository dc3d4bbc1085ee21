// Planes from Python: one request in flight a pane, the latest wish wins, a lost reply is asked
// for again, and what came is kept while there is room.

const ROOM = 192 * 2 ** 20; // bytes of planes to keep

/** Planes that came, the least recently used thrown out first. */
export class PlaneCache {
  constructor(room = ROOM) {
    this.room = room;
    this.used = 0;
    this.kept = new Map();
  }

  get(key) {
    const entry = this.kept.get(key);
    if (entry) {
      this.kept.delete(key);
      this.kept.set(key, entry);
    }
    return entry;
  }

  /** Add values, masks and parts of layers to a plane. */
  add(key, values, masks, layers = new Map()) {
    const entry = this.get(key) || { values: null, masks: new Map(), layers: new Map(), bytes: 0 };
    if (values) {
      entry.bytes += values.byteLength;
      entry.values = values;
    }
    for (const [segment, bits] of masks) {
      entry.bytes += bits ? bits.bytes.length : 0;
      entry.masks.set(segment, bits);
    }
    for (const [layer, part] of layers) {
      entry.bytes += part ? part.data.byteLength : 0;
      entry.layers.set(layer, part);
    }
    this.kept.set(key, entry);
    this.used = 0;
    for (const one of this.kept.values()) this.used += one.bytes;
    for (const [oldest, one] of this.kept) {
      if (this.used <= this.room || oldest === key) break;
      this.kept.delete(oldest);
      this.used -= one.bytes;
    }
    return entry;
  }

  /** Forget layers that are no longer laid on. */
  keepLayers(keys) {
    for (const entry of this.kept.values()) {
      for (const [key, part] of entry.layers) {
        if (keys.has(key)) continue;
        entry.bytes -= part ? part.data.byteLength : 0;
        this.used -= part ? part.data.byteLength : 0;
        entry.layers.delete(key);
      }
    }
  }

  clear() {
    this.kept.clear();
    this.used = 0;
  }
}

/** A segment in a plane: the bits of the rows and columns that hold it. */
class Mask {
  constructor([top, bottom, left, right], buffer) {
    Object.assign(this, { top, bottom, left, right });
    this.bytes = new Uint8Array(buffer);
    this.stride = Math.ceil((right - left) / 8);
  }

  has(row, col) {
    if (row < this.top || row >= this.bottom || col < this.left || col >= this.right) return false;
    const at = col - this.left;
    return Boolean((this.bytes[(row - this.top) * this.stride + (at >> 3)] >> (at & 7)) & 1);
  }

  /** Call `visit(row, col)` for every pixel of it. */
  each(visit) {
    for (let row = this.top; row < this.bottom; row++) {
      for (let byte = 0; byte < this.stride; byte++) {
        let left = this.bytes[(row - this.top) * this.stride + byte];
        for (let col = this.left + 8 * byte; left; col++, left >>= 1) if (left & 1) visit(row, col);
      }
    }
  }
}

let sequence = 0;

/** The requests of one pane. */
export class Feed {
  constructor({ pane, cache, send, patience, ready, state }) {
    Object.assign(this, { pane, cache, send, patience, ready, state });
    this.wanted = null;
    this.flight = null;
    this.failed = null;
  }

  /** Ask for a plane with these segments and layers; what was asked for before is forgotten. */
  want(revision, index, time, segments, layers = []) {
    this.wanted = { key: `${revision}/${this.pane}/${time}/${index}`, revision, index, time,
      segments, layers };
    this.failed = null;
    this.pump();
  }

  pump() {
    const wish = this.wanted;
    if (!wish || this.flight || this.failed === wish.key) return;
    const entry = this.cache.get(wish.key);
    const missing = lacking(wish, entry);
    if (!missing) {
      this.state("ready");
      this.ready(wish, entry);
      return;
    }
    this.ask(wish, missing, 1);
  }

  ask(wish, { image, segments, layers }, attempt) {
    sequence += 1;
    const wait = this.patience() * 2 ** (attempt - 1);
    this.flight = { key: wish.key, seq: sequence, attempt,
      timer: setTimeout(() => this.late(), Math.min(wait, 30000)) };
    this.state(attempt > 1 ? "late" : "loading", attempt);
    this.send({ kind: "plane", seq: sequence, revision: wish.revision, pane: this.pane,
      index: wish.index, time: wish.time, image, segments, layers });
  }

  // no reply in time: it was lost, or Python is busy; ask again, for what is wanted by now
  late() {
    const attempt = this.flight.attempt + 1;
    this.flight = null;
    const wish = this.wanted;
    const missing = lacking(wish, this.cache.get(wish.key));
    if (missing) this.ask(wish, missing, attempt);
    else this.pump();
  }

  /** Ask once more for what failed. */
  again() {
    if (!this.failed) return;
    this.drop();
    this.failed = null;
    this.pump();
  }

  drop() {
    if (this.flight) clearTimeout(this.flight.timer);
    this.flight = null;
  }

  receive(message, buffers) {
    const key = `${message.revision}/${this.pane}/${message.time}/${message.index}`;
    const mine = this.flight && (this.flight.seq === message.seq || this.flight.key === key);
    if (mine) this.drop();
    if (message.kind === "error") {
      if (this.wanted && this.wanted.key === key) {
        this.failed = key;
        this.state("error", message.message);
      } else this.pump();
      return;
    }
    if (this.wanted && this.wanted.revision === message.revision) {
      const parts = buffers.map(bytes);
      let values = null;
      if (message.image) {
        const raw = parts.shift();
        values = message.dtype === "int16" ? new Int16Array(raw) : new Float32Array(raw);
      }
      const masks = new Map(message.segments.map((k) => [k, null]));
      message.present.forEach((k, i) => masks.set(k, new Mask(message.boxes[i], parts[i])));
      const layers = new Map();
      (message.layers || []).forEach((about, i) => {
        const raw = parts[message.present.length + i];
        layers.set(about.key, about.nothing ? null : { about, data: new Float32Array(raw) });
        if (about.message) this.state("remark", about.message);
      });
      this.cache.add(key, values, masks, layers);
    }
    this.pump();
  }
}

// what a wish still lacks; null where all of it is here
function lacking(wish, entry) {
  const image = !(entry && entry.values);
  const segments = wish.segments.filter((k) => !entry || !entry.masks.has(k));
  const layers = wish.layers.filter((key) => !entry || !entry.layers.has(key));
  return image || segments.length || layers.length ? { image, segments, layers } : null;
}

// a buffer of its own: a view into a message may not be aligned for 16 or 32 bits
function bytes(part) {
  return part.buffer
    ? part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength)
    : part.slice(0);
}

/** Masks as words: bit k of a pixel is the k-th of `order`; null where there are none. */
export function wordsOf(entry, order, rows, cols) {
  const shown = order.map((k) => entry.masks.get(k));
  if (!shown.some(Boolean)) return null;
  const words = order.length > 32 ? 4 : 1;
  const data = new Uint32Array(rows * cols * words);
  shown.forEach((mask, slot) => {
    if (!mask) return;
    const word = slot >> 5;
    const flag = (1 << (slot & 31)) >>> 0;
    mask.each((row, col) => { data[(row * cols + col) * words + word] |= flag; });
  });
  return { words, data };
}
