"""The mechanics behind `vmo_edu.models.tracking`: one file for each step from a knee to its equilibrium.

Read them in this order: parameters (the table), geometry (what pulls where), potential (energy, gradient, Hessian; its
corners are rounded by smooth), newton (the equilibrium), sensitivity (what moves what).
"""
