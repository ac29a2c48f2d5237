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

"""Training on images of which some have only boxes and some only masks."""

import cv2
import numpy as np
import pytest

lightning = pytest.importorskip('lightning')

import torch  # noqa: E402
from torch.utils.data import DataLoader, Subset  # noqa: E402

from triplenet_ros.data.sources import open_dataset  # noqa: E402
from triplenet_ros.network.joint import JointNetwork  # noqa: E402
from triplenet_ros.training.augment import make_augmentation  # noqa: E402
from triplenet_ros.training.batch import collate  # noqa: E402
from triplenet_ros.training.examples import TrainingExamples  # noqa: E402
from triplenet_ros.training.recipe import Recipe  # noqa: E402
from triplenet_ros.training.task import TrainingTask  # noqa: E402

DETECTION = {'classification', 'localisation'}
ONLY_BOXES, BOTH, ONLY_MASK = [0, 1], [2, 3], [4, 5]


@pytest.fixture(scope='module')
def mixed(tmp_path_factory):
    """Return a folder of two images of each kind, with a car in the middle."""
    root = tmp_path_factory.mktemp('mixed')
    for kind in ('images', 'labels', 'masks'):
        (root / kind).mkdir()
    mask = np.zeros((60, 80), np.uint8)
    mask[15:45, 20:60] = 1
    for number in range(6):
        cv2.imwrite(str(root / f'images/{number}.png'), 50 + 100 * mask)
        if number in BOTH + ONLY_BOXES:
            (root / f'labels/{number}.txt').write_text('0 0.5 0.5 0.5 0.5')
        if number in BOTH + ONLY_MASK:
            cv2.imwrite(str(root / f'masks/{number}.png'), mask)
    (root / 'data.yaml').write_text('names: [car]\nsegmentation: [road, car]')
    return open_dataset('folder', root)


@pytest.fixture(params=['ssd', 'scale_crop'])
def examples(request, mixed, tiny_config):
    """Return its augmented examples."""
    torch.manual_seed(0)
    augmentation = make_augmentation(request.param, tiny_config, (64, 96), (0.8, 1.5))
    return TrainingExamples(mixed, tiny_config, augmentation)


@pytest.fixture
def task(tiny_config):
    """Return a network to be trained, for one step."""
    torch.manual_seed(0)
    network = JointNetwork(tiny_config).train()
    return TrainingTask(network, Recipe(network='tiny', data={'folder': {}}, weight_decay=0.0))


def losses(task, examples, numbers):
    """Return the terms of a batch of these images."""
    batch = collate([examples[number] for number in numbers])
    return {name: term.item() for name, term in
            task.loss(task.network(batch.images), batch).items()}


def test_without_masks_segmentation_teaches_exactly_nothing(examples, task):
    terms = losses(task, examples, ONLY_BOXES)
    labels = set(terms) - DETECTION
    assert labels == {'segmentation', 'class_aware', 'class_agnostic'}
    assert all(terms[name] == 0.0 for name in labels)
    assert all(terms[name] > 0 for name in DETECTION)


def test_without_boxes_detection_teaches_exactly_nothing(examples, task):
    terms = losses(task, examples, ONLY_MASK)
    assert all((terms[name] == 0.0) == (name in DETECTION) for name in terms)


@pytest.mark.parametrize('numbers', [range(6), ONLY_BOXES, ONLY_MASK],
                         ids=['mixed', 'only boxes', 'only masks'])
def test_one_step_is_trained(examples, task, numbers, tmp_path):
    before = {name: value.clone() for name, value in task.network.named_parameters()}
    loader = DataLoader(Subset(examples, list(numbers)), batch_size=len(numbers),
                        collate_fn=collate)
    lightning.Trainer(
        max_steps=1, accelerator='cpu', logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, default_root_dir=tmp_path,
        ).fit(task, loader)
    after = dict(task.network.named_parameters())
    assert all(value.isfinite().all() for value in after.values())
    changed = [name for name, value in after.items() if not torch.equal(value, before[name])]
    assert any(name.startswith('encoder.') for name in changed)
