// The graph as it comes from Python: long columns, not an object a node.

const bytes = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

export class GraphData {
  constructor(packed) {
    this.kinds = packed.kinds.map(([name, count, color]) => ({ name, count, color }));
    this.edgeKinds = packed.edgeKinds.map(([name, count, color]) => ({ name, count, color }));
    this.labels = packed.labels;
    this.kind = new Uint8Array(bytes(packed.kind));
    this.day = new Float32Array(bytes(packed.day));
    this.synthetic = new Uint8Array(bytes(packed.synthetic));
    this.edges = new Int32Array(bytes(packed.edges));
    this.count = this.labels.length;
    this.edgeCount = this.edges.length / 3;
    this.people = packed.people;
    this.remark = packed.remark;
    this.around = null;
  }

  kindOf(node) { return this.kinds[this.kind[node]]; }

  dayOf(node) {
    return Number.isNaN(this.day[node]) ? "no day" : `day ${this.day[node]}`;
  }

  /** Edges of a node: the other node, the edge's kind, and whether it leads away. */
  joined(node) {
    if (!this.around) {
      this.around = Array.from({ length: this.count }, () => []);
      for (let k = 0; k < this.edgeCount; k += 1) {
        const [tail, head, kind] = this.edges.subarray(3 * k, 3 * k + 3);
        this.around[tail].push({ node: head, kind, out: true, edge: k });
        if (head !== tail) this.around[head].push({ node: tail, kind, out: false, edge: k });
      }
    }
    return this.around[node];
  }

  /** 1 for what is to be seen. */
  shown(kinds, hidden) {
    const wanted = this.kinds.map((one) => kinds.includes(one.name));
    const mask = new Uint8Array(this.count);
    for (let k = 0; k < this.count; k += 1) {
      mask[k] = wanted[this.kind[k]] && !(hidden && hidden[k]) ? 1 : 0;
    }
    return mask;
  }

  /** Nodes whose label has the text, of those that are shown. */
  found(text, mask) {
    const wanted = text.trim().toLowerCase();
    const places = [];
    for (let k = 0; k < this.count; k += 1) {
      if (mask[k] && (!wanted || this.labels[k].toLowerCase().includes(wanted))) places.push(k);
    }
    return places;
  }
}

/** x and y of each node. */
export function placesOf(packed) {
  return new Float32Array(bytes(packed.xy));
}

export function maskOf(packed) {
  return packed && packed.byteLength ? new Uint8Array(bytes(packed)) : null;
}
