"""Jacobians read off pullbacks: see `tensor.linear`."""

from .tensor.linear import SEED, coefficient, contracted, local_jacobians

__all__ = ["SEED", "coefficient", "contracted", "local_jacobians"]
