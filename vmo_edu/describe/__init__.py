"""Results in plain English: the live text under each picture, its alternative text, and quiz feedback.

Pure functions of model results: one module per lesson, no drawing, no widgets.
"""
