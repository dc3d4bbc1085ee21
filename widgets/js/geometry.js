// Where pixels, voxels and millimetres lie. A pane's layout comes from widgets/pane.py.

/** Display row and column of a voxel [z, y, x]. */
export function toPixel(pane, voxel) {
  const row = voxel[pane.rowAxis];
  const col = voxel[pane.colAxis];
  return [pane.rowFlip ? pane.rows - 1 - row : row, pane.colFlip ? pane.cols - 1 - col : col];
}

/** Voxel [z, y, x] of a display row and column in the plane `index`. */
export function toVoxel(pane, row, col, index) {
  const voxel = [0, 0, 0];
  voxel[pane.axis] = index;
  voxel[pane.rowAxis] = pane.rowFlip ? pane.rows - 1 - row : row;
  voxel[pane.colAxis] = pane.colFlip ? pane.cols - 1 - col : col;
  return voxel;
}

/** Centre of a pixel in mm from the picture's top left corner: [right, down]. */
export function pixelCentre(pane, row, col) {
  const right = (col + 0.5) * pane.colStep;
  const down = (row + 0.5) * pane.rowStep;
  if (!pane.strips) return [right, down];
  const k = pane.along === "row" ? row : col;
  const middle = (pane.strips[3 * k] + pane.strips[3 * k + 1]) / 2;
  const shift = pane.strips[3 * k + 2];
  return pane.along === "row" ? [right + shift, middle] : [middle, down + shift];
}

/** The same for a place between pixels: rows and columns are fractions, centres whole. */
export function fractionPlace(pane, row, col) {
  const [right, down] = [(col + 0.5) * pane.colStep, (row + 0.5) * pane.rowStep];
  if (!pane.strips) return [right, down];
  const upright = pane.along === "row";
  const k = upright ? row : col;
  const strip = Math.max(0, Math.min(pane.strips.length / 3 - 1, Math.round(k)));
  const [begin, end, shift] = pane.strips.slice(3 * strip, 3 * strip + 3);
  const along = begin + (k - strip + 0.5) * (end - begin);
  return upright ? [right + shift, along] : [along, down + shift];
}

/** Row and column as fractions of a place in mm, clipped to the picture. */
export function fractionAt(pane, right, down) {
  const clip = (v, n) => Math.max(-0.5, Math.min(n - 0.5, v));
  if (!pane.strips) {
    return [clip(down / pane.rowStep - 0.5, pane.rows), clip(right / pane.colStep - 0.5, pane.cols)];
  }
  const upright = pane.along === "row";
  const at = upright ? down : right;
  const strip = nearestStrip(pane.strips, at);
  const [begin, end, shift] = pane.strips.slice(3 * strip, 3 * strip + 3);
  const k = strip - 0.5 + Math.max(0, Math.min(1, (at - begin) / (end - begin)));
  return upright
    ? [k, clip((right - shift) / pane.colStep - 0.5, pane.cols)]
    : [clip((down - shift) / pane.rowStep - 0.5, pane.rows), k];
}

/** Pixel [row, col] nearest to a place in mm, clipped to the picture. */
export function pixelAt(pane, right, down) {
  const clip = (k, n) => Math.max(0, Math.min(n - 1, k));
  if (!pane.strips) {
    return [
      clip(Math.floor(down / pane.rowStep), pane.rows),
      clip(Math.floor(right / pane.colStep), pane.cols),
    ];
  }
  const upright = pane.along === "row";
  const k = nearestStrip(pane.strips, upright ? down : right);
  const shift = pane.strips[3 * k + 2];
  return upright
    ? [k, clip(Math.floor((right - shift) / pane.colStep), pane.cols)]
    : [clip(Math.floor((down - shift) / pane.rowStep), pane.rows), k];
}

function nearestStrip(strips, at) {
  let best = 0;
  let least = Infinity;
  for (let k = 0; 3 * k < strips.length; k++) {
    const gap = Math.max(strips[3 * k] - at, at - strips[3 * k + 1], 0);
    if (gap < least) [best, least] = [k, gap];
  }
  return best;
}

/** Corners [right, down] in mm of a box of voxel edges [[z0, z1], [y0, y1], [x0, x1]]. */
export function boxOutline(pane, box) {
  const span = ([low, high], flip, count) => (flip ? [count - high, count - low] : [low, high]);
  const [r0, r1] = span(box[pane.rowAxis], pane.rowFlip, pane.rows);
  const [c0, c1] = span(box[pane.colAxis], pane.colFlip, pane.cols);
  if (!pane.strips) {
    const [x0, x1, y0, y1] = [c0 * pane.colStep, c1 * pane.colStep, r0 * pane.rowStep,
      r1 * pane.rowStep];
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
  }
  // along the strips on one side and back on the other: they may be shifted against each other
  const upright = pane.along === "row";
  const [k0, k1, low, high] = upright
    ? [r0, r1, c0 * pane.colStep, c1 * pane.colStep]
    : [c0, c1, r0 * pane.rowStep, r1 * pane.rowStep];
  const side = (across) => {
    const out = [];
    for (let k = k0; k < k1; k++) {
      const shift = pane.strips[3 * k + 2];
      out.push([across + shift, pane.strips[3 * k]], [across + shift, pane.strips[3 * k + 1]]);
    }
    return out;
  };
  const path = [...side(low), ...side(high).reverse()];
  return upright ? path : path.map(([across, along]) => [along, across]);
}

/** mm LPS of a voxel [z, y, x]; `origins` are the slices' own where they are uneven. */
export function toLps(image, voxel) {
  const [z, y, x] = voxel;
  const a = image.affine;
  return [0, 1, 2].map((i) => {
    const start = image.origins ? image.origins[z][i] : a[i][3] + a[i][2] * z;
    return start + a[i][0] * x + a[i][1] * y;
  });
}

/** A round length in mm that is at most `most` long: 1, 2 or 5 times a power of ten. */
export function roundLength(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  for (const k of [5, 2, 1]) if (k * power <= most) return k * power;
  return power;
}

/** Triangles of a pane: right and down in mm, column and row of the texture. */
export function mesh(pane) {
  const out = [];
  const rectangle = (x0, y0, x1, y1, c0, r0, c1, r1) => {
    out.push(x0, y0, c0, r0, x1, y0, c1, r0, x0, y1, c0, r1);
    out.push(x1, y0, c1, r0, x1, y1, c1, r1, x0, y1, c0, r1);
  };
  const { rows, cols, strips } = pane;
  if (!strips) {
    rectangle(0, 0, pane.width, pane.height, 0, 0, cols, rows);
    return new Float32Array(out);
  }
  // column -1 marks the ground where no slice was taken
  rectangle(0, 0, pane.width, pane.height, -1, -1, -1, -1);
  for (let k = 0; 3 * k < strips.length; k++) {
    const [begin, end, shift] = [strips[3 * k], strips[3 * k + 1], strips[3 * k + 2]];
    if (pane.along === "row") {
      rectangle(shift, begin, shift + cols * pane.colStep, end, 0, k, cols, k + 1);
    } else {
      rectangle(begin, shift, end, shift + rows * pane.rowStep, k, 0, k + 1, rows);
    }
  }
  return new Float32Array(out);
}
