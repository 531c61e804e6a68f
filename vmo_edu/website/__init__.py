"""The course as a static site: every lesson as a page with its live explorers, for readers without Python.

`python3 run.py site` writes it to `site/`. It is built offline, names no other host but in links to
sources, and needs no server. The notebooks are taken as they are stored; only the explorers' models run.
"""

from vmo_edu.website.build import BuildError, build
from vmo_edu.website.check import faults

__all__ = ["BuildError", "build", "faults"]
