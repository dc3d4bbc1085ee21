"""The napari plugin: the patients of a store on the desktop, and masks that are edited there."""
