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

"""A network over a data set."""

from itertools import tee
from typing import Any, Callable, Mapping, Optional

from triplenet_ros.class_mapping import NO_RENAME
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.evaluator import Evaluator

SCORE_THRESHOLD = 0.01
"""What to load a predictor with for this: average precision wants the doubtful boxes too."""


def evaluate(predictor: Any, dataset: Any, *,
             advance: Callable[[], object] = lambda: None,
             limit: Optional[int] = None) -> dict[str, Any]:
    """
    Score a predictor on a data set and return the figures alone.

    The parameters are those of ``score_images``.

    :returns: the figures of ``Evaluator.compute``
    """
    return score_images(predictor, dataset, advance=advance, limit=limit).compute()


def score_images(predictor: Any, dataset: Any, *,
                 advance: Callable[[], object] = lambda: None,
                 limit: Optional[int] = None,
                 rename: Mapping[str, str] = NO_RENAME) -> Evaluator:
    """
    Score a predictor on a data set, in the pixels of the data set's images.

    :param predictor: a Predictor loaded with SCORE_THRESHOLD, or what streams and has classes
        as one
    :param dataset: map-style data set of Sample, with ``classes``
    :param advance: told after each image
    :param limit: only the first so many images; None = all
    :param rename: names that mean another one, see Evaluator
    :returns: figures, curves and confusion
    :raises InputError: if nothing can be compared, or an image is damaged
    """
    count = number_of_images(dataset, limit)
    evaluator = Evaluator(dataset.classes, predictor.classes, rename=rename)
    samples, ahead = tee(dataset[index] for index in range(count))
    predictions = predictor.stream(sample.image for sample in ahead)
    for sample, prediction in zip(samples, predictions):
        evaluator.update(prediction, sample)
        advance()
    return evaluator


def number_of_images(dataset: Any, limit: Optional[int]) -> int:
    """
    Return how many images will be scored.

    :param dataset: as above
    :param limit: as above
    :raises InputError: if the limit is below 1
    """
    if limit is not None and limit < 1:
        raise InputError(f'limit {limit} is out of range, at least 1 image is needed')
    return len(dataset) if limit is None else min(limit, len(dataset))
