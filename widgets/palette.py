"""Colours that mean something, the same in every view and figure.

Okabe and Ito's set (https://jfly.uni-koeln.de/color/), which people of any colour vision tell
apart; text is never written in them: they mark, and the words beside them say the same.
"""

from __future__ import annotations

from explorer.okabe_ito import BLUE as BLUE
from explorer.okabe_ito import GREEN as GREEN
from explorer.okabe_ito import GREY as GREY
from explorer.okabe_ito import ORANGE as ORANGE
from explorer.okabe_ito import PURPLE as PURPLE
from explorer.okabe_ito import SKY as SKY
from explorer.okabe_ito import VERMILION as VERMILION
from explorer.okabe_ito import YELLOW as YELLOW

#: How a report says a finding.
ASSERTIONS = {"present": BLUE, "uncertain": ORANGE, "absent": GREY}

#: What a check says of a finding.
VERDICTS = {"agrees": GREEN, "contradicts": VERMILION, "cannot tell": GREY}

#: How a grounding stands.
GROUNDINGS = {"accepted": GREEN, "proposed": SKY, "rejected": VERMILION, "abstained": GREY}

#: What is selected, everywhere.
SELECTED = "#ffb000"

#: Kinds of nodes of the patient graph, by what they belong to.
NODES = {
    **dict.fromkeys(("patient", "study"), "#4d4d4d"),
    **dict.fromkeys(("image", "waveform", "slide"), BLUE),
    **dict.fromkeys(("segment", "lesion", "region", "anatomy"), GREEN),
    **dict.fromkeys(("report", "sentence", "finding", "observation"), ORANGE),
    **dict.fromkeys(("grounding", "measurement"), SKY),
    **dict.fromkeys(("fact", "gene set"), PURPLE),
    **dict.fromkeys(("treatment", "outcome", "event"), VERMILION),
    "prediction": YELLOW,
}
