"""medspaCy on texts from stdin (JSON), in an environment of its own: reports per CPU second.

Target matcher and ConText with a short list of words, as in the prototype.
"""

from __future__ import annotations

import json
import sys
import time

WORDS = {
    "Cardiomegaly": [
        "cardiomegaly", "enlarged heart", "heart is enlarged", "cardiac silhouette is enlarged",
        "heart size is enlarged", "heart is mildly enlarged", "cardiac enlargement",
        "heart size is mildly enlarged", "cardiac silhouette is mildly enlarged",
        "enlarged cardiac silhouette", "enlargement of the cardiac silhouette",
    ],
    "Pleural Effusion": ["effusion", "effusions", "pleural fluid", "costophrenic blunting"],
    "Atelectasis": ["atelectasis", "atelectatic"],
    "Pneumothorax": ["pneumothorax", "pneumothoraces"],
    "Edema": [
        "edema", "vascular congestion", "pulmonary congestion", "venous congestion",
        "heart failure", "chf",
    ],
    "Consolidation": ["consolidation", "consolidations", "consolidative"],
    "Pneumonia": ["pneumonia", "pneumonias"],
    "Lung Opacity": [
        "opacity", "opacities", "infiltrate", "infiltrates", "airspace disease", "density",
        "densities", "opacification",
    ],
    "Lung Lesion": ["nodule", "nodules", "nodular", "mass", "masses"],
    "Fracture": ["fracture", "fractures", "fractured"],
    "Support Devices": [
        "catheter", "picc", "port", "pacemaker", "tube", "central line", "leads", "stent", "icd",
        "defibrillator",
    ],
    "Emphysema/COPD": [
        "emphysema", "emphysematous", "copd", "hyperexpanded", "hyperinflated", "hyperinflation",
        "hyperexpansion",
    ],
    "Granuloma": ["granuloma", "granulomas", "granulomatous"],
    "Hiatal hernia": ["hiatal hernia"],
}  # fmt: skip


def main() -> None:
    """Read texts, print the rate."""
    from loguru import logger

    logger.remove()
    import medspacy
    from medspacy.ner import TargetRule

    texts = json.load(sys.stdin)
    pipes = ["medspacy_pyrush", "medspacy_target_matcher", "medspacy_context"]
    reader = medspacy.load(medspacy_enable=pipes)
    rules = [TargetRule(word, name) for name, words in WORDS.items() for word in words]
    reader.get_pipe("medspacy_target_matcher").add(rules)
    reader("No nodule.")
    began = time.process_time()
    for _ in reader.pipe([text.lower() for text in texts], batch_size=64):
        pass
    print(len(texts) / (time.process_time() - began))


if __name__ == "__main__":
    main()
