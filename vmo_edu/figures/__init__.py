"""The pictures: each scene is drawn once with matplotlib and then only changes its live parts.

Import the module of the scene: `from vmo_edu.figures.tracking import TrackingScene`.
"""
