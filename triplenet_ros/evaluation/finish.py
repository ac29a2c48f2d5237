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

"""What a trained network goes through before it is written: statistics, temperatures, scores."""

from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, Optional

from torch import Tensor

from triplenet_ros.data.sources import open_dataset
from triplenet_ros.evaluation.calibration import Reliability
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.evaluation.run import score_images, SCORE_THRESHOLD
from triplenet_ros.inference.backends.pytorch import PyTorchBackend
from triplenet_ros.inference.runner import Runner, Wanted
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.temperature import divide_logits
from triplenet_ros.training.augment import ResizeOnly
from triplenet_ros.training.batch import collate
from triplenet_ros.training.examples import open_training_data
from triplenet_ros.training.fit import set_training_mode
from triplenet_ros.training.norm import renew_norm
from triplenet_ros.training.recipe import Recipe

_TASK_OF = {'boxes': 'detection', 'labels': 'segmentation'}


@dataclass(frozen=True)
class Finished:
    """
    What came of it.

    :param figures: of Evaluator on the validation data, None where there is none
    :param temperatures: by task, what the logits were divided by
    """

    figures: Optional[dict[str, Any]] = None
    temperatures: Mapping[str, float] = field(default_factory=dict)

    @property
    def score_threshold(self) -> Optional[float]:
        """The score from which on boxes should be reported."""
        best = ((self.figures or {}).get('detection') or {}).get('best_threshold') or {}
        return best.get('score')


def finish(network: JointNetwork, recipe: Recipe) -> Finished:
    """
    Renew batch norm's statistics, calibrate, and score, as far as the recipe asks for it.

    :param network: with its final weights, changed in place; in evaluation mode after it
    :param recipe: of its training
    """
    if recipe.renew_norm:
        set_training_mode(network, recipe)
        renew_norm(network, _whole_images(network, recipe))
    network.eval()
    if not recipe.validation:
        return Finished()
    evaluator, temperatures = _score(network, recipe), {}
    if recipe.calibrate:
        found = find_temperatures(evaluator.reliabilities())
        divided = divide_logits(network, found.get('detection', 1.0),
                                found.get('segmentation', 1.0))
        temperatures = {task: value for task, value in found.items() if task in divided}
        evaluator = _score(network, recipe)
    return Finished(evaluator.compute(), temperatures)


def find_temperatures(reliabilities: Mapping[str, Reliability]) -> dict[str, float]:
    """Return by task what its logits are to be divided by; of tasks with truth."""
    return {_TASK_OF[name]: found.temperature() for name, found in reliabilities.items()}


def _score(network: JointNetwork, recipe: Recipe) -> Evaluator:
    predictor = Runner(PyTorchBackend(network, 'auto', 'float32'), network.config,
                       Wanted(score_threshold=SCORE_THRESHOLD, confidence=True))
    name, options = next(iter(recipe.validation.items()))
    return score_images(predictor, open_dataset(name, **(options or {})))


def _whole_images(network: JointNetwork, recipe: Recipe) -> Iterator[Tensor]:
    """Give batches of training images, spread evenly over all of them."""
    examples, _ = open_training_data(recipe.data_sets, network.config,
                                     ResizeOnly(network.config), memory=0)
    count = min(recipe.renew_norm, len(examples))
    chosen = [number * len(examples) // count for number in range(count)]
    for start in range(0, count, recipe.batch_size):
        yield collate([examples[index]
                       for index in chosen[start:start + recipe.batch_size]]).images
