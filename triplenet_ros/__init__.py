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

"""Boxes and labels of road scenes: one image, one forward pass of one network."""

from typing import Any

__all__ = ['Prediction', 'Predictor']
__version__ = '0.1.0'


def __getattr__(name: str) -> Any:
    """Import the public names when they are asked for: importing torch takes seconds."""
    if name == 'Predictor':
        from triplenet_ros.predictor import Predictor
        return Predictor
    if name == 'Prediction':
        from triplenet_ros.inference.prediction import Prediction
        return Prediction
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
