"""The models: arrays in, frozen result objects out; nothing here draws or knows of widgets.

Each module is imported when used: `from vmo_edu.models import tracking`.
"""
