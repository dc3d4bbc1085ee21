"""TfidfEncoder: words or characters weighed by their rarity, fitted on training patients alone."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from graphs.encoders.encoder import Encoder
from graphs.errors import ExamplesError, ModelFolderError
from graphs.model_folder import CONFIG, WEIGHTS, model_folder

FORMAT = "oncograph.tfidf"
_MOST_TERMS = 20_000
# Letters of scripts that put no space between words.
_NO_SPACES = ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "THAI", "LAO ", "KHMER", "MYANMAR")


class TfidfEncoder(Encoder):
    """TF-IDF and a truncated SVD (latent semantic analysis, Deerwester et al. 1990).

    Made by `fit` or `load`. Vectors have length 1; a text without a known term is all zeros.

    Parameters
    ----------
    terms : sequence of str
        In the order of `idf`.
    idf : ndarray of float32, (term,)
    components : ndarray of float32, (dim, term)
    about : dict
        n-grams, seed and how many texts it was fitted on.
    trained_on : collection of str
        Keys of the patients.
    """

    TAKES: ClassVar[str] = "text"
    name = "oncograph.tfidf"

    def __init__(
        self, terms: Sequence[str], idf: NDArray[np.float32], components: NDArray[np.float32],
        about: dict[str, Any], trained_on: Collection[str],
    ) -> None:  # fmt: skip
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.terms = list(terms)
        self.idf, self.components = idf, components
        self.settings = dict(about)
        self.trained_on = frozenset(trained_on)
        self.dim = len(components)
        self._counter: Any = TfidfVectorizer(
            vocabulary={one: k for k, one in enumerate(self.terms)}, **_how(about["ngrams"])
        )
        self._counter.idf_ = idf.astype(np.float64)
        digest = hashlib.sha256(json.dumps([self.terms, sorted(self.trained_on)]).encode())
        for array in (idf, components):
            digest.update(np.ascontiguousarray(array, "<f4").tobytes())
        self.sha256 = digest.hexdigest()

    @classmethod
    def fit(
        cls, texts: Sequence[str], patients: Collection[str], *, dim: int = 128,
        ngrams: str = "auto", seed: int = 0,
    ) -> TfidfEncoder:  # fmt: skip
        """Learn terms, their rarity and the components.

        Parameters
        ----------
        texts : sequence of str
            Of training patients alone.
        patients : collection of str
            Their keys, kept so that a check for leaks can tell.
        dim : int
            At most; fewer where there are fewer texts or terms.
        ngrams : {'auto', 'words', 'characters'}
            One and two words, or one to three characters; 'auto' takes characters where a fifth
            of the letters or more are of a script without spaces (Chinese, Japanese, Thai).
        seed : int
            Of the SVD.

        Raises
        ------
        ExamplesError
            The texts hold no term that occurs.
        """
        from scipy.sparse.linalg import svds
        from sklearn.feature_extraction.text import TfidfVectorizer

        kind = _kind(texts) if ngrams == "auto" else ngrams
        counter: Any = TfidfVectorizer(max_features=_MOST_TERMS, **_how(kind))
        try:
            weighed = counter.fit_transform(texts)
        except ValueError as error:
            raise ExamplesError(f"No term in {len(texts)} texts") from error
        terms = list(counter.get_feature_names_out())
        most = min(dim, min(weighed.shape) - 1)
        if most < 1:
            components = np.eye(1, len(terms), dtype=np.float32)
        else:
            # ARPACK is exact; the start is what makes it the same twice
            start = np.random.default_rng(seed).standard_normal(min(weighed.shape))
            _, size, found = svds(weighed.astype(np.float64), k=most, v0=start)
            components = found[np.argsort(-size)].astype(np.float32)
            largest = np.abs(components).argmax(axis=1)
            components *= np.sign(components[np.arange(len(components)), largest])[:, None]
        about = {"ngrams": kind, "seed": seed, "texts": len(texts), "dim": len(components)}
        return cls(terms, counter.idf_.astype(np.float32), components, about, patients)

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts; see `Encoder.encode`."""
        if not len(batch):
            return np.zeros((0, self.dim), np.float32)
        found = self._counter.transform(batch) @ self.components.T.astype(np.float64)
        length = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.where(length > 0, length, 1), np.float32)

    def save(self, folder: str | Path) -> Path:
        """Write ``config.json`` (with the terms) and ``model.safetensors``."""
        from safetensors.numpy import save_file

        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        save_file(
            {"idf": self.idf, "components": np.ascontiguousarray(self.components)}, path / WEIGHTS
        )
        config = {
            "format": FORMAT, "version": 1, "about": self.settings, "terms": self.terms,
            "trained_on": sorted(self.trained_on or ()),
        }  # fmt: skip
        (path / CONFIG).write_text(json.dumps(config, ensure_ascii=False, indent=1), "utf-8")
        return path

    @classmethod
    def load(cls, folder: str | Path) -> TfidfEncoder:
        """Read what `save` wrote.

        Raises
        ------
        ModelFolderError
            A file is missing, or it is another model.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        place = model_folder(folder, parts=False)
        config = place.config
        place.expect(FORMAT)
        try:
            held = load_file(place.folder / WEIGHTS)
            terms, about = config["terms"], config["about"]
            if held["components"].shape[1:] != (len(terms),) or held["idf"].shape != (len(terms),):
                raise ValueError(f"{len(terms)} terms, {held['components'].shape} components")
            return cls(terms, held["idf"], held["components"], about, config["trained_on"])
        except (KeyError, TypeError, ValueError, SafetensorError) as error:
            raise ModelFolderError(
                f"{WEIGHTS} does not fit {CONFIG}: {error}", where=str(place.folder)
            ) from error


def _how(kind: str) -> dict[str, Any]:
    common = {"sublinear_tf": True, "lowercase": True}
    if kind == "words":
        return {**common, "analyzer": "word", "ngram_range": (1, 2)}
    if kind == "characters":
        return {**common, "analyzer": "char", "ngram_range": (1, 3)}
    raise ExamplesError(f"n-grams of {kind!r}", expected="auto, words or characters")


def _kind(texts: Sequence[str]) -> str:
    letters = [one for text in texts[:200] for one in text[:2000] if one.isalpha()]
    dense = sum(unicodedata.name(one, "").startswith(_NO_SPACES) for one in letters)
    return "characters" if letters and dense >= 0.2 * len(letters) else "words"
