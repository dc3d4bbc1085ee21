// Watches a page that scrolls: from a wheel event to the picture of the new slice, and requests.

(() => {
  const told = { kind: null, times: [], draws: 0, uploads: 0, sent: 0, most: 0, open: new Map() };
  window.scrolled = told;
  let waiting = null;
  let finish = null;

  // a picture counts from the first draw after the new slice's values went to the graphics card;
  // where the whole volume is there already, from the first draw
  for (const name of ["texImage2D", "texSubImage2D"]) {
    const kept = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function upload(...all) {
      kept.apply(this, all);
      const [last] = all.slice(-1);
      if (ArrayBuffer.isView(last) && last.length >= told.pixels) {
        told.uploads += 1;
        if (waiting) waiting.fresh = true;
      }
    };
  }
  for (const name of ["drawArrays", "drawElements"]) {
    const kept = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function draw(...all) {
      kept.apply(this, all);
      told.draws += 1;
      if (!waiting || waiting.closing || !waiting.fresh) return;
      waiting.closing = true;
      // the task after this frame; reading a pixel waits until software WebGL has drawn all of it
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        this.readPixels(0, 0, 1, 1, this.RGBA, this.UNSIGNED_BYTE, new Uint8Array(4));
        told.times.push(performance.now() - waiting.at);
        waiting = null;
        finish();
      };
      channel.port2.postMessage(0);
    };
  }

  const Socket = window.WebSocket;
  const text = new TextDecoder();
  function seen(data, sent) {
    const head = typeof data === "string" ? data.slice(0, 20000)
      : text.decode(new Uint8Array(data.buffer || data, data.byteOffset || 0,
        Math.min(data.byteLength, 20000)));
    if (!/"kind":\s*"(plane|error)"/.test(head)) return;
    const pane = (/"pane":\s*(\d+)/.exec(head) || [])[1];
    const seq = (/"seq":\s*(\d+)/.exec(head) || [])[1];
    if (pane === undefined || seq === undefined) return;
    if (!told.open.has(pane)) told.open.set(pane, new Set());
    const open = told.open.get(pane);
    if (sent) {
      told.sent += 1;
      open.add(seq);
      told.most = Math.max(told.most, open.size);
    } else open.delete(seq);
  }
  window.WebSocket = class extends Socket {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string" || data instanceof ArrayBuffer) seen(data, false);
      });
    }

    send(data) {
      seen(data, true);
      super.send(data);
    }
  };

  function wheel(canvas, sign) {
    const box = canvas.getBoundingClientRect();
    canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: 100 * sign, bubbles: true,
      cancelable: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }));
  }
  const pause = (ms) => new Promise((after) => setTimeout(after, ms));

  /** Turn the wheel step by step, each after the picture of the one before; ms of each. */
  told.walk = async ({ select, signs, uploaded, pixels, gap, limit }) => {
    const canvas = document.querySelector(select);
    Object.assign(told, { times: [], pixels });
    for (const sign of signs) {
      const drawn = new Promise((done) => { finish = done; });
      waiting = { at: performance.now(), fresh: !uploaded };
      wheel(canvas, sign);
      const late = pause(limit).then(() => "late");
      if (await Promise.race([drawn, late]) === "late") throw new Error("no picture");
      await pause(gap);
    }
    return told.times;
  };

  /** Turn it faster than pictures can come; pictures drawn, and ms from the last turn to quiet. */
  told.rush = async ({ select, signs, pixels, gap }) => {
    const canvas = document.querySelector(select);
    Object.assign(told, { pixels, uploads: 0, sent: 0, most: 0 });
    for (const sign of signs) {
      wheel(canvas, sign);
      await pause(gap);
    }
    const ended = performance.now();
    const quiet = () => [...told.open.values()].every((open) => open.size === 0);
    while (!quiet()) await pause(5);
    const { uploads, sent, most } = told;
    return { uploads, sent, most, settled: performance.now() - ended };
  };
})();
