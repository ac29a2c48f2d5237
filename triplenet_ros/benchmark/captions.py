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

"""What a row is called in a picture: only that which tells it from the others."""

from typing import Any, Sequence

from triplenet_ros.benchmark.subject import TORCHVISION
from triplenet_ros.benchmark.table import backend_text, network_text, size_text


class Captions:
    """
    Names rows by what is not the same for all of them; the rest is said once.

    :param rows: all that are in the picture
    """

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        ours = [row for row in rows if row['backend'] != TORCHVISION]
        self._one_network = len({network_text(row) for row in ours}) == 1
        self._one_size = len({tuple(row['input_size']) for row in rows}) == 1
        self._one_batch = len({row['batch'] for row in rows}) == 1
        self._first = (ours or rows)[0]

    def shared(self) -> str:
        """Return what holds for all rows."""
        parts = [network_text(self._first)] if self._one_network else []
        parts += [f'input {size_text(self._first["input_size"])}'] if self._one_size else []
        parts += [f'batch {self._first["batch"]}'] if self._one_batch else []
        return ', '.join(parts)

    def row(self, row: dict[str, Any]) -> str:
        """Name one row."""
        if row['backend'] == TORCHVISION:
            return self._joined(f'torchvision {row["network"]}', self.sizes(row))
        return self._joined('' if self._one_network else network_text(row),
                            f'{backend_text(row)} {row["precision"]}', self.sizes(row))

    def sizes(self, item: dict[str, Any]) -> str:
        """Return input size and batch of a row or pair, as far as they are not everybody's."""
        return self._joined('' if self._one_size else size_text(item['input_size']),
                            '' if self._one_batch else f'batch {item["batch"]}')

    def _joined(self, *parts: str) -> str:
        return ', '.join(part for part in parts if part).replace('$', r'\$')
