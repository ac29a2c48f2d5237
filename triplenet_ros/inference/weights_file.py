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

"""Which file weights are in; what only asks for it need not load torch."""

from pathlib import Path
from typing import Union

from triplenet_ros.errors import InputError

SHIPPED = Path(__file__).parents[1] / 'weights'


def find_weights(weights: Union[str, Path]) -> Path:
    """
    Return the file of shipped weights by name, or of a path.

    :raises InputError: if there is neither
    """
    shipped = {path.stem: path for path in sorted(SHIPPED.glob('*.safetensors'))}
    path = shipped.get(str(weights), Path(weights))
    if not path.is_file():
        raise InputError(f'no weights {str(weights)!r}: give a .safetensors file, an exported '
                         f'.onnx or .xml, or one of {", ".join(shipped) or "no shipped names"}')
    return path
