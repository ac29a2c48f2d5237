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

"""
See whether a live run scores as the folder that its bag was made of.

``python studies/live_score.py --data camvid --root CAMVID --rename cityscapes_to_camvid --out
FOLDER`` writes the images and their truth as a bag, lets ``replay.launch.py evaluate:=true`` play
it to the node, records the topics with ``ros2 bag record``, and compares three scores of the
frames that the node processed: that of the recording, that of ``evaluation_node`` and that of the
images themselves, as ``triplenet evaluate`` makes it. Needs a sourced workspace with rosbag2. The
exit code is 1 if they differ.
"""

import argparse
from dataclasses import replace
import json
from pathlib import Path
import signal
import subprocess
import sys
from typing import Any, Iterator, Mapping, Optional

import numpy as np
from triplenet_ros import Predictor
from triplenet_ros.bag.images import made_channel, RawImages, stamp_ns, stored
from triplenet_ros.bag.score import RecordingScore
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.bag.stored import StoredMessage
from triplenet_ros.bag.topics import LATCHED_QOS, NODE, STREAM_QOS
from triplenet_ros.class_mapping import load_rename, NO_RENAME
from triplenet_ros.classes import ClassSet
from triplenet_ros.data.sources import open_dataset
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.evaluation.report_folder import read_frames, read_run
from triplenet_ros.evaluation.run import SCORE_THRESHOLD
from triplenet_ros.evaluation.scored_run import ScoredRun
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages import encode
from triplenet_ros.messages.message_types import full_name, rosbags_types
from triplenet_ros.sample import Sample
from triplenet_ros.strict_yaml import read_assignment

TOPICS = {'detections': 'Detection2DArray', 'label_image': 'Image',
          'detection_info': 'VisionInfo', 'label_info': 'LabelInfo'}
FRAME_RATE = 10.0
LIMIT = 1e-6
"""Largest difference of two scores that are the same."""
PATIENCE = 600.0
"""Seconds that the recorder may take to end."""


def main() -> int:
    """Play, record, score, print, and write the figures if that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--data', required=True, metavar='D', help='as of triplenet evaluate')
    parser.add_argument('--root', metavar='FOLDER', help='where its files are')
    parser.add_argument('--split', default='val', metavar='S', help='part of it (default: val)')
    parser.add_argument('--data-option', metavar='KEY=VALUE', action='append', default=[])
    parser.add_argument('--rename', default='', help='as of triplenet evaluate')
    parser.add_argument('--weights', default='drive', metavar='W')
    parser.add_argument('--backend', default='auto', metavar='B')
    parser.add_argument('--precision', default='auto', metavar='P')
    parser.add_argument('--rate', type=float, default=1.0,
                        help='of playing; 1.0, the default, is 10 images a second')
    parser.add_argument('--out', type=Path, required=True, metavar='FOLDER', help='to be made')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures too')
    args = parser.parse_args()
    args.out.mkdir(parents=True)
    dataset = open_dataset(args.data, args.root, args.split, **dict(
        read_assignment('--data-option', option) for option in args.data_option))
    write_bag(args.out / 'drive.mcap', dataset)
    play(args)
    figures = compare(args, dataset)
    print(json.dumps(figures, indent=2))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')
    return int(figures['largest_difference'] > LIMIT)


def write_bag(path: Path, dataset: Any) -> None:
    """Write images and truth of a data set, the one beside the other."""
    camera = RawImages()
    with bag_sink(path) as sink:
        for message in named_classes(dataset.classes):
            sink.write(message)
        for number in range(len(dataset)):
            sample, stamp = dataset[number], stamp_ns(number, FRAME_RATE)
            for message in (*truth(sample, dataset.classes, stamp),
                            camera.message(sample.image, stamp)):
                sink.write(message)


def named_classes(classes: ClassSet) -> Iterator[StoredMessage]:
    """Yield what tells the names of the truth's classes."""
    types, stamp = rosbags_types(), stamp_ns(0, FRAME_RATE)
    header = types.header(stamp, 'camera')
    yield truth_message('detection_info', stamp,
                        encode.detection_info(classes, 'truth', header, types))
    yield truth_message('label_info', stamp, encode.label_info(classes, header, types))


def truth(sample: Sample, classes: ClassSet, stamp: int) -> Iterator[StoredMessage]:
    """Yield the truth of an image as a node that knows it would publish it."""
    types = rosbags_types()
    header = types.header(stamp, 'camera')
    if sample.boxes is not None:
        sure = Prediction(sample.boxes, np.ones(len(sample.boxes), np.float32), sample.class_ids,
                          None, None, classes)
        yield truth_message('detections', stamp, encode.detections(sure, header, types))
    if sample.label_map is not None:
        yield truth_message('label_image', stamp,
                            encode.mono_image(sample.label_map, header, types))


