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

"""Augmentation moves image, boxes and labels together."""

import cv2
import numpy as np
import pytest
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from triplenet_ros.classes import CAMVID
from triplenet_ros.errors import InputError
from triplenet_ros.network.registry import NETWORKS
from triplenet_ros.sample import Sample
from triplenet_ros.scenes import Scenes
from triplenet_ros.training import augment
from triplenet_ros.training.augment import (
    degradations, keep_visible, make_augmentation, transform_all)
from triplenet_ros.training.example import IGNORED, to_example
from triplenet_ros.training.examples import class_table, label_table

CONFIG = NETWORKS['triplenet-drive'].evolve(input_height=120, input_width=160)
CROP = (96, 128)
SIZES = {'ssd': (120, 160), 'scale_crop': CROP}


def augmentation(name):
    return make_augmentation(name, CONFIG, CROP, (0.5, 2.0))


def example_of(sample):
    return to_example(sample, class_table(CAMVID, CAMVID), label_table(CAMVID, CAMVID))


def one_car():
    """Return an image whose only object, a red car, fills its box exactly."""
    image = np.full((100, 140, 3), 120, np.uint8)
    label_map = np.full((100, 140), 3, np.uint8)
    image[40:70, 50:90] = (250, 0, 0)
    label_map[40:70, 50:90] = 8
    return Sample('one car', image, np.array([[50, 40, 90, 70]], np.float32),
                  np.array([0]), label_map=label_map)


@pytest.mark.parametrize('name', SIZES)
@pytest.mark.parametrize('seed', range(12))
def test_a_box_follows_its_labels(name, seed):
    torch.manual_seed(seed)
    example = augmentation(name)(example_of(one_car()))
    rows, columns = np.nonzero(example.labels.numpy() == 8)
    for box in example.boxes.tolist():
        expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert box == pytest.approx(expected, abs=2.0)


def each_object(scene):
    """Yield the scene once per object, labelled and boxed as its only one."""
    for box, class_id in zip(scene.boxes, scene.class_ids):
        label = CAMVID.segmentation.index(CAMVID.detection[class_id])
        left, top, right, bottom = box.astype(int)
        label_map = np.full_like(scene.label_map, 3)
        inside = np.s_[top:bottom, left:right]
        label_map[inside][scene.label_map[inside] == label] = label
        yield label, Sample(scene.name, scene.image, box[None], class_id[None],
                            label_map=label_map)


@pytest.mark.parametrize('name', SIZES)
@pytest.mark.parametrize('index', range(6))
def test_a_box_follows_its_mask_on_generated_scenes(name, index):
    height, width = SIZES[name]
    compared = 0
    for label, sample in each_object(Scenes(count=6, seed=5, height=180, width=240)[index]):
        torch.manual_seed(len(sample.name) + index)
        example = augmentation(name)(example_of(sample))
        rows, columns = np.nonzero(example.labels.numpy() == label)
        for left, top, right, bottom in example.boxes.tolist():
            if len(rows) == 0:  # smaller than a pixel of the mask that is left
                assert (right - left) * (bottom - top) < 30
                continue
            mask = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert left - 1 <= mask[0] and top - 1 <= mask[1]
            assert right + 1 >= mask[2] and bottom + 1 >= mask[3]
            if left > 0 and top > 0 and right < width and bottom < height:
                # Thin ends, such as feet, may fall between the pixels of a smaller mask.
                assert mask == pytest.approx([left, top, right, bottom], abs=3.0)
                compared += 1
    assert compared > 0


@pytest.mark.parametrize('name', SIZES)
@pytest.mark.parametrize('seed', range(6))
def test_labels_follow_the_image(name, seed):
    torch.manual_seed(seed)
    example = augmentation(name)(example_of(one_car()))
    image = example.image.float()
    colourful = (image.amax(dim=0) - image.amin(dim=0)) > 30  # only the car is not grey
    car = example.labels == 8
    if car.sum() > 100:
        assert (colourful & car).sum() / (colourful | car).sum() > 0.8


@pytest.mark.parametrize('name', SIZES)
def test_every_example_comes_out_in_one_size_with_valid_boxes(name):
    scenes = Scenes(count=4, seed=3, height=90, width=120)
    enlarge = augmentation(name)
    for index in range(4):
        for seed in range(4):
            torch.manual_seed(seed)
            example = enlarge(example_of(scenes[index]))
            height, width = SIZES[name]
            assert example.image.shape == (3, height, width)
            assert example.labels.shape == (height, width)
            assert len(example.boxes) == len(example.class_ids)
            sides = example.boxes[:, 2:] - example.boxes[:, :2]
            assert (sides >= 2).all() and (example.boxes >= 0).all()
            assert (example.boxes[:, 2] <= width).all() and (example.boxes[:, 3] <= height).all()


def test_a_box_of_which_a_crop_shows_too_little_is_ignored():
    whole = example_of(one_car())  # 40 x 30
    # Columns of 40: none that count, under a quarter, and over a quarter.
    for shown, kept in ((1, []), (9, [IGNORED]), (11, [0])):
        cropped = transform_all(whole, [lambda parts, shown=shown: {
            name: v2.functional.crop(part, 0, 90 - shown, 100, 50)
            for name, part in parts.items()}])
        assert keep_visible(whole, cropped).class_ids.tolist() == kept


