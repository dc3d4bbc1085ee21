"""Frames a second of the graph view while it is panned and zoomed, in Chromium without a GPU.

    python benchmarks/graph_frames.py [--nodes 5000] [--seconds 4] [--chromium /usr/bin/chromium]

The view's own module is run in a bare page, with the messages that Python would send. A
mouse drags it and turns its wheel; the stamps of requestAnimationFrame meanwhile are the frames.
Beside them stands in how many of them the graph moved, since a page may have frames in which
nothing is new. While it moves the view shows what it has drawn, elsewhere; "drawn anew" is what
a whole drawing takes (5,000 ms: none came). A picture that is only moved, in the same run, says
what the machine can do at all.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from graphs.patient_graph import PatientGraph
from widgets.esm import css, esm
from widgets.graph_view import GraphView

FLAGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-dev-shm-usage",
]  # fmt: skip
RUNS = ("a still picture", "canvas, in time", "webgl, in time", "canvas, by force")
TRAITS = (
    "_graph", "_places", "_hidden", "_known_note", "_lit", "_centre", "kinds", "edge_kinds",
    "known_on", "search", "renderer", "height", "layout_by",
)  # fmt: skip
# a model as anywidget gives one, without a kernel behind it
START = """
async ([module, style, traits]) => {
    const sheet = document.createElement("style");
    sheet.textContent = style;
    document.head.append(sheet);
    const bytes = (text) =>
        new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    const state = JSON.parse(traits, (_, value) => (value && value.b64 !== undefined
        ? bytes(value.b64) : value));
    const model = { get: (name) => state[name], set: (name, value) => { state[name] = value; },
        on() {}, off() {}, save_changes() {}, send() {} };
    const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
    const view = (await import(url)).default;
    const began = performance.now();
    view.render({ model, el: document.querySelector("#place") });
    const ready = () => document.querySelector(".onco-stage[data-state=ready]");
    while (!ready()) await new Promise((done) => setTimeout(done, 20));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - began;
}
"""
MOVE = """
async (seconds) => {
    const host = document.querySelector(".onco-cy");
    const cy = host?._cyreg?.cy;
    const still = document.querySelector("#still");
    const [stamps, half] = [[], seconds / 2];
    let [moved, last, down] = [0, "", false];
    const at = (t) => ({ clientX: 500 + 200 * Math.sin(4 * t), clientY: 400 + 120 * Math.sin(3 * t),
        button: 0, buttons: 1, bubbles: true, cancelable: true });
    const hand = (t) => {
        if (!down && t < half) {
            host.firstElementChild.dispatchEvent(new PointerEvent("pointerdown", at(t)));
            host.firstElementChild.dispatchEvent(new MouseEvent("mousedown", at(t)));
            down = true;
        } else if (t < half) {
            host.firstElementChild.dispatchEvent(new PointerEvent("pointermove", at(t)));
            host.firstElementChild.dispatchEvent(new MouseEvent("mousemove", at(t)));
        } else if (down) {
            host.firstElementChild.dispatchEvent(new PointerEvent("pointerup", at(t)));
            host.firstElementChild.dispatchEvent(new MouseEvent("mouseup", at(t)));
            down = false;
        } else {
            host.firstElementChild.dispatchEvent(new WheelEvent("wheel",
                { ...at(t), deltaY: Math.sin(4 * t) > 0 ? -12 : 12 }));
        }
    };
    await new Promise((done) => {
        const step = (now) => {
            stamps.push(now);
            const t = (now - stamps[0]) / 1000;
            const state = !cy ? still.style.transform
                : host.style.transform + cy.zoom() + JSON.stringify(cy.pan());
            if (state !== last) moved += 1;
            last = state;
            if (t > seconds) { done(); return; }
            if (cy) hand(t);
            else still.style.transform = `translate(${99 * Math.sin(4 * t)}px, 0)`;
            requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
    });
    return [stamps, moved];
}
"""
# as many layers as the view has, with nothing but colour in them
STILL = """
() => {
    const still = document.createElement("div");
    still.id = "still";
    for (let k = 0; k < 5; k += 1) {
        const canvas = document.createElement("canvas");
        Object.assign(canvas, { width: 1000, height: 560 });
        canvas.style.cssText = "position: absolute; left: 0; top: 0";
        const context = canvas.getContext("2d");
        context.fillStyle = `hsl(${60 * k} 50% 50% / 50%)`;
        context.fillRect(50 * k, 50 * k, 500, 300);
        still.append(canvas);
    }
    document.querySelector("#place").append(still);
}
"""
ANEW = """
async () => {
    const cy = document.querySelector(".onco-cy")._cyreg.cy;
    const took = [];
    for (let k = 0; k < 5; k += 1) {
        const began = performance.now();
        cy.panBy({ x: 3, y: 1 });
        await new Promise((done) => { cy.one("render", done); setTimeout(done, 5000); });
        took.push(performance.now() - began);
    }
    return took.sort((a, b) => a - b)[2];
}
"""


def cohort(count: int) -> PatientGraph:
    """A made-up cohort graph: patients with studies, images, segments, findings and facts."""
    graph = PatientGraph(patients={})
    kinds = ("study", "image", "segment", "finding", "fact", "fact", "event", "measurement")
    number = 0
    while graph.number_of_nodes() < count:
        key = f"made-up-{number:04d}"
        person = f"onco:{key}/patients/{key}"
        graph.graph["patients"][key] = 1
        graph.add_node(person, kind="patient", name=key, patient=key, day=None, synthetic=True)
        before = person
        for place in range(24):
            if graph.number_of_nodes() >= count:
                break
            kind = kinds[place % len(kinds)]
            node = f"onco:{key}/{kind.replace(' ', '-')}s/{place}"
            day = None if kind == "fact" else (number * 37 + place // 8 * 90) % 720
            graph.add_node(node, kind=kind, name=f"{kind} {place}", patient=key, day=day,
                           synthetic=True)  # fmt: skip
            graph.add_edge(person, node, "has", kind="has", day=day, by="made up")
            if kind in ("segment", "finding", "measurement"):
                graph.add_edge(node, before, "lies_on", kind="lies_on", day=day, by="made up")
            before = node
        number += 1
    return graph


def state(view: GraphView) -> str:
    """The traits as JSON, bytes as base64."""

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return {"b64": base64.b64encode(value).decode()}
        raise TypeError(type(value).__name__)

    return json.dumps({name: getattr(view, name) for name in TRAITS}, default=plain)


def moved(page: Page, seconds: float) -> tuple[float, float, float, float]:
    """Drag with the mouse for a half, turn the wheel for the other; what the frames were.

    Returns
    -------
    tuple of float
        Median frames a second, p95 and longest frame in ms, and frames a second in which the
        graph stood elsewhere than in the one before.
    """
    stamps, drawn = page.evaluate(MOVE, seconds)
    gaps = sorted(b - a for a, b in pairwise(stamps))
    p95 = gaps[min(len(gaps) - 1, int(0.95 * len(gaps)))]
    lasted = (stamps[-1] - stamps[0]) / 1000
    return 1000 / statistics.median(gaps), p95, gaps[-1], drawn / lasted


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    asked = parser.parse_args()
    graph = cohort(asked.nodes)
    module, style = esm("graph_view.js"), css("theme.css", "graph_view.css")
    print(f"{graph!r}; load of the machine {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    print(
        f"{'':22}{'median fps':>11}{'p95 ms':>9}{'longest':>9}{'moved/s':>9}{'first s':>9}"
        f"{'drawn anew ms':>15}"
    )
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=asked.chromium, headless=True, args=FLAGS,
            viewport={"width": 1280, "height": 900},
        )  # fmt: skip
        for _ in range(asked.repeat):
            for name in (
                "a still picture",
                "canvas, in time",
                "webgl, in time",
                "canvas, by force",
            ):
                page = context.new_page()
                page.set_content('<body data-jp-theme-light="true"><div id="place"></div>')
                first = 0.0
                page.evaluate(STILL)
                if name != "a still picture":
                    layout = "force" if "force" in name else "time"
                    page.evaluate("document.querySelector('#still').remove()")
                    view = GraphView(graph, renderer=name.split(",")[0], layout_by=layout)
                    first = page.evaluate(START, [module, style, state(view)]) / 1000
                fps, p95, longest, drawn = moved(page, asked.seconds)
                anew = page.evaluate(ANEW) if first else 0.0
                print(f"{name:22}{fps:11.1f}{p95:9.0f}{longest:9.0f}{drawn:9.1f}{first:9.2f}"
                      f"{anew:15.0f}", flush=True)  # fmt: skip
                picture = Path(tempfile.gettempdir()) / f"graph_{name.replace(', ', '_')}.png"
                page.screenshot(path=picture)
                page.close()
        context.close()


if __name__ == "__main__":
    main()
