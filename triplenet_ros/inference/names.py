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

"""What a predictor can be asked for, by name; nothing heavy is imported to know it."""

from typing import Optional, Sequence

from triplenet_ros.errors import InputError

BACKEND_NAMES = ('torch', 'inductor', 'onnxruntime', 'openvino')
PRECISIONS = ('float32', 'float16', 'bfloat16', 'int8')
TASKS = ('detection', 'segmentation')
AUTO = 'auto'
_SIDES = range(64, 4097, 32)
"""Of an input, pixels: whole cells of the encoder's coarsest map."""


def read_input_size(text: str) -> Optional[tuple[int, int]]:
    """
    Read how large the images are made that a network sees.

    :param text: ``'544x960'``, rows x columns; AUTO: as large as those that it learned from
    :return: (rows, columns), or None for AUTO
    :raises InputError: for anything else
    """
    if text == AUTO:
        return None
    height, _, width = text.lower().partition('x')
    if not all(side.isdecimal() and int(side) in _SIDES for side in (height, width)):
        raise InputError(f'input_size is {text!r}, must be {AUTO} or HxW, rows x columns, each a '
                         f'multiple of {_SIDES.step} from {_SIDES.start} to {_SIDES[-1]}')
    return int(height), int(width)


def check_tasks(tasks: Sequence[str]) -> None:
    """
    Refuse tasks that no network has.

    :raises InputError: if they are none, or not all of TASKS
    """
    if not tasks or not set(tasks) <= set(TASKS):
        raise InputError(f'tasks is {list(tasks)}, must be some of {", ".join(TASKS)}')
