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

"""Pictures of more than 8 bits as pictures of 8."""

import logging
from typing import Callable

import numpy as np

from triplenet_ros.errors import InputError

Tell = Callable[[str], None]

_LOG = logging.getLogger('triplenet_ros')
_KEPT = 8
_DEPTHS = (8, 10, 12, 14, 16)


class BitDepth:
    """
    Scales pictures of one stream by what they hold.

    A camera of 12 bits sends them in numbers of 16, without a word on how many are used: taken as
    16 its pictures are all but black. The depth is that of the brightest pixel so far, so that the
    pictures of a stream are scaled alike.

    :param tell: gets a line wherever pictures are not scaled as their type says
    """

    def __init__(self, tell: Tell = _LOG.warning) -> None:
        """Begin with nothing seen."""
        self._tell = tell
        self._bits = 0
        self._top = 0.0

    def narrow(self, values: np.ndarray, name: str) -> np.ndarray:
        """
        Return a picture as uint8.

        :param values: uint8, uint16 or floats of any shape; floats are 0 .. 1 or 0 .. 255, what is
            not finite becomes 0
        :param name: of the picture's type, for messages
        :raises InputError: for other types, and floats above 255
        """
        if values.dtype == np.uint8:
            return values
        if values.dtype == np.uint16:
            return self._from_integers(values, name)
        if values.dtype.kind == 'f':
            return self._from_floats(values, name)
        raise InputError(f'{name} holds {values.dtype}, known are uint8, uint16 and floats')

    def _from_integers(self, values: np.ndarray, name: str) -> np.ndarray:
        brightest = int(values.max(initial=0))
        bits = next(bits for bits in _DEPTHS if brightest < 1 << bits)
        if bits > self._bits:
            self._bits = bits
            if bits < 16:
                self._tell(f'{name} is taken as {bits} bits, not 16: more it does not hold')
        return (values >> (self._bits - _KEPT)).astype(np.uint8)

    def _from_floats(self, values: np.ndarray, name: str) -> np.ndarray:
        finite = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
        top = float(finite.max(initial=0))
        if top > 255:
            raise InputError(f'{name} holds up to {top:g}, known are floats of 0 .. 1 and '
                             '0 .. 255')
        if top > 1 >= self._top:
            self._tell(f'{name} is taken as 0 .. 255, not 0 .. 1: more it holds')
        self._top = max(self._top, top)
        scale = 255 if self._top <= 1 else 1
        return (finite.clip(0, None) * scale + 0.5).astype(np.uint8)
