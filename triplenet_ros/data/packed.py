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

"""Many small records in one block of memory."""

import pickle
from typing import Any, Iterable

import numpy as np


class PackedRecords:
    """
    Records, kept pickled in one array.

    A list of Python objects is copied page by page into every worker process of a loader, because
    even reading an object writes its reference count; one array is shared by all of them.

    :param records: each becomes one entry
    """

    def __init__(self, records: Iterable[Any]) -> None:
        """Write all records down."""
        packed = [pickle.dumps(record, protocol=pickle.HIGHEST_PROTOCOL) for record in records]
        self._ends = np.cumsum([len(record) for record in packed], dtype=np.int64)
        self._bytes = np.frombuffer(b''.join(packed), np.uint8)

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._ends)

    def __getitem__(self, index: int) -> Any:
        """Return a new copy of one record, counted from the end where the index is negative."""
        index = range(len(self))[index]
        start = self._ends[index - 1] if index else 0
        return pickle.loads(self._bytes[start:self._ends[index]])
