"""Sphinx: `sphinx-build -W docs docs/_build`."""

from importlib.metadata import version as installed

project = "wave_pms_sync"
author = "The wave_pms_sync authors"
copyright = "The wave_pms_sync authors"
release = version = installed("wave_pms_sync")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # links to files of the repository, outside these pages

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "mixed"
napoleon_numpy_docstring = False
default_role = "code"

html_theme = "furo"
html_title = f"wave_pms_sync {version}"
