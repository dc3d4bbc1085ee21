// How a plane is drawn: grey values, a second image, a heat map, masks and their edges.

export const VERTEX = `#version 300 es
in vec4 corner;
uniform vec2 viewport, centre;
uniform float scale;
out vec2 at;
void main() {
  at = corner.zw;
  vec2 p = (corner.xy - centre) * scale * 2.0 / viewport;
  gl_Position = vec4(p.x, -p.y, 0.0, 1.0);
}`;

export const FRAGMENT = `#version 300 es
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
uniform sampler2D fused, heat, table, fusedTable, heatTable;
uniform bool coloured, hasFused, hasHeat, fusedInverted, fusedFades;
uniform vec2 fusedWindow;
uniform float fusedOpacity, heatOpacity;
const vec3 SELECTED = vec3(1.0, 0.6902, 0.0);

float value(ivec2 q) {
  q = clamp(q, ivec2(0), size - 1);
  return whole ? float(texelFetch(ints, q, 0).r) : texelFetch(floats, q, 0).r;
}
bool number(float v) { return v < 0.0 || v >= 0.0; }
float among(sampler2D values, ivec2 q) {
  return texelFetch(values, clamp(q, ivec2(0), size - 1), 0).r;
}
float layer(sampler2D values) {
  float v = among(values, ivec2(floor(at)));
  if (smoothed) {
    vec2 p = at - 0.5;
    ivec2 q = ivec2(floor(p));
    vec2 f = fract(p);
    float a = among(values, q), b = among(values, q + ivec2(1, 0));
    float c = among(values, q + ivec2(0, 1)), d = among(values, q + ivec2(1, 1));
    float w = mix(mix(a, b, f.x), mix(c, d, f.x), f.y);
    if (number(w)) v = w;
  }
  return v;
}
vec3 coloursOf(sampler2D lut, float g) {
  return texelFetch(lut, ivec2(int(g * 255.0 + 0.5), 0), 0).rgb;
}
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
vec4 pick(uvec4 m, float band) {
  int n = ones(m.r) + ones(m.g) + ones(m.b) + ones(m.a);
  int wanted = n > 1 ? int(mod(band, float(n))) : 0;
  for (int word = 0; word < 4; word++) {
    uint v = m[word];
    int here = ones(v);
    if (wanted < here) {
      for (int k = 0; k < wanted; k++) v &= v - 1u;
      int lowest = ones((v & (~v + 1u)) - 1u);
      return texelFetch(palette, ivec2(32 * word + lowest, 0), 0);
    }
    wanted -= here;
  }
  return vec4(0.0);
}
// lines tell segments apart by more than colour: whole, dashed, dotted
bool drawn(float pattern, float along) {
  float p = along / stripe;
  if (pattern > 0.9) return true;
  return pattern > 0.6 ? mod(p, 2.4) < 1.6 : mod(p, 1.2) < 0.6;
}
void main() {
  float band = floor((gl_FragCoord.x + gl_FragCoord.y) / stripe);
  if (at.x < -0.5) {
    float hatch = mod(floor((gl_FragCoord.x - gl_FragCoord.y) / stripe), 2.0);
    colour = vec4(vec3(0.10 + 0.05 * hatch), 1.0);
    return;
  }
  float g0 = grey();
  vec3 shown = coloured ? coloursOf(table, g0) : vec3(g0);
  if (hasFused) {
    float v = layer(fused);
    if (number(v)) {
      float g = clamp((v - fusedWindow.y) / fusedWindow.x + 0.5, 0.0, 1.0);
      vec3 c = coloursOf(fusedTable, fusedInverted ? 1.0 - g : g);
      shown = mix(shown, c, fusedOpacity * (fusedFades ? g : 1.0));
    }
  }
  if (hasHeat) {
    float v = layer(heat);
    if (number(v)) shown = mix(shown, coloursOf(heatTable, clamp(v, 0.0, 1.0)), heatOpacity * v);
  }
  if (segments > 0) {
    ivec2 q = min(ivec2(floor(at)), size - 1);
    uvec4 m = mask(q);
    if (any(notEqual(m, uvec4(0u)))) {
      if (filled) shown = mix(shown, pick(m, band).rgb, opacity);
      vec2 f = fract(at) * pixel, g = pixel - f;
      uvec4 upright = uvec4(0u), level = uvec4(0u);
      if (f.x < line) upright |= m & ~mask(q + ivec2(-1, 0));
      if (g.x < line) upright |= m & ~mask(q + ivec2(1, 0));
      if (f.y < line) level |= m & ~mask(q + ivec2(0, -1));
      if (g.y < line) level |= m & ~mask(q + ivec2(0, 1));
      uvec4 edge = upright | level;
      if (any(notEqual(edge, uvec4(0u)))) {
        vec4 c = pick(edge, band);
        bool flat_ = any(notEqual(level, uvec4(0u)));
        if (drawn(c.a, flat_ ? gl_FragCoord.x : gl_FragCoord.y)) shown = c.rgb;
      }
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
