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

"""Which classes a network and a data set have in common."""

from dataclasses import dataclass
from typing import Mapping

import numpy as np

from triplenet_ros.class_mapping import NO_RENAME, renamed
from triplenet_ros.errors import InputError

OTHER = -1
"""What a class that is not shared is mapped to."""


@dataclass(frozen=True)
class SharedClasses:
    """
    The classes of the truth that the network knows too, and how to get from either to them.

    :param names: the shared names, in the order of the truth
    :param of_truth: (T,) int64, class of the truth -> index into ``names``, or OTHER
    :param of_prediction: (P,) int64, class of the network -> index into ``names``, or OTHER
    :param not_scored: classes of the truth that the network does not know
    """

    names: tuple[str, ...]
    of_truth: np.ndarray
    of_prediction: np.ndarray
    not_scored: tuple[str, ...] = ()


def match_classes(task: str, truth: tuple[str, ...], predicted: tuple[str, ...],
                  rename: Mapping[str, str] = NO_RENAME) -> SharedClasses:
    """
    Match classes by name.

    :param task: detection or segmentation, for the message
    :param truth: class names of the data set
    :param predicted: class names of the network
    :param rename: names that mean another one, on either side: several classes may become one
    :returns: what they share; nothing where one of them has no classes for this task
    :raises InputError: if both have classes and none is the same
    """
    truth, predicted = renamed(truth, rename), renamed(predicted, rename)
    names = tuple(dict.fromkeys(name for name in truth if name in predicted))
    if truth and predicted and not names:
        raise InputError(f'no {task} class in common: the data have {", ".join(truth)}; '
                         f'the network knows {", ".join(predicted)}')
    return SharedClasses(
        names=names,
        of_truth=_lookup(truth, names),
        of_prediction=_lookup(predicted, names),
        not_scored=tuple(dict.fromkeys(name for name in truth if name not in names)))


def _lookup(source: tuple[str, ...], names: tuple[str, ...]) -> np.ndarray:
    return np.array([names.index(name) if name in names else OTHER for name in source], np.int64)
