"""Okabe and Ito's colours, which people of any colour vision tell apart.

https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

ORANGE, SKY, GREEN, YELLOW = "#e69f00", "#56b4e9", "#009e73", "#f0e442"
BLUE, VERMILION, PURPLE, GREY = "#0072b2", "#d55e00", "#cc79a7", "#8a9096"
