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

"""Which result belongs to which truth: by the stamps of their headers."""

from dataclasses import dataclass

import numpy as np

_NEIGHBOURS = 2
"""Truths on either side of a result that are tried within a tolerance."""


@dataclass(frozen=True)
class Matching:
    """
    Partners, and what has none; all are indices into the stamps that were given.

    :param pairs: (P, 2) int64, index of the result and of its truth, in the order of the results'
        stamps
    :param results: (R,) int64, results without truth
    :param truth: (T,) int64, truth without result
    :param doubled_results: results whose stamp came before
    :param doubled_truth: truth whose stamp came before
    """

    pairs: np.ndarray
    results: np.ndarray
    truth: np.ndarray
    doubled_results: np.ndarray
    doubled_truth: np.ndarray


def match_stamps(results: np.ndarray, truth: np.ndarray, tolerance_ns: int = 0) -> Matching:
    """
    Match one to one, the smallest difference first.

    Of equal stamps on one side the first one counts.

    :param results: (N,) int64 nanoseconds, in any order
    :param truth: (M,) int64 nanoseconds, in any order
    :param tolerance_ns: largest difference, inclusive; 0 = to the nanosecond
    """
    own, doubled_results = _once(results)
    other, doubled_truth = _once(truth)
    pairs = _partners(results[own], truth[other], tolerance_ns)
    lonely = [np.setdiff1d(np.arange(len(side)), pairs[:, column], assume_unique=True)
              for column, side in enumerate((own, other))]
    return Matching(np.stack([own[pairs[:, 0]], other[pairs[:, 1]]], axis=1),
                    own[lonely[0]], other[lonely[1]], doubled_results, doubled_truth)


def _once(stamps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return indices of the first of each stamp, by stamp, and those of the others."""
    _, first = np.unique(stamps, return_index=True)
    return first, np.setdiff1d(np.arange(len(stamps)), first, assume_unique=True)


def _partners(results: np.ndarray, truth: np.ndarray, tolerance_ns: int) -> np.ndarray:
    """Return (P, 2) indices into two rising lists of stamps."""
    if tolerance_ns == 0:
        _, own, other = np.intersect1d(results, truth, assume_unique=True, return_indices=True)
        return np.stack([own, other], axis=1)
    place = np.searchsorted(truth, results)
    own = np.repeat(np.arange(len(results)), 2 * _NEIGHBOURS)
    other = (place[:, None] + np.arange(-_NEIGHBOURS, _NEIGHBOURS)).ravel()
    inside = (other >= 0) & (other < len(truth))
    own, other = own[inside], other[inside]
    offset = np.abs(results[own] - truth[other])
    near = offset <= tolerance_ns
    return _one_to_one(own[near], other[near], offset[near])


def _one_to_one(own: np.ndarray, other: np.ndarray, offset: np.ndarray) -> np.ndarray:
    taken_own, taken_other, pairs = set(), set(), []
    for index in np.lexsort((other, own, offset)).tolist():
        one, two = int(own[index]), int(other[index])
        if one not in taken_own and two not in taken_other:
            taken_own.add(one)
            taken_other.add(two)
            pairs.append((one, two))
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
