"""FusionView: train a model of several modalities on a cohort, and see why it says what it says."""

from __future__ import annotations

import base64
import time
from typing import Any

import anywidget
import traitlets as t
from matplotlib.figure import Figure

from explorer.address import Address
from explorer.errors import NotFoundError, OncographError
from explorer.facets import facets
from explorer.store import Store
from graphs.fusion_model import Prediction
from graphs.fusion_models import fusion_models, make_model
from graphs.outcome import Outcome
from graphs.outcomes import outcomes
from widgets.esm import css, esm
from widgets.fusion_figure import fusion_figure
from widgets.fusion_training import FusionTraining
from widgets.selection import Selection

_NONE = (
    "No model is installed. oncograph brings none yet; a package offers one by the entry point "
    "group 'oncograph.models' (see graphs.fusion_model), and it appears here once it is installed."
)
_EVERY = 0.5  # seconds between two pictures of a running training


class FusionView(anywidget.AnyWidget):
    """Choose a model and a cohort, train with progress and stop, look at curves and predictions.

    A prediction is shown with the evidence of each modality as addresses; picking one picks it in
    the selection. For research: nothing here is a diagnosis.

    Parameters
    ----------
    store : Store
    selection : Selection, optional
        Shared with other views; its own by default.
    cohort : iterable of str, or a view with `chosen`, optional
        Keys of patients; a view is followed. All patients by default.
    seed : int
        Of the split and the model.

    Attributes
    ----------
    selection : Selection
    outcomes : dict of str to Outcome
        That can be trained for; add your own from facts (`Outcome.of_facts`).
    training : FusionTraining or None
        The last run.
    prediction : Prediction or None
        The one that is shown.
    """

    _esm = esm("fusion.js")
    _css = css("theme.css", "fusion.css")

    _offer = t.Dict().tag(sync=True)
    _run = t.Dict().tag(sync=True)
    _said = t.Dict().tag(sync=True)
    _note = t.Unicode("").tag(sync=True)

    def __init__(
        self,
        store: Store,
        selection: Selection | None = None,
        *,
        cohort: Any = None,
        seed: int = 0,
    ) -> None:
        self.store, self.seed = store, seed
        self.selection = Selection() if selection is None else selection
        self.facets = facets(store)
        self.outcomes: dict[str, Outcome] = {
            name: one for name, one in outcomes(store, self.facets).items() if one.unit
        }
        self.training: FusionTraining | None = None
        self.prediction: Prediction | None = None
        self._colors = {"ink": "#222222", "ground": "#ffffff"}
        self._drawn = 0.0
        self.cohort: tuple[str, ...] = self.facets.keys_of
        super().__init__()
        if isinstance(cohort, t.HasTraits):
            cohort.observe(self._on_cohort, "chosen")
            self.cohort = tuple(cohort.chosen)  # type: ignore[attr-defined]
        elif cohort is not None:
            self.cohort = tuple(cohort)
        self.on_msg(self._on_message)
        self.selection.observe(self._on_lit, "lit")
        self.refresh()
        self._show_run()

    def refresh(self) -> None:
        """Look again which models and outcomes there are."""
        models = list(fusion_models())
        self._offer = {
            "models": models, "none": "" if models else _NONE, "patients": len(self.cohort),
            "outcomes": list(self.outcomes),
            "no_outcome": "" if self.outcomes else (
                "No table of the store was read as an outcome: add one in Python, "
                "view.outcomes[name] = Outcome.of_facts(...), then view.refresh()."
            ),
        }  # fmt: skip

    def train(self, model: str, outcome: str) -> FusionTraining:
        """Begin to train; it goes on beside the notebook.

        Parameters
        ----------
        model : str
            One of `fusion_models`.
        outcome : str
            One of `outcomes`.

        Returns
        -------
        FusionTraining
            Has `stop` and `wait`.

        Raises
        ------
        NotFoundError
            There is no such model or outcome.
        OncographError
            A training is running.
        """
        if outcome not in self.outcomes:
            raise NotFoundError(f"No outcome {outcome!r}", expected=f"one of {list(self.outcomes)}")
        if self.training is not None and self.training.state in ("running", "stopping"):
            raise OncographError("A training is running", do="stop it, or wait for its end")
        made = make_model(model)
        self.prediction = None
        self._said = {}
        self.training = FusionTraining(
            self.store, made, self.facets, self.outcomes[outcome], self.cohort, self._on_change,
            self.seed,
        )  # fmt: skip
        self.training.start()
        return self.training

    def predict(self, patient: str) -> Prediction:
        """Predict for a patient, by key or identifier, and show it.

        Raises
        ------
        NotFoundError
            No model is trained, or there is no such patient.
        """
        run = self.training
        if run is None or run.state != "done":
            raise NotFoundError("No model is trained", do="train one first")
        one = self.store[patient]
        self.prediction = run.model.predict(one)
        found = self.prediction
        tested = one.key in {made.patient for made in run.predictions}
        seen = "not in the cohort" if one.key not in run.keys else (
            "among the tested: the model has not seen this patient" if tested
            else "trained on: the model knows this patient, so this is no test of it"
        )  # fmt: skip
        self._said = {
            "label": one.label, "risk": found.risk, "lower": found.lower, "upper": found.upper,
            "probability": found.probability, "what": found.what, "seen": seen,
            "horizon": f"{run.scores.horizon:g} {run.scores.unit}" if run.scores else "",
            "evidence": [
                [item.modality, item.address, item.text, item.weight] for item in found.evidence
            ],
            "made": [[name, str(value)] for name, value in vars(found.provenance).items()],
            "lit": list(self.selection.lit),
        }  # fmt: skip
        return found

    def figure(self, **options: Any) -> Figure:
        """Loss curves and calibration of the last training; see `fusion_figure`."""
        run = self.training
        epochs, scores = (run.epochs, run.scores) if run else ([], None)
        return fusion_figure(epochs, scores, self._title(), **options)

    def _title(self) -> str:
        run = self.training
        return f"{run.model.name}, {len(run.keys)} patients" if run else "No model is trained"

    def _on_cohort(self, change: Any) -> None:
        self.cohort = tuple(change["new"])
        self._offer = {**self._offer, "patients": len(self.cohort)}

    def _on_change(self) -> None:
        """Called by the training's own thread."""
        run = self.training
        over = run is not None and run.state not in ("running", "stopping")
        if over or time.monotonic() - self._drawn > _EVERY:
            self._drawn = time.monotonic()
            self._show_run()

    def _show_run(self) -> None:
        run = self.training
        if run is None:
            self._run = {"state": "none"}
            return
        png = self.figure(**self._colors)._repr_png_()  # type: ignore[attr-defined]
        last, score = (run.epochs[-1] if run.epochs else None), run.scores
        text = ""
        if score is not None:
            text = (
                f"c-index {score.concordance:.3f} ({score.lower:.3f} to {score.upper:.3f}) on "
                f"{score.n} patients with {score.events} events that were not trained on"
            )
        self._run = {
            "state": run.state, "message": run.message, "score": text,
            "epoch": last.number if last else 0, "of": last.of if last else 0,
            "train": last.train if last else None,
            "picture": f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}",
            "alt": f"Loss and calibration of {self._title()}. {text}",
        }  # fmt: skip

    def _on_lit(self, _: Any) -> None:
        if self._said:
            self._said = {**self._said, "lit": list(self.selection.lit)}

    def _on_message(self, _: Any, message: Any, __: Any) -> None:
        """What was done in the browser."""
        try:
            self._note = ""
            self._do(dict(message))
        except (OncographError, ValueError) as error:
            self._note = str(error)

    def _do(self, message: dict[str, Any]) -> None:
        what = message.get("do")
        if what == "train":
            self.train(str(message["model"]), str(message["outcome"]))
            self._show_run()
        elif what == "stop" and self.training is not None:
            self.training.stop()
            self._show_run()
        elif what == "predict":
            self.predict(str(message["patient"]) or self._selected())
        elif what == "pick":
            self.selection.pick(str(message["address"]), by=type(self).__name__)
        elif what == "theme":
            self._colors = {name: str(message.get(name) or self._colors[name])
                            for name in self._colors}  # fmt: skip
            self._show_run()

    def _selected(self) -> str:
        keys = [Address.parse(one).key for one in self.selection.lit]
        if not keys:
            raise NotFoundError("No patient is selected", do="pick one, or type who it is")
        return keys[0]
