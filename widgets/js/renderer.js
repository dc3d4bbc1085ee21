// One WebGL2 context for all views of a page (browsers allow about sixteen): each pane is drawn
// here and copied to its own canvas.

import { FRAGMENT, VERTEX } from "./shaders.js";

const MOST_SEGMENTS = 128;

// texture units; the one after them is for uploads
const UNITS = ["ints", "floats", "bits", "palette", "fused", "heat", "table", "fusedTable",
  "heatTable"];

let shared = null;

/** The page's renderer. Throws where the browser has no WebGL2. */
export function renderer() {
  shared = shared || new Renderer();
  return shared;
}

class Renderer {
  constructor() {
    this.most = MOST_SEGMENTS;
    this.epoch = 0; // raised when the graphics card dropped everything
    this.users = new Set();
    this.canvas = document.createElement("canvas");
    this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.prepare();
      this.users.forEach((redraw) => redraw());
    });
    this.gl = this.canvas.getContext("webgl2", { antialias: false, alpha: false });
    if (!this.gl) {
      throw new Error("This browser shows no WebGL2, which the slice view needs.");
    }
    this.prepare();
  }

  prepare() {
    const gl = this.gl;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
        throw new Error(`The slice view's shader: ${gl.getShaderInfoLog(shader)}`);
      }
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    this.corner = gl.getAttribLocation(program, "corner");
    const places = new Map();
    this.at = (name) => {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
      return places.get(name);
    };
    UNITS.forEach((name, k) => gl.uniform1i(this.at(name), k));
    this.tables = new Map();
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.none = {
      ints: this.texture(gl.R16I, 1, 1, gl.RED_INTEGER, gl.SHORT, new Int16Array(1)),
      floats: this.texture(gl.R32F, 1, 1, gl.RED, gl.FLOAT, new Float32Array(1)),
      bits: this.texture(gl.R32UI, 1, 1, gl.RED_INTEGER, gl.UNSIGNED_INT, new Uint32Array(1)),
    };
    this.epoch += 1;
  }

  texture(inner, width, height, format, type, data) {
    const gl = this.gl;
    const made = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + UNITS.length);
    gl.bindTexture(gl.TEXTURE_2D, made);
    for (const key of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, key, gl.NEAREST);
    }
    for (const key of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
      gl.texParameteri(gl.TEXTURE_2D, key, gl.CLAMP_TO_EDGE);
    }
    gl.texImage2D(gl.TEXTURE_2D, 0, inner, width, height, 0, format, type, data);
    return made;
  }

  /** Grey values, Int16Array or Float32Array, as a texture. */
  values(width, height, data) {
    const gl = this.gl;
    return data instanceof Int16Array
      ? this.texture(gl.R16I, width, height, gl.RED_INTEGER, gl.SHORT, data)
      : this.texture(gl.R32F, width, height, gl.RED, gl.FLOAT, data);
  }

  /** Masks, one bit a segment: one or four 32-bit words a pixel. */
  bits(width, height, words, data) {
    const gl = this.gl;
    return words === 1
      ? this.texture(gl.R32UI, width, height, gl.RED_INTEGER, gl.UNSIGNED_INT, data)
      : this.texture(gl.RGBA32UI, width, height, gl.RGBA_INTEGER, gl.UNSIGNED_INT, data);
  }

  /** Colours `[r, g, b, pattern]` of segments: 0 a whole line, 1 dashes, 2 dots. */
  palette(colors) {
    const gl = this.gl;
    const data = new Uint8Array(MOST_SEGMENTS * 4);
    colors.forEach(([r, g, b, pattern], k) => {
      data.set([r, g, b, [255, 192, 96][pattern || 0]], 4 * k);
    });
    return this.texture(gl.RGBA8, MOST_SEGMENTS, 1, gl.RGBA, gl.UNSIGNED_BYTE, data);
  }

  /** A colour table of 256 (r, g, b), as a texture. */
  table({ name, bytes }) {
    if (!this.tables.has(name)) {
      const gl = this.gl;
      const data = new Uint8Array(1024).fill(255);
      for (let k = 0; k < 256; k++) {
        for (let c = 0; c < 3; c++) data[4 * k + c] = bytes[3 * k + c];
      }
      this.tables.set(name, this.texture(gl.RGBA8, 256, 1, gl.RGBA, gl.UNSIGNED_BYTE, data));
    }
    return this.tables.get(name);
  }

  buffer(corners) {
    const gl = this.gl;
    const made = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, made);
    gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STATIC_DRAW);
    return { made, count: corners.length / 4 };
  }

  /** Draw a scene and copy it to the top left of a 2D canvas' context. */
  draw(target, width, height, scene) {
    const gl = this.gl;
    if (gl.isContextLost()) return;
    if (this.canvas.width < width || this.canvas.height < height) {
      this.canvas.width = Math.max(this.canvas.width, width);
      this.canvas.height = Math.max(this.canvas.height, height);
    }
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const whole = scene.whole;
    const textures = [
      whole ? scene.values : this.none.ints,
      whole ? this.none.floats : scene.values,
      scene.bits || this.none.bits,
      scene.palette,
      scene.fused || this.none.floats,
      scene.heat || this.none.floats,
      ...["table", "fusedTable", "heatTable"].map((name) => (
        scene[name] ? this.table(scene[name]) : this.none.floats)),
    ];
    textures.forEach((texture, k) => {
      gl.activeTexture(gl.TEXTURE0 + k);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    });
    gl.uniform2f(this.at("viewport"), width, height);
    gl.uniform2f(this.at("centre"), ...scene.centre);
    gl.uniform1f(this.at("scale"), scene.scale);
    gl.uniform2i(this.at("size"), ...scene.size);
    gl.uniform2f(this.at("window"), Math.max(scene.window, 1e-12), scene.level);
    gl.uniform2f(this.at("pixel"), ...scene.pixel);
    for (const name of ["inverted", "smoothed", "filled"]) gl.uniform1i(this.at(name), scene[name]);
    gl.uniform1i(this.at("whole"), whole);
    gl.uniform1i(this.at("segments"), scene.bits ? scene.segments : 0);
    gl.uniform1i(this.at("words"), scene.words);
    gl.uniform1f(this.at("opacity"), scene.opacity);
    gl.uniform1f(this.at("line"), scene.line);
    gl.uniform1f(this.at("stripe"), scene.stripe);
    gl.uniform1i(this.at("coloured"), Boolean(scene.table));
    gl.uniform1i(this.at("hasFused"), Boolean(scene.fused && scene.fusedTable));
    gl.uniform1i(this.at("hasHeat"), Boolean(scene.heat && scene.heatTable));
    gl.uniform2f(this.at("fusedWindow"), Math.max(scene.fusedWindow || 1, 1e-12),
      scene.fusedLevel || 0);
    gl.uniform1i(this.at("fusedInverted"), Boolean(scene.fusedInverted));
    gl.uniform1i(this.at("fusedFades"), Boolean(scene.fusedFades));
    gl.uniform1f(this.at("fusedOpacity"), scene.fusedOpacity || 0);
    gl.uniform1f(this.at("heatOpacity"), scene.heatOpacity || 0);
    gl.uniform4ui(this.at("emphasised"), ...(scene.emphasised || [0, 0, 0, 0]));
    gl.bindBuffer(gl.ARRAY_BUFFER, scene.mesh.made);
    gl.enableVertexAttribArray(this.corner);
    gl.vertexAttribPointer(this.corner, 4, gl.FLOAT, false, 0, 0);
    gl.drawArrays(gl.TRIANGLES, 0, scene.mesh.count);
    const top = this.canvas.height - height;
    target.drawImage(this.canvas, 0, top, width, height, 0, 0, width, height);
  }

  free(scene) {
    for (const name of ["values", "bits", "palette", "fused", "heat"]) {
      if (scene[name]) this.gl.deleteTexture(scene[name]);
      scene[name] = null;
    }
    if (scene.mesh) this.gl.deleteBuffer(scene.mesh.made);
    scene.mesh = null;
  }
}
