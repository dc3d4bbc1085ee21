// Days and where they are on the screen.

const STEPS = [1, 2, 5, 7, 14, 30, 60, 90, 182, 365, 730, 1826, 3652, 7305, 18262, 36524];
const DAY = 86400000;

/** From days to pixels; `span` is first and last day in sight. */
export class DayScale {
  constructor(span, left, right) {
    [this.first, this.last] = span;
    this.left = left;
    this.right = right;
  }

  x(day) {
    return this.left + ((day - this.first) / (this.last - this.first)) * (this.right - this.left);
  }

  day(x) {
    return this.first + ((x - this.left) / (this.right - this.left)) * (this.last - this.first);
  }

  /** Days to write on the axis, about one in 100 pixels. */
  ticks() {
    const most = Math.max(2, (this.right - this.left) / 100);
    const step = STEPS.find((one) => (this.last - this.first) / one <= most) ?? STEPS.at(-1);
    const found = [];
    for (let day = Math.ceil(this.first / step) * step; day <= this.last; day += step) found.push(day);
    return found;
  }
}

/** The day as people write it: from time zero, or as a date. */
export function dayText(day, zero, dates) {
  if (!dates || !zero) return String(Math.round(day));
  return new Date(Date.parse(`${zero}T00:00:00Z`) + Math.round(day) * DAY).toISOString().slice(0, 10);
}

/** All days of some items, with a little room on both sides. */
export function wholeSpan(items) {
  const days = items.flatMap((one) => (one.day === null ? [] : [one.day, one.end ?? one.day]));
  if (!days.length) return [0, 1];
  const [first, last] = [Math.min(...days), Math.max(...days)];
  const room = Math.max(2, (last - first) * 0.06);
  return [first - room, last + room];
}
