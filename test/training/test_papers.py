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

"""The recipes of the papers: their numbers, their networks, a step on a devkit."""

import cv2
import numpy as np
from PIL import Image
import pytest
import torch

from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS
from triplenet_ros.training.configuration import network_config
from triplenet_ros.training.recipe import load_recipe, recipe_names

CAR = ('<object><name>car</name><difficult>0</difficult><bndbox><xmin>20</xmin><ymin>10</ymin>'
       '<xmax>70</xmax><ymax>50</ymax></bndbox></object>')


@pytest.mark.parametrize('name, size, batch, iterations, drops', [
    ('voc12-ablation', 300, 32, 40_000, [25_000, 35_000]),
    ('voc07-300', 300, 32, 65_000, [35_000, 50_000]),
    ('voc07-512', 512, 16, 75_000, [45_000, 60_000]),
    ('voc12-512', 512, 16, 75_000, [45_000, 60_000]),
    ('coco-300', 300, 32, 700_000, [400_000, 550_000]),
    ('coco-512', 512, 16, 700_000, [400_000, 550_000])])
def test_the_numbers_are_those_of_the_papers_table(name, size, batch, iterations, drops):
    recipe = load_recipe(name)
    config = NETWORKS[recipe.network]
    assert (config.input_height, config.input_width) == (size, size)
    assert (recipe.batch_size, recipe.iterations, recipe.drops) == (batch, iterations, drops)
    assert (recipe.optimizer, recipe.learning_rate, recipe.weight_decay, recipe.schedule,
            recipe.augmentation, recipe.pretrained) == ('adam', 1e-4, 5e-4, 'steps', 'ssd',
                                                        'DEFAULT')
    assert recipe.devices == recipe.nodes == 1  # the batch is that of one process


@pytest.mark.parametrize('name', recipe_names())
def test_the_network_of_every_shipped_recipe_can_be_built(name):
    config = network_config(load_recipe(name, ['classes=network']))
    with torch.device('meta'):  # its shape alone: no memory, no time
        network = JointNetwork(config)
    assert sum(parameter.numel() for parameter in network.parameters()) > 1e6


@pytest.fixture
def devkit(tmp_path):
    """Return VOCdevkit: a and b to learn from, with a mask each, the one of SBD; c to score."""
    io = pytest.importorskip('scipy.io')
    year, sbd = tmp_path / 'VOCdevkit' / 'VOC2012', tmp_path / 'SBD' / 'cls'
    folders = [year / name for name in ('ImageSets/Main', 'ImageSets/Segmentation', 'JPEGImages',
                                        'Annotations', 'SegmentationClass')]
    for folder in [*folders, sbd]:
        folder.mkdir(parents=True)
    image, mask = np.full((60, 90, 3), 90, np.uint8), np.zeros((60, 90), np.uint8)
    image[10:50, 20:70], mask[10:50, 20:70] = (0, 0, 220), 7
    for name in 'abc':
        cv2.imwrite(str(year / f'JPEGImages/{name}.jpg'), image)
        (year / f'Annotations/{name}.xml').write_text(f'<annotation>{CAR}</annotation>')
    for name in 'ac':
        Image.fromarray(mask).save(year / f'SegmentationClass/{name}.png')
    io.savemat(sbd / 'b.mat', {'GTcls': {'Segmentation': mask}})
    for name in ('train', 'val'):
        (sbd.parent / f'{name}.txt').write_text('b\n')
    (year / 'ImageSets/Segmentation/train.txt').write_text('a\n')
    (year / 'ImageSets/Segmentation/val.txt').write_text('c\n')
    return year.parent


def test_a_row_of_the_papers_trains_on_a_devkit(devkit, tmp_path):
    pytest.importorskip('lightning')
    from triplenet_ros.evaluation.scoring import ScoreValidation
    from triplenet_ros.training.fit import fit
    recipe = load_recipe('voc12-ablation', [
        f'data.voc2012.root={devkit}', 'data.voc2012.sbd=../SBD',
        f'validation.voc2012.root={devkit}', 'batch_size=2', 'iterations=1', 'workers=0',
        'network_changes={backbone: resnet18, extra_width: 16, decoder_width: 16, head_width: 16,'
        ' input_height: 64, input_width: 96}', 'validate_every=1'])
    scoring = ScoreValidation()
    fit(recipe, JointNetwork(network_config(recipe)), tmp_path / 'run', [scoring])
    assert scoring.best['detection']['images'] == scoring.best['segmentation']['images'] == 1
    assert (tmp_path / 'run' / 'best.ckpt').is_file()
