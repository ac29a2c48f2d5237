"""Boxes and labels of road scenes: one image, one forward pass of one network."""

from typing import Any

__all__ = ['Prediction', 'Predictor']
__version__ = '0.1.0'


def __getattr__(name: str) -> Any:
    """Import the public names when they are asked for: importing torch takes seconds."""
    if name == 'Predictor':
        from triplenet_ros.inference.predictor import Predictor
        return Predictor
    if name == 'Prediction':
        from triplenet_ros.inference.prediction import Prediction
        return Prediction
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
