"""Errors of reports, graphs and groundings."""

from __future__ import annotations

from explorer.errors import OncographError


class ExtractionRefusedError(OncographError, ValueError):
    """An extractor's answer that cannot be taken; the reason becomes the run's state."""


class FormatError(OncographError, ValueError):
    """A document that is not of the format that it is read as."""


class ModelFolderError(OncographError, FileNotFoundError):
    """A local model folder that lacks a file, or holds another model; the message names it."""


class GroundingError(OncographError, ValueError):
    """A grounding that cannot be computed or stored."""


class MeasureError(OncographError, ValueError):
    """A mask or image that cannot be measured: empty, of other dims, without a place in mm."""


class FollowError(OncographError, ValueError):
    """Visits, images or a batch that cannot be put together over time."""


class ProjectionError(OncographError, ValueError):
    """A projection that cannot be had from this image; the message says why."""


class CheckError(OncographError, ValueError):
    """A text that offers no place for an error, or a check that cannot run."""


class ExamplesError(OncographError, ValueError):
    """Features, outcomes or graphs do not fit together, or a model cannot use them."""


class ModelError(OncographError, ValueError):
    """A model cannot be fitted, saved, loaded or used so."""


class DeviceError(OncographError, RuntimeError):
    """A device is asked for that this machine does not have."""


class ConfigError(OncographError, ValueError):
    """A configuration of a run says something else than a run."""
