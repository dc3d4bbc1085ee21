"""FusionView: train a model of several modalities on a cohort, and see why it says what it says."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import traitlets as t
from matplotlib.figure import Figure

from explorer.address import Address
from explorer.errors import NotFoundError, OncographError
from explorer.facets import facets
from explorer.store import Store
from graphs.features.known_rows import KnownRows
from graphs.features.spec import Spec
from graphs.models.missing_models import missing_models
from graphs.models.models import make_model, models
from graphs.outcome import Outcome
from graphs.outcomes import outcomes
from graphs.predict import predict
from graphs.prediction import Prediction
from widgets.esm import css, esm
from widgets.fusion_figure import fusion_figure
from widgets.fusion_training import FusionTraining
from widgets.prediction_shown import prediction_shown
from widgets.selection import Selection
from widgets.training_shown import training_shown
from widgets.whole_widget import WholeWidget

_NONE = (
    "No model is installed. A package offers one by the entry point group 'oncograph.models' (see "
    "graphs.models.model), and it appears here once it is installed."
)
_HALVES = 20
_EVERY = 0.5  # seconds between two pictures of a running training


class FusionView(WholeWidget):
    """Choose a model and a cohort, train with progress and stop, look at curves and predictions.

    A prediction is shown with the evidence of each modality as addresses; picking one picks it in
    the selection, and it is kept among the patient's items on demand. How the model does against
    the best single modality is told in words. For research: nothing here is a diagnosis.

    Parameters
    ----------
    store : Store
    selection : Selection, optional
        Shared with other views; its own by default.
    cohort : iterable of str, or a view with `chosen`, optional
        Keys of patients; a view is followed. All patients by default.
    seed : int
        Of the split and the model.
    spec : Spec, mapping or path, optional
        Features by modality, as `graphs.features.features` takes them; by default all facts and
        vectors that say nothing of how it went.

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
        spec: Any = None,
    ) -> None:
        self.store, self.seed = store, seed
        self.spec = (
            Spec.default(KnownRows(store.cohort())) if spec is None else Spec.of(spec)
        )  # fmt: skip
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
        missing = missing_models()
        found = [name for name in models() if name not in missing]
        self._offer = {
            "models": found, "none": "" if found else _NONE,
            "missing": list(missing.values()), "modalities": list(self.spec.modalities),
            "patients": len(self.cohort),
            "outcomes": list(self.outcomes),
            "no_outcome": "" if self.outcomes else (
                "No table of the store was read as an outcome: add one in Python, "
                "view.outcomes[name] = Outcome.of_facts(...), then view.refresh()."
            ),
        }  # fmt: skip

    def train(
        self,
        model: str,
        outcome: str,
        modalities: Sequence[str] | None = None,
        *,
        intervals: bool = False,
    ) -> FusionTraining:
        """Begin to train; it goes on beside the notebook.

        Parameters
        ----------
        model : str
            One of `graphs.models.models.models`, for survival.
        outcome : str
            One of `outcomes`.
        modalities : sequence of str, optional
            Those of the spec to take; all by default.
        intervals : bool
            Whether the model is fitted 20 times more, on random halves, so that predictions have
            an interval.

        Returns
        -------
        FusionTraining
            Has `stop` and `wait`.

        Raises
        ------
        NotFoundError
            There is no such model or outcome.
        OncographError
            A training is running, or the model is not for survival.
        """
        if outcome not in self.outcomes:
            raise NotFoundError(f"No outcome {outcome!r}", expected=f"one of {list(self.outcomes)}")
        if self.training is not None and self.training.state in ("running", "stopping"):
            raise OncographError("A training is running", do="stop it, or wait for its end")
        made = make_model(model, seed=self.seed)
        if "survival" not in made.KINDS:
            raise OncographError(
                f"The model {model!r} is for {', '.join(made.KINDS)}",
                expected="one of times to an event, which is what is trained here",
                do="graphs.evaluate, or oncograph evaluate, for other outcomes",
            )
        self.prediction = None
        self._said = {}
        self.training = FusionTraining(
            self.store, made, self.facets, self.outcomes[outcome], outcome, self.cohort,
            self._on_change, modalities=modalities, spec=self.spec,
            halves=_HALVES if intervals else 0,
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
        self.prediction = predict(
            run.model, run.of_patient(one.key), store=self.store, keep=False,
            ensemble=run.ensemble,
        )[0]  # fmt: skip
        self._said = prediction_shown(self.prediction, one.label, run, self.selection.lit)
        return self.prediction

    def keep(self) -> Prediction:
        """Write the prediction that is shown among the patient's items, flagged as predicted.

        Raises
        ------
        NotFoundError
            None is shown.
        """
        run = self.training
        if self.prediction is None or run is None or not self._said:
            raise NotFoundError("No prediction is shown", do="predict first")
        key = self.prediction.patient
        self.prediction = predict(
            run.model, run.of_patient(key), store=self.store, ensemble=run.ensemble
        )[0]
        self._said = {**self._said, "kept": self.prediction.address}
        return self.prediction

    def figure(self, **options: Any) -> Figure:
        """Loss curves and calibration of the last training; see `fusion_figure`."""
        run = self.training
        epochs, scores = (run.epochs, run.scores) if run else ([], None)
        return fusion_figure(epochs, scores, self._title(), **options)

    def _title(self) -> str:
        run = self.training
        return f"{run.model.NAME}, {len(run.keys)} patients" if run else "No model is trained"

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
        self._run = training_shown(run, self._title(), png)

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
            taken = message.get("modalities")
            self.train(str(message["model"]), str(message["outcome"]),
                       None if taken is None else [str(one) for one in taken],
                       intervals=bool(message.get("intervals")))  # fmt: skip
            self._show_run()
        elif what == "stop" and self.training is not None:
            self.training.stop()
            self._show_run()
        elif what == "predict":
            self.predict(str(message["patient"]) or self._selected())
        elif what == "keep":
            self.keep()
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
