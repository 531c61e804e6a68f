"""The mechanics behind `vmo_edu.models.tracking`: parameters, geometry, potential and solver of the patella.

Read them in that order; each file is one step from the knee's inputs to the equilibrium of the patella.
"""
