// What is laid over the image, and in which colours.

const GREYS = { name: "grey", bytes: Uint8Array.from({ length: 768 }, (_, k) => k / 3) };

export class LayerState {
  constructor(model) {
    this.model = model;
    this.hidden = false; // the second image
    this.refresh();
  }

  refresh() {
    Object.assign(this, { fused: null, heat: null, contours: null }, this.model.get("_layers"));
  }

  keys() {
    return [this.fused, this.heat, this.contours].filter(Boolean).map((one) => one.key);
  }

  keyOf(name) {
    return this[name] ? this[name].key : "";
  }

  /** A trait's colour table; null where it is plain grey, or has not come yet. */
  table(trait) {
    const name = this.model.get(trait);
    const bytes = this.model.get("_luts")[name];
    if (!bytes) return null;
    return { name, bytes: new Uint8Array(bytes.buffer || bytes, bytes.byteOffset || 0, 768) };
  }

  /** How they are drawn, for the renderer. */
  look() {
    const { model } = this;
    return {
      table: this.table("lut"),
      fusedTable: this.table("fused_lut") || GREYS,
      heatTable: this.table("heat_lut") || GREYS,
      fusedWindow: model.get("fused_window"),
      fusedLevel: model.get("fused_level"),
      fusedInverted: model.get("fused_invert"),
      fusedFades: model.get("fused_fade"),
      fusedOpacity: this.hidden ? 0 : model.get("fused_opacity"),
      heatOpacity: model.get("heat_opacity"),
    };
  }
}
