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

from typing import Any, Callable, Iterable, Optional

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.evaluator import Evaluator

SCORE_THRESHOLD = 0.01
"""What to load a predictor with for this: average precision wants the doubtful boxes too."""


def evaluate(predictor: Any, dataset: Any, *,
             progress: Callable[[Iterable[int]], Iterable[int]] = iter,
             limit: Optional[int] = None) -> dict[str, Any]:
    """
    Score a predictor on a data set, in the pixels of the data set's images.

    :param predictor: image -> Prediction, with ``classes``; loaded with SCORE_THRESHOLD
    :param dataset: map-style data set of Sample, with ``classes``
    :param progress: goes around the image numbers, to show how far it is
    :param limit: only the first so many images; None = all
    :returns: the figures of ``Evaluator.compute``
    :raises InputError: if nothing can be compared, or an image is damaged
    """
    if limit is not None and limit < 1:
        raise InputError(f'limit {limit} is out of range, at least 1 image is needed')
    evaluator = Evaluator(dataset.classes, predictor.classes)
    count = len(dataset) if limit is None else min(limit, len(dataset))
    for index in progress(range(count)):
        sample = dataset[index]
        evaluator.update(predictor(sample.image), sample)
    return evaluator.compute()
