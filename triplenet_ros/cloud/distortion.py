# Copyright 2026 triplenet_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""
How a lens bends what a pinhole would show, in the models of sensor_msgs/CameraInfo.

A calibration holds inside the image alone. Far outside of it the polynomials turn back and would
bring points into the image that the camera cannot see; each model ends where it first turns.
"""

from typing import Callable

import numpy as np
from numpy.polynomial import Polynomial

from triplenet_ros.errors import InputError

Distort = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def _polynomial(x: np.ndarray, y: np.ndarray, coefficients: np.ndarray) -> tuple:
    """Bend by k1 k2 p1 p2 k3 k4 k5 k6 s1 s2 s3 s4, radial, tangential and thin prism."""
    k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4 = coefficients
    above, below = Polynomial([1, k1, k2, k3]), Polynomial([1, k4, k5, k6])
    square = x * x + y * y
    square[square >= _turn_of_ratio(above, below)] = np.nan
    scale = above(square)
    if k4 or k5 or k6:
        scale /= below(square)
    product = 2 * x * y
    bent_x = x * scale + p1 * product + p2 * (square + 2 * x * x)
    bent_y = y * scale + p2 * product + p1 * (square + 2 * y * y)
    if s1 or s2 or s3 or s4:
        bent_x += square * (s1 + s2 * square)
        bent_y += square * (s3 + s4 * square)
    return bent_x, bent_y


def _equidistant(x: np.ndarray, y: np.ndarray, coefficients: np.ndarray) -> tuple:
    """Bend by k1 k2 k3 k4, powers of the angle to the optical axis."""
    bend = Polynomial([1, *coefficients])
    turn = _first_root(Polynomial([1, *coefficients * (3, 5, 7, 9)]))
    radius = np.hypot(x, y)
    angle = np.arctan(radius)
    angle[angle * angle >= turn] = np.nan
    # On the axis itself angle and radius are the same.
    scale = np.divide(angle, radius, out=np.ones_like(radius), where=radius > 0)
    scale *= bend(angle * angle)
    return x * scale, y * scale


def _turn_of_ratio(above: Polynomial, below: Polynomial) -> float:
    """Return the squared radius r2 up to which r * above(r2) / below(r2) grows."""
    square = Polynomial([0, 1])
    slope = (above + 2 * square * above.deriv()) * below - 2 * square * above * below.deriv()
    return min(_first_root(slope), _first_root(below))


def _first_root(polynomial: Polynomial) -> float:
    """Return the smallest positive root; infinity if there is none."""
    roots = polynomial.trim().roots()
    real = roots.real[np.abs(roots.imag) <= 1e-9 * np.abs(roots)]
    return min(real[real > 0], default=np.inf)


_MODELS: dict[str, tuple[Distort, int]] = {
    'plumb_bob': (_polynomial, 12), 'rational_polynomial': (_polynomial, 12),
    'equidistant': (_equidistant, 4)}


class Distortion:
    """
    Bends the rays of one lens.

    :param model: ``plumb_bob``, ``rational_polynomial`` or ``equidistant``; any where all
        coefficients are 0
    :param coefficients: as OpenCV orders them; those left out are 0
    :raises InputError: if the model or one of its coefficients is not known here
    """

    def __init__(self, model: str, coefficients: np.ndarray) -> None:
        """Check that the model is known."""
        given = np.trim_zeros(np.asarray(coefficients, np.float64), 'b')
        self._bend: Distort = _unbent
        self._coefficients = given
        if not len(given):
            return
        if model not in _MODELS:
            raise InputError(f'distortion model is {model!r}, must be one of '
                             f'{", ".join(_MODELS)}')
        self._bend, count = _MODELS[model]
        if len(given) > count:
            raise InputError(f'{model} has {len(given)} coefficients, must be at most {count}')
        self._coefficients = np.pad(given, (0, count - len(given)))

    def __call__(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        Return where rays meet the plane at distance 1 behind the lens.

        :param x: (N,) float64, where they meet it without the lens
        :param y: (N,) float64
        :returns: (N,) and (N,) float64; NaN where the model does not hold
        """
        return self._bend(x, y, self._coefficients)


def _unbent(x: np.ndarray, y: np.ndarray, _coefficients: np.ndarray) -> tuple:
    return x, y
