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

"""What is calibrated and scored is what there was truth of, under the network's names."""

import numpy as np
import pytest

pytest.importorskip('lightning')

from triplenet_ros.classes import CITYSCAPES  # noqa: E402
from triplenet_ros.evaluation.calibration import Reliability  # noqa: E402
from triplenet_ros.evaluation.finish import find_temperatures, finish  # noqa: E402
from triplenet_ros.evaluation.scoring import ScoreValidation  # noqa: E402
from triplenet_ros.network.joint import JointNetwork  # noqa: E402
from triplenet_ros.training.fit import fit  # noqa: E402
from triplenet_ros.training.recipe import Recipe  # noqa: E402


@pytest.mark.parametrize('name, task', [('boxes', 'detection'), ('labels', 'segmentation')])
def test_a_task_without_truth_gets_no_temperature_of_the_other(name, task):
    said = Reliability()
    said.add(np.array([0.9, 0.9, 0.2]), np.array([True, False, False]))
    assert find_temperatures({name: said}) == {task: said.temperature()}


def test_validation_is_scored_under_the_names_that_it_gets(tiny_config, tmp_path):
    scenes = {'scenes': {'count': 2, 'height': 64, 'width': 96, 'rename': 'camvid_to_cityscapes'}}
    recipe = Recipe(network='tiny', data=scenes, validation=scenes, augmentation='resize',
                    batch_size=2, iterations=1, workers=0, validate_every=1)
    network, scoring = JointNetwork(tiny_config.evolve(classes=CITYSCAPES)), ScoreValidation()
    fit(recipe, network, tmp_path / 'run', [scoring])
    for figures in (scoring.best, finish(network, recipe).figures):
        labels = figures['segmentation']
        assert labels['not_scored'] == []
        assert set(labels['per_class']) == {
            'sky', 'building', 'pole', 'road', 'sidewalk', 'vegetation', 'traffic sign', 'fence',
            'car', 'person', 'rider'}
        assert set(figures['detection']['per_class']) == {'car', 'person', 'rider'}
