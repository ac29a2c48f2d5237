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

"""Scores of a recording are those of pycocotools, and of evaluate on the same images."""

import contextlib
import io
import json

import numpy as np
import pytest

from triplenet_ros.bag.images import RawImages
from triplenet_ros.bag.outputs import replay_into, ReplayOutputs
from triplenet_ros.bag.replayed import replay_options, ReplayedStamps, truth_of_replay
from triplenet_ros.bag.score import RecordingScore
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.bag.source import open_source
from triplenet_ros.classes import CAMVID
from triplenet_ros.evaluation.run import score_images
from triplenet_ros.evaluation.stamps import stamp_text
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

FIGURES = ('AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl')


def noisy(seed):
    """Return true boxes with sizes of every kind, crowds among them, and boxes near them."""
    random = np.random.default_rng(seed)
    corner, size = random.integers(0, 300, (8, 2)), random.integers(8, 200, (8, 2))
    truth = np.concatenate([corner, corner + size], 1).astype(np.float32)
    ids, crowd = random.integers(0, 3, 8), random.random(8) < 0.15
    copies = np.repeat(np.arange(8), random.integers(0, 4, 8))
    found = truth[copies] + random.normal(0, 6, (len(copies), 4))
    found = np.concatenate([found, random.uniform(0, 400, (4, 4))]).astype(np.float32)
    found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
    found_ids = np.concatenate([ids[copies], random.integers(0, 3, 4)])
    wrong = random.random(len(found)) < 0.1
    found_ids[wrong] = random.integers(0, 3, wrong.sum())
    scores = np.sort(random.random(len(found)).astype(np.float32))[::-1]
    return truth, ids, crowd, Prediction(found, scores, found_ids, None, None, CAMVID)


def test_figures_of_noisy_boxes_are_those_of_pycocotools(tmp_path, scored_bags):
    coco = pytest.importorskip('pycocotools.coco')
    from pycocotools.cocoeval import COCOeval

    content = {'info': {}, 'images': [], 'annotations': [],
               'categories': [{'id': index + 1, 'name': name}
                              for index, name in enumerate(CAMVID.detection)]}
    results, messages = [], list(scored_bags.side_messages(
        scored_bags.Side('/yolo', numbers=(0,), tasks=('detections',))))[:1]
    channel = scored_bags.RESULTS.channels()['detections']
    channel = scored_bags.made_channel('/yolo/detections', channel.msgtype)
    for number in range(30):
        stamp = scored_bags.FIRST + number * scored_bags.STEP
        truth, ids, crowd, prediction = noisy(number)
        content['images'].append({'id': number, 'file_name': f'{stamp_text(stamp)}.png'})
        for box, class_id, flag in zip(truth.tolist(), ids.tolist(), crowd.tolist()):
            size = [box[2] - box[0], box[3] - box[1]]
            content['annotations'].append({
                'id': len(content['annotations']) + 1, 'image_id': number, 'bbox': box[:2] + size,
                'area': size[0] * size[1], 'iscrowd': int(flag), 'category_id': class_id + 1})
        for box, class_id, score in zip(prediction.boxes.astype(float).tolist(),
                                        prediction.class_ids.tolist(),
                                        prediction.scores.tolist()):
            results.append({'image_id': number, 'category_id': class_id + 1, 'score': score,
                            'bbox': [*box[:2], box[2] - box[0], box[3] - box[1]]})
        messages.append(scored_bags.stored(channel, stamp, scored_bags.encode.detections(
            prediction, scored_bags.TYPES.header(stamp, 'camera'), scored_bags.TYPES)))
    path = tmp_path / 'truth.json'
    path.write_text(json.dumps(content))
    run = RecordingScore(scored_bags.write(tmp_path / 'yolo.mcap', messages), [path]).run().run
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco.COCO(str(path))
        evaluation = COCOeval(truth, truth.loadRes(results), 'bbox')
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert run.scored == 30
    assert {name: run.detection[name] for name in FIGURES} == pytest.approx(
        dict(zip(FIGURES, evaluation.stats.tolist())), abs=1e-6)
    assert 0.1 < run.detection['AP'] < 0.9


class Images(list):
    """Images with truth, as a data set has them."""

    classes = CAMVID


@pytest.fixture
def images(scored_bags):
    """Return six images of noise whose truth is that of the bags."""
    images = Images()
    for number in range(6):
        boxes, ids, labels = scored_bags.truth_of(number)
        noise = np.random.default_rng(number).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        images.append(Sample(stamp_text(scored_bags.FIRST + number * scored_bags.STEP), noise,
                             boxes=boxes, class_ids=ids, difficult=np.zeros(3, bool),
                             label_map=labels))
    return images


def test_a_replayed_bag_scores_as_evaluate_does_on_its_images(
        tmp_path, scored_bags, tiny_predictor, images):
    camera = [RawImages().message(sample.image, scored_bags.FIRST + number * scored_bags.STEP)
              for number, sample in enumerate(images)]
    truth = scored_bags.Side('/truth', numbers=tuple(range(6)))
    recording = scored_bags.write(tmp_path / 'drive.mcap', camera, truth)
    out, stamps = tmp_path / 'out.mcap', ReplayedStamps()
    with open_source(recording) as source:
        report = replay_into(ReplayOutputs(out, overlay=False), source, tiny_predictor, [stamps])
        options = replay_options(ScoreOptions(), ('detection', 'segmentation'),
                                 source.image_channel.topic)
    run = RecordingScore(out, truth_of_replay([recording], recording, out), options,
                         measured=stamps.measured(report)).run().run
    expected = score_images(tiny_predictor, images).compute()
    assert run.scored == 6
    for task in ('detection', 'segmentation'):
        for key, value in expected[task].items():
            if isinstance(value, float) and key != 'ECE':  # confidences are not in the bag
                assert getattr(run, task)[key] == pytest.approx(value, abs=1e-6), key
