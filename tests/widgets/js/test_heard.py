"""A page on which anywidget gives up on every view at once, as it does on a busy machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

# the two seconds that a module has to load are over before they begin
GIVE_UP = """
const timeout = AbortSignal.timeout.bind(AbortSignal);
const over = { addEventListener: (_, act) => act() };
AbortSignal.timeout = (ms) => (ms === 2000 ? over : timeout(ms));
"""


@pytest.fixture
def page(lab: Any) -> Iterator[Any]:
    notebook = lab.write(
        "heard.ipynb",
        [
            "import explorer; from widgets import CohortView, SliceView\n"
            "s = explorer.open(explorer.demo_store()); p = s['STS_002']",
            "c = CohortView(s); c",
            "v = SliceView(p.images['CT'], height=300); v",
            "v.crosshair = [4, 71, 81]; c.among([p.key], 'a test')",
        ],
    )
    lab.context.add_init_script(GIVE_UP)
    opened = lab.open(notebook)
    yield opened
    opened.close()


def test_views_hear_python_all_the_same(lab: Any, page: Any) -> None:
    for cell in range(3):
        lab.run(page, cell)
    total = page.locator(".onco-flow-total")
    expect(total).to_contain_text("patients")
    assert not total.inner_text().startswith("1 of")
    lab.settled(page)  # planes come as messages
    lab.run(page, 3)
    expect(page.locator(".onco-voxel")).to_have_text("voxel zyx 4, 71, 81")
    lab.settled(page)
    expect(total).to_contain_text("1 of")
    assert lab.faults == []
