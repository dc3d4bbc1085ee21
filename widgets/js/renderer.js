// One WebGL2 context for all views of a page (browsers allow about sixteen): each pane is drawn
// here and copied to its own canvas.

const MOST_SEGMENTS = 128;

const VERTEX = `#version 300 es
in vec4 corner;
uniform vec2 viewport, centre;
uniform float scale;
out vec2 at;
void main() {
  at = corner.zw;
  vec2 p = (corner.xy - centre) * scale * 2.0 / viewport;
  gl_Position = vec4(p.x, -p.y, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp isampler2D;
precision highp usampler2D;
in vec2 at;
out vec4 colour;
uniform isampler2D ints;
uniform sampler2D floats;
uniform usampler2D bits;
uniform sampler2D palette;
uniform ivec2 size;
uniform vec2 window, pixel;
uniform bool whole, inverted, smoothed, filled;
uniform int segments, words;
uniform float opacity, line, stripe;
uniform uvec4 emphasised;
const vec3 SELECTED = vec3(1.0, 0.6902, 0.0);

float value(ivec2 q) {
  q = clamp(q, ivec2(0), size - 1);
  return whole ? float(texelFetch(ints, q, 0).r) : texelFetch(floats, q, 0).r;
}
bool number(float v) { return v < 0.0 || v >= 0.0; }
float grey() {
  float v = value(ivec2(floor(at)));
  if (smoothed) {
    vec2 p = at - 0.5;
    ivec2 q = ivec2(floor(p));
    vec2 f = fract(p);
    float a = value(q), b = value(q + ivec2(1, 0));
    float c = value(q + ivec2(0, 1)), d = value(q + ivec2(1, 1));
    float w = mix(mix(a, b, f.x), mix(c, d, f.x), f.y);
    if (number(w)) v = w;
  }
  if (!number(v)) return 0.0;
  float g = clamp((v - window.y) / window.x + 0.5, 0.0, 1.0);
  return inverted ? 1.0 - g : g;
}
uvec4 mask(ivec2 q) {
  if (any(lessThan(q, ivec2(0))) || any(greaterThanEqual(q, size))) return uvec4(0u);
  uvec4 m = texelFetch(bits, q, 0);
  return words == 1 ? uvec4(m.r, 0u, 0u, 0u) : m;
}
int ones(uint v) {
  v -= (v >> 1) & 0x55555555u;
  v = (v & 0x33333333u) + ((v >> 2) & 0x33333333u);
  return int((((v + (v >> 4)) & 0x0F0F0F0Fu) * 0x01010101u) >> 24);
}
// where segments overlap, their colours alternate in stripes
vec3 pick(uvec4 m, float band) {
  int n = ones(m.r) + ones(m.g) + ones(m.b) + ones(m.a);
  int wanted = n > 1 ? int(mod(band, float(n))) : 0;
  for (int word = 0; word < 4; word++) {
    uint v = m[word];
    int here = ones(v);
    if (wanted < here) {
      for (int k = 0; k < wanted; k++) v &= v - 1u;
      int lowest = ones((v & (~v + 1u)) - 1u);
      return texelFetch(palette, ivec2(32 * word + lowest, 0), 0).rgb;
    }
    wanted -= here;
  }
  return vec3(0.0);
}
void main() {
  float band = floor((gl_FragCoord.x + gl_FragCoord.y) / stripe);
  if (at.x < -0.5) {
    float hatch = mod(floor((gl_FragCoord.x - gl_FragCoord.y) / stripe), 2.0);
    colour = vec4(vec3(0.10 + 0.05 * hatch), 1.0);
    return;
  }
  vec3 shown = vec3(grey());
  if (segments > 0) {
    ivec2 q = min(ivec2(floor(at)), size - 1);
    uvec4 m = mask(q);
    if (any(notEqual(m, uvec4(0u)))) {
      if (filled) shown = mix(shown, pick(m, band), opacity);
      vec2 f = fract(at) * pixel, g = pixel - f;
      uvec4 edge = uvec4(0u);
      if (f.x < line) edge |= m & ~mask(q + ivec2(-1, 0));
      if (g.x < line) edge |= m & ~mask(q + ivec2(1, 0));
      if (f.y < line) edge |= m & ~mask(q + ivec2(0, -1));
      if (g.y < line) edge |= m & ~mask(q + ivec2(0, 1));
      if (any(notEqual(edge, uvec4(0u)))) shown = pick(edge, band);
      uvec4 e = m & emphasised;
      if (any(notEqual(e, uvec4(0u)))) {
        float thick = 2.4 * line;
        uvec4 rim = uvec4(0u);
        if (f.x < thick) rim |= e & ~mask(q + ivec2(-1, 0));
        if (g.x < thick) rim |= e & ~mask(q + ivec2(1, 0));
        if (f.y < thick) rim |= e & ~mask(q + ivec2(0, -1));
        if (g.y < thick) rim |= e & ~mask(q + ivec2(0, 1));
        if (any(notEqual(rim, uvec4(0u)))) shown = SELECTED;
      }
    }
  }
  colour = vec4(shown, 1.0);
}`;

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
    this.at = (name) => gl.getUniformLocation(program, name);
    ["ints", "floats", "bits", "palette"].forEach((name, k) => gl.uniform1i(this.at(name), k));
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
    gl.activeTexture(gl.TEXTURE7);
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

  palette(colors) {
    const gl = this.gl;
    const data = new Uint8Array(MOST_SEGMENTS * 4);
    colors.forEach((rgb, k) => data.set([...rgb, 255], 4 * k));
    return this.texture(gl.RGBA8, MOST_SEGMENTS, 1, gl.RGBA, gl.UNSIGNED_BYTE, data);
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
    gl.uniform4ui(this.at("emphasised"), ...(scene.emphasised || [0, 0, 0, 0]));
    gl.bindBuffer(gl.ARRAY_BUFFER, scene.mesh.made);
    gl.enableVertexAttribArray(this.corner);
    gl.vertexAttribPointer(this.corner, 4, gl.FLOAT, false, 0, 0);
    gl.drawArrays(gl.TRIANGLES, 0, scene.mesh.count);
    const top = this.canvas.height - height;
    target.drawImage(this.canvas, 0, top, width, height, 0, 0, width, height);
  }

  free(scene) {
    for (const name of ["values", "bits", "palette"]) {
      if (scene[name]) this.gl.deleteTexture(scene[name]);
      scene[name] = null;
    }
    if (scene.mesh) this.gl.deleteBuffer(scene.mesh.made);
    scene.mesh = null;
  }
}