def truth_message(name: str, stamp: int, message: Any) -> StoredMessage:
    """Return a message of one of the topics of truth."""
    qos = LATCHED_QOS if name.endswith('_info') else STREAM_QOS
    return stored(made_channel(f'/truth/{name}', full_name(TOPICS[name]), qos), stamp, message)


def play(args: argparse.Namespace) -> None:
    """Let the launch file play the bag to node and evaluation node, and record the topics."""
    parameters = args.out / 'parameters.yaml'
    parameters.write_text(json.dumps({'/**': {'ros__parameters': {
        'weights': args.weights, 'backend': args.backend, 'precision': args.precision,
        'score_threshold': SCORE_THRESHOLD}}}), encoding='utf-8')
    with (args.out / 'recorder.log').open('w') as log:
        recorder = subprocess.Popen(
            ['ros2', 'bag', 'record', '--storage', 'mcap', '--output',
             str(args.out / 'recorded'), '--topics',
             *(f'{side}/{name}' for side in (NODE, '/truth') for name in TOPICS)],
            stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            subprocess.run(
                ['ros2', 'launch', 'triplenet_ros', 'replay.launch.py', 'evaluate:=true',
                 f'bag:={args.out / "drive.mcap"}', f'rate:={args.rate}', 'rviz:=false',
                 f'params_file:={parameters}', f'report:={args.out / "live"}',
                 *([f'rename:={args.rename}'] if args.rename else [])],
                check=True, stdout=sys.stderr)
        finally:
            recorder.send_signal(signal.SIGINT)
            recorder.wait(PATIENCE)


def compare(args: argparse.Namespace, dataset: Any) -> dict[str, Any]:
    """Return the scores of the three, and by how much they differ."""
    rename = load_rename(args.rename) if args.rename else NO_RENAME
    recorded: list = []
    score = RecordingScore(args.out / 'recorded', [args.out / 'drive.mcap'],
                           replace(ScoreOptions(), rename=rename)).run(recorded.append).run
    live = read_run(args.out / 'live')
    folder = FolderScores(args, dataset, rename)
    rows = {
        'recording': (score, folder.scores([frame.stamp_ns for frame in recorded])),
        'evaluation_node': (live, folder.scores(
            [frame.stamp_ns for frame in read_frames(args.out / 'live')]))}
    sides = {name: compared(run, expected) for name, (run, expected) in rows.items()}
    return {'frames': len(dataset), 'backend': folder.backend, **sides,
            'largest_difference': max(side['largest_difference'] for side in sides.values())}


def compared(run: ScoredRun, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return the main scores of a run, and by how much all of them differ from others."""
    differences = list(difference(
        {'detection': run.detection, 'segmentation': run.segmentation}, expected))
    return {'scored': run.scored, 'mAP50': run.detection['mAP50'], 'AP': run.detection['AP'],
            'mIoU': run.segmentation['mIoU'], 'compared': len(differences),
            'largest_difference': max(differences)}


class FolderScores:
    """
    Scores some of the images of a data set, as ``triplenet evaluate`` scores all.

    :param args: of the command line
    :param dataset: map-style data set of Sample
    :param rename: names that mean another one
    """

    def __init__(self, args: argparse.Namespace, dataset: Any,
                 rename: Mapping[str, str]) -> None:
        """Predict all images."""
        predictor = Predictor.load(args.weights, backend=args.backend, precision=args.precision,
                                   score_threshold=SCORE_THRESHOLD)
        self.backend = f'{predictor.backend}, {predictor.precision}'
        self._dataset, self._rename, self._classes = dataset, rename, predictor.classes
        self._predictions = [predictor(dataset[number].image) for number in range(len(dataset))]

    def scores(self, stamps: list[int]) -> dict[str, Any]:
        """Return the figures of the images with these stamps."""
        evaluator = Evaluator(self._dataset.classes, self._classes, rename=self._rename)
        for number, prediction in enumerate(self._predictions):
            if stamp_ns(number, FRAME_RATE) in stamps:
                evaluator.update(prediction, self._dataset[number])
        return evaluator.compute()


def difference(some: Any, others: Any) -> Iterator[float]:
    """Yield by how much each number differs that both have under the same names."""
    if isinstance(some, Mapping) and isinstance(others, Mapping):
        for key in some.keys() & others.keys():
            yield from difference(some[key], others[key])
    elif isinstance(some, (int, float)) or isinstance(others, (int, float)):
        both = number(some), number(others)
        yield 0.0 if both == (None, None) else float('inf') if None in both else abs(
            both[0] - both[1])


def number(value: Any) -> Optional[float]:
    """Return a number as it is; None for nan, which JSON has not, and for all else."""
    return value if isinstance(value, (int, float)) and value == value else None


if __name__ == '__main__':
    sys.exit(main())
