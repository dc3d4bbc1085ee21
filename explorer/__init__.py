"""What is known about a patient, and where it lies."""

import os

# Icechunk 1.x prints its warnings to stdout, where programs read JSON; it looks once, at import.
os.environ.setdefault("ICECHUNK_LOG", "error")

from explorer.address import Address
from explorer.anchor import Anchor
from explorer.demo import demo_store
from explorer.errors import OncographError
from explorer.image import Image
from explorer.patient import Patient
from explorer.report import Report
from explorer.segmentation import Segmentation
from explorer.store import Store
from explorer.store import open_store as open

__all__ = [
    "Address",
    "Anchor",
    "Image",
    "OncographError",
    "Patient",
    "Report",
    "Segmentation",
    "Store",
    "demo_store",
    "open",
]

__version__ = "0.1.0"