@pytest.mark.parametrize('name', SIZES)
def test_what_lies_outside_the_image_is_unlabelled(name):
    seen = set()
    for seed in range(20):
        torch.manual_seed(seed)
        seen |= set(augmentation(name)(example_of(one_car())).labels.unique().tolist())
    assert seen == {3, 8, 255}


@pytest.mark.parametrize('name', SIZES)
@pytest.mark.parametrize('missing', ['boxes', 'labels'])
def test_missing_truth_stays_missing(name, missing):
    sample = one_car()
    sample = (Sample('a', sample.image, label_map=sample.label_map) if missing == 'boxes'
              else Sample('a', sample.image, sample.boxes, sample.class_ids))
    for seed in range(5):
        torch.manual_seed(seed)
        assert getattr(augmentation(name)(example_of(sample)), missing) is None


@pytest.mark.parametrize('name', SIZES)
def test_an_image_without_objects_stays_without(name):
    sample = Sample('empty road', one_car().image, np.zeros((0, 4), np.float32),
                    np.zeros(0, np.int64))
    for seed in range(5):
        torch.manual_seed(seed)
        assert augmentation(name)(example_of(sample)).boxes.shape == (0, 4)


def test_the_same_seed_gives_the_same_example():
    results = []
    for _ in range(2):
        torch.manual_seed(7)
        results.append(augmentation('scale_crop')(example_of(one_car())))
    assert torch.equal(results[0].image, results[1].image)


def test_an_unknown_augmentation_is_refused():
    with pytest.raises(InputError, match="'mosaic', must be ssd, scale_crop or resize"):
        augmentation('mosaic')


@pytest.fixture(scope='module')
def warm_picture():
    """Return (3, 64, 96) uint8 of soft waves with a little noise, more red than blue."""
    rows, columns = np.mgrid[:64, :96]
    waves = 120 + 60 * np.sin(columns / 9) * np.cos(rows / 7)
    grey = waves + np.random.default_rng(0).normal(0, 6, (64, 96))
    image = np.stack([grey * share for share in (1.1, 1.0, 0.7)])
    return tv_tensors.Image(torch.from_numpy(image.clip(0, 255).astype(np.uint8)))


def degraded(name, image):
    """Return what one effect alone makes of an image, at eight strengths."""
    for seed in range(8):
        torch.manual_seed(seed)
        yield degradations(1.0)[name](image)


def sharpness(image):
    """Return the variance of the Laplacian of green."""
    return cv2.Laplacian(image[1].numpy().astype(np.float32), cv2.CV_32F).var()


def blockiness(image):
    """Return how much more green changes from block to block of JPEG than inside of them."""
    steps = np.abs(np.diff(image[1].numpy().astype(np.float32), axis=1))
    return steps[:, 7::8].mean() / np.delete(steps, np.s_[7::8], axis=1).mean()


def colour(image):
    return image.float().mean(dim=(1, 2)).tolist()


def test_blur_takes_the_edges_and_leaves_the_colours(warm_picture):
    for image in degraded('blur', warm_picture):
        assert sharpness(image) < 0.8 * sharpness(warm_picture)
        assert colour(image) == pytest.approx(colour(warm_picture), abs=1)
        assert blockiness(image) < 1.1


def test_night_is_darker_and_leaves_black_white_and_edges(warm_picture):
    for image in degraded('night', warm_picture):
        assert image.float().mean() < warm_picture.float().mean() - 20
        assert (image <= warm_picture).all()
        assert sharpness(image) > 0.5 * sharpness(warm_picture)
        assert blockiness(image) < 1.1
    ends = tv_tensors.Image(torch.tensor([0, 255], dtype=torch.uint8).expand(3, 1, 2))
    assert all(torch.equal(image, ends) for image in degraded('night', ends))


def test_compression_shows_blocks_and_leaves_the_colours(warm_picture):
    assert blockiness(warm_picture) < 1.1
    for image in degraded('compression', warm_picture):
        assert blockiness(image) > 1.15
        assert colour(image) == pytest.approx(colour(warm_picture), abs=2)


def test_each_degradation_happens_as_often_as_the_recipe_says_and_alone(warm_picture):
    effects = degradations(0.3)
    torch.manual_seed(0)
    small = tv_tensors.Image(warm_picture[:, :16, :16])
    changed = np.array([[not torch.equal(effect(small), small) for effect in effects.values()]
                        for _ in range(300)])
    assert changed.mean(axis=0) == pytest.approx([0.3] * 3, abs=0.1)
    assert {tuple(row) for row in changed} >= {
        (True, False, False), (False, True, False), (False, False, True), (False, False, False)}
    assert degradations(0) == {}


@pytest.mark.parametrize('name', ['blur', 'night', 'compression'])
def test_examples_are_degraded_in_every_way_and_their_truth_stays(monkeypatch, name):
    config = NETWORKS['triplenet-drive']
    plain = make_augmentation('scale_crop', config, (60, 90), (1, 1), 0.0)
    alone = {name: degradations(1.0)[name]}
    monkeypatch.setattr(augment, 'degradations', lambda probability: alone if probability else {})
    worse = make_augmentation('scale_crop', config, (60, 90), (1, 1), 1.0)
    for seed in range(4):
        torch.manual_seed(seed)
        before = plain(example_of(one_car()))
        torch.manual_seed(seed)
        after = worse(example_of(one_car()))
        assert not torch.equal(after.image, before.image)
        assert torch.equal(after.labels, before.labels)
        assert torch.equal(after.boxes, before.boxes)
