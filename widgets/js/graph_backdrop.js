// Lanes, days and structures behind the nodes; their names stay in sight while one pans.

import { placesOf } from "./graph_data.js";

export class Backdrop {
  constructor(behind, before) {
    this.behind = behind;
    this.before = before;
    this.places = null;
  }

  set(packed) {
    this.places = packed;
    this.xy = placesOf(packed);
  }

  /** Where everything lies, in the layout's own pixels. */
  extent(positions, mask) {
    const xy = positions ?? this.xy;
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let k = 0; k < mask.length; k += 1) {
      if (mask[k]) {
        x0 = Math.min(x0, xy[2 * k]); x1 = Math.max(x1, xy[2 * k]);
        y0 = Math.min(y0, xy[2 * k + 1]); y1 = Math.max(y1, xy[2 * k + 1]);
      }
    }
    for (const [, x, y] of this.places?.words ?? []) {
      x0 = Math.min(x0, x); x1 = Math.max(x1, x); y0 = Math.min(y0, y); y1 = Math.max(y1, y);
    }
    return x0 > x1 ? [0, 0, 1, 1] : [x0, y0, x1, y1];
  }

  draw(zoom, pan, colors, width, height) {
    const ratio = window.devicePixelRatio || 1;
    const [back, front] = [this.behind, this.before].map((canvas) => {
      if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
      if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
      const context = canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      context.font = "11px system-ui, sans-serif";
      context.textBaseline = "middle";
      return context;
    });
    if (!this.places) return;
    const [x, y] = [(v) => v * zoom + pan.x, (v) => v * zoom + pan.y];
    back.fillStyle = colors.raised;
    this.places.rows.forEach(([, top, bottom], k) => {
      if (k % 2 === 0) back.fillRect(0, y(top), width, y(bottom) - y(top));
    });
    back.strokeStyle = colors.line;
    back.lineWidth = 1;
    for (const [, left] of this.places.columns) line(back, x(left), 0, x(left), height);
    for (const [x0, y0, x1, y1] of this.places.lines) line(back, x(x0), y(y0), x(x1), y(y1));
    if (zoom > 0.5) {
      back.fillStyle = colors.quiet;
      back.font = `${Math.min(12, 11 * zoom)}px system-ui, sans-serif`;
      for (const [text, left, top] of this.places.words) back.fillText(short(text, 22), x(left), y(top));
    }
    this.names(front, colors, { x, y, width, height });
  }

  /** Names of lanes at the left, of days at the top; where there is no room, none. */
  names(context, colors, { x, y, width, height }) {
    let last = 20;
    for (const [text, top, bottom] of this.places.rows) {
      const middle = Math.max(y(top) + 9, Math.min(y(bottom) - 9, (y(top) + y(bottom)) / 2));
      if (middle > last + 7 && middle < height - 4) {
        pill(context, colors, text, 4, middle, width);
        last = middle + 8;
      }
    }
    let right = -Infinity;
    for (const [text, left, end] of this.places.columns) {
      const wide = context.measureText(text).width + 10;
      const at = Math.min(Math.max(x(left) + 2, 4), Math.max(x(left) + 2, x(end) - wide));
      if (at > right + 4 && at < width - 20) {
        pill(context, colors, text, at, 11, width);
        right = at + wide;
      }
    }
  }
}

const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

function pill(context, colors, text, left, middle, width) {
  const shown = short(text, 40);
  const wide = Math.min(context.measureText(shown).width + 10, width);
  context.globalAlpha = 0.9;
  context.fillStyle = colors.ground;
  context.fillRect(left, middle - 8, wide, 16);
  context.globalAlpha = 1;
  context.fillStyle = colors.ink;
  context.fillText(shown, left + 5, middle);
}
