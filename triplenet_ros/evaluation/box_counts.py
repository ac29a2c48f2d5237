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

"""Boxes at the operating threshold: which class is taken for which, and found at what distance."""

from typing import Any, Sequence

import numpy as np

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.frame_boxes import FrameBoxes, IOU_THRESHOLD

DISTANCES = (10.0, 20.0, 40.0, 80.0)
"""Where one distance class ends and the next begins, metres."""


class BoxConfusion:
    """
    Which class of the truth gets boxes of which class, over frames fed one by one.

    :param count: of shared classes
    """

    def __init__(self, count: int) -> None:
        """Start with no frame."""
        self.counts = np.zeros((count + 1, count + 1), np.int64)
        """(K + 1, K + 1): row = truth, column = prediction, the last ones = nothing."""

    def update(self, frame: FrameBoxes) -> None:
        """
        Add one frame.

        Boxes that found their truth come first; of the others the best goes first to the truth
        that it overlaps most and that no box has yet.
        """
        truth_of = frame.finds.copy()
        free = ~frame.found
        for box in np.flatnonzero(truth_of < 0) if frame.overlap.size else ():
            overlap = np.where(free, frame.overlap[box], 0.0)
            if overlap.max() >= IOU_THRESHOLD:
                truth_of[box] = overlap.argmax()
                free[truth_of[box]] = False
        nothing = len(self.counts) - 1
        there = truth_of >= 0
        rows = np.full(len(truth_of), nothing)
        rows[there] = frame.truth_ids[truth_of[there]]
        np.add.at(self.counts, (rows, frame.class_ids), 1)
        np.add.at(self.counts, (frame.truth_ids[free], nothing), 1)

    def merge(self, later: 'BoxConfusion') -> None:
        """Add the frames of another one of the same classes."""
        self.counts += later.counts

    def figures(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return ``{names, counts}``."""
        return {'names': list(names), 'counts': self.counts.tolist()}


class FoundByDistance:
    """
    Truths and those found, by their distance, over frames fed one by one.

    :param count: of shared classes
    :param edges: where one distance class ends and the next begins, metres, rising
    :raises InputError: if the edges are not positive and rising
    """

    def __init__(self, count: int, edges: Sequence[float] = DISTANCES) -> None:
        """Start with no frame."""
        if not all(one > before for before, one in zip((0.0, *edges), edges)):  # not NaN either
            raise InputError(f'distances {" ".join(f"{one:g}" for one in edges)} must be above 0 '
                             'and rising')
        self._edges = tuple(edges)
        self._counts = np.zeros((len(edges) + 1, count, 2), np.int64)

    def update(self, frame: FrameBoxes) -> None:
        """Add one frame; truths without a distance are left out."""
        known = np.isfinite(frame.distances)
        bins = np.searchsorted(self._edges, frame.distances[known], side='right')
        ids = frame.truth_ids[known]
        np.add.at(self._counts, (bins, ids, 0), 1)
        np.add.at(self._counts, (bins, ids, 1), frame.found[known].astype(np.int64))

    def merge(self, later: 'FoundByDistance') -> None:
        """Add the frames of another one of the same classes and edges."""
        self._counts += later._counts

    def figures(self, names: tuple[str, ...]) -> list[dict[str, Any]]:
        """Return a row for each distance class as in docs/scoring.md; none without distances."""
        if not self._counts.any():
            return []
        ends = [*self._edges, None]
        return [{'from_m': begin, 'to_m': end, **_found(*counts.sum(axis=0).tolist()),
                 'per_class': {name: _found(*both.tolist())
                               for name, both in zip(names, counts) if both[0]}}
                for begin, end, counts in zip((0.0, *self._edges), ends, self._counts)]


def _found(truths: int, found: int) -> dict[str, Any]:
    return {'truths': truths, 'found': found,
            'recall': found / truths if truths else float('nan')}
