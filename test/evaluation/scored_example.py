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

"""A made-up scored run of 60 frames, with everything that a report can hold."""

import math

from triplenet_ros.evaluation.report_folder import FRAMES, write_frame, write_run
from triplenet_ros.evaluation.scored_frame import (ERROR_KINDS, FrameDetection,
                                                   FrameSegmentation, ScoredFrame)
from triplenet_ros.evaluation.scored_run import (Event, RunDescription, ScoredRun, Unmatched,
                                                 Verdict)

FIRST_NS = 1_700_000_000_000_000_000
STEP_NS = 100_000_000
CLASSES = ('car', 'person <&"> of the truth')
LABELS = ('road', 'sky', 'car')


def frames(count=60, better=0.0):
    """
    Return frames whose scores rise and fall.

    :param count: how many
    :param better: is added to the share of what is right
    """
    return [_frame(number, better) for number in range(count)]


def _frame(number, better):
    good = min(1.0, 0.7 + better + 0.25 * math.sin(number / 7))
    found, wrong = round(4 * good), round(2 * (1 - good))
    errors = {**dict.fromkeys(ERROR_KINDS, 0), 'background': wrong, 'missed': 4 - found}
    boxes = [[round(0.95 - 0.1 * index, 3), 1] for index in range(found)]
    boxes += [[0.35, 0] for _ in range(wrong)]
    detection = FrameDetection(
        truths=4, found=found, wrong=wrong, errors=errors,
        per_class={CLASSES[0]: {'truths': 4, 'found': found, 'wrong': wrong}},
        boxes={CLASSES[0]: boxes})
    segmentation = FrameSegmentation(
        mIoU=good, pixel_accuracy=good, per_class={name: good for name in LABELS},
        pixels={name: [round(1000 * good / (2 - good)) or 1, 1000, 1000] for name in LABELS})
    stamp = FIRST_NS + number * STEP_NS
    return ScoredFrame(
        number=number, stamp_ns=stamp, truth_stamp_ns=stamp, frame_id='camera', score=good,
        detection=detection, segmentation=segmentation,
        latency_ms={'preprocess': 2.0, 'forward': 20 + 5 * good, 'postprocess': 3.0,
                    'total': 25 + 5 * good},
        events={'dropped': 2} if number == 30 else {})


def run():
    """Return the run of these frames; its figures do not add up to theirs."""
    steps = [index / 100 for index in range(101)]
    falling = [1 - step ** 2 for step in steps]
    curves = {name: {'precision_at_recall': falling, 'precision': steps, 'recall': falling,
                     'f1': [2 * p * r / (p + r) if p + r else 0.0
                            for p, r in zip(steps, falling)]} for name in CLASSES}
    row = {'AP50': 0.71, 'AP50_07': 0.7, 'AP': 0.42, 'truths': 240, 'found': 170, 'wrong': 30,
           'precision': 0.85, 'recall': 0.708, 'f1': 0.773}
    return ScoredRun(
        frames=62, scored=60,
        unmatched=Unmatched(results=(FIRST_NS + 60 * STEP_NS, FIRST_NS + 61 * STEP_NS),
                            truth=(FIRST_NS - STEP_NS,)),
        left_out={'--every 2': 62},
        detection={
            'images': 60, 'mAP50': 0.71, 'mAP50_07': 0.7, 'AP': 0.42, 'AP50': 0.71, 'AP75': 0.4,
            'APs': 0.1, 'APm': 0.4, 'APl': None, 'AR1': 0.3, 'AR10': 0.5, 'AR100': 0.5,
            'ARs': 0.2, 'ARm': 0.5, 'ARl': None,
            'operating': {'threshold': 0.3, 'precision': 0.85, 'recall': 0.708, 'f1': 0.773,
                          'truths': 240, 'found': 170, 'wrong': 30},
            'per_class': {CLASSES[0]: row, CLASSES[1]: dict.fromkeys(row, None)},
            'not_scored': ['tram'],
            'curves': {'recalls': steps, 'thresholds': steps, 'per_class': curves},
            'confusion': {'names': list(CLASSES), 'counts': [[170, 5, 65], [0, 0, 0], [30, 2, 0]]},
            'by_distance': [
                {'from_m': 0, 'to_m': 20, 'truths': 100, 'found': 90, 'recall': 0.9,
                 'per_class': {CLASSES[0]: {'truths': 100, 'found': 90, 'recall': 0.9}}},
                {'from_m': 20, 'to_m': None, 'truths': 140, 'found': 80, 'recall': 0.571,
                 'per_class': {CLASSES[0]: {'truths': 140, 'found': 80, 'recall': 0.571}}}]},
        segmentation={
            'images': 60, 'mIoU': 0.7, 'pixel_accuracy': 0.83,
            'per_class': {'road': 0.9, 'sky': 0.8, 'car': 0.4}, 'not_scored': [],
            'confusion': {'names': list(LABELS), 'pixels': [
                [900, 50, 30, 20], [100, 850, 50, 0], [200, 100, 700, 0]]}},
        errors={'AP50': 0.7,
                'kinds': {kind: {'count': 10 * index, 'gain': 0.02 * index}
                          for index, kind in enumerate(ERROR_KINDS)},
                'per_class': {name: dict.fromkeys(ERROR_KINDS, 5) for name in CLASSES}},
        latency_ms={stage: {'p50': value, 'p95': value * 1.2, 'p99': value * 1.5}
                    for stage, value in (('preprocess', 2.0), ('forward', 22.0),
                                         ('postprocess', 3.0), ('total', 27.0))},
        drops={'images': 64, 'processed': 62, 'dropped': 2, 'stale': 0, 'errors': None},
        criteria=(
            Verdict('AP50 of car at least 0.4', True, 0.71, 0.4, 'at_least'),
            Verdict('road IoU at least 0.9 in 95 % of the frames', False, 0.6, 0.95, 'at_least'),
            Verdict('p99 of total at most 100 ms', True, 40.5, 100.0, 'at_most', 'ms')),
        events=(Event(FIRST_NS + 30 * STEP_NS, 'dropped', 2, '2 images dropped'),
                Event(FIRST_NS + 45 * STEP_NS, 'error', 1, 'forward: out of memory')),
        worst=(FIRST_NS + 33 * STEP_NS, FIRST_NS + 34 * STEP_NS),
        run=RunDescription(
            results='drive.mcap', truth=('truth.mcap (by stamp)',),
            topics={'image': '/camera/image', 'detections': '/perception_node/detections'},
            weights='drive.safetensors', weights_sha256='0' * 64, network='triplenet-drive',
            backend='torch', precision='float32', device='cpu', versions={'torch': '2.0'},
            command='triplenet score drive.mcap --truth truth.mcap',
            options={'threshold': 0.3, 'tolerance': 0.0, 'rename': {'pedestrian': 'person'}}),
        notes=('2 classes of the truth are not known to the results',))


def write_example(folder, better=0.0):
    """Write the folder that ``triplenet score --report`` would write of it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_run(folder, run())
    with (folder / FRAMES).open('w', encoding='utf-8') as file:
        for frame in frames(better=better):
            write_frame(file, frame)
