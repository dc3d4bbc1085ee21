// Places in texts: Python counts code points, JavaScript UTF-16 units.

/** Translates places of a text; `toUnits` takes code points. */
export function codePoints(text) {
  const beyond = []; // code points that take two units
  if (/[\ud800-\udbff][\udc00-\udfff]/.test(text)) {
    let at = 0;
    for (let k = 0; k < text.length; k += 1, at += 1) {
      const unit = text.charCodeAt(k);
      if (unit < 0xd800 || unit > 0xdbff) continue;
      const next = text.charCodeAt(k + 1);
      if (next >= 0xdc00 && next <= 0xdfff) { beyond.push(at); k += 1; }
    }
  }
  const toUnits = (place) => {
    let low = 0;
    let high = beyond.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (beyond[middle] < place) low = middle + 1; else high = middle;
    }
    return place + low;
  };
  return { toUnits };
}
