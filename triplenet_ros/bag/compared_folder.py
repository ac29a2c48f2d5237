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

"""A comparison as a folder: compare.html, compare.json and pictures of frames that got worse."""

import json
from pathlib import Path
import shutil
from typing import Optional

import numpy as np

from triplenet_ros.bag.bag_index import index_bag
from triplenet_ros.bag.recorded_frames import RecordedFrame, RecordedFrames
from triplenet_ros.bag.scored_topics import choose_topics, TopicChoice
from triplenet_ros.bag.worst_images import with_images
from triplenet_ros.classes import ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.comparison import Comparison
from triplenet_ros.evaluation.report.compare_page import (compare_page, MOST_FRAMES,
                                                          picture_name)
from triplenet_ros.evaluation.report.pictures import (names_of, PICTURES, prediction_picture,
                                                      write_picture)
from triplenet_ros.evaluation.report_folder import read_frames
from triplenet_ros.evaluation.scored_frame import ScoredFrame
from triplenet_ros.evaluation.scored_run import ScoredRun
from triplenet_ros.evaluation.worst import WorstFrame
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.outputs import replacing
from triplenet_ros.sample import Sample

HTML, JSON = 'compare.html', 'compare.json'


def write_comparison(comparison: Comparison, a: Path, b: Path, folder: Path,
                     overwrite: bool = False) -> None:
    """
    Write a comparison; the folder is whole or not there.

    Pictures need the bags of the runs where they were; without them those are shown that the
    runs' own reports have.

    :param a: folder of the first run's report
    :param b: folder of the second run's report
    :param folder: to be made
    :param overwrite: whether an existing one may be replaced
    :raises InputError: if a report or the folder cannot be used
    """
    with replacing(folder, overwrite, folder=True) as temporary:
        pictures = temporary / PICTURES
        pictures.mkdir(parents=True)
        shown = [one.stamp_ns for one in comparison.worse[:MOST_FRAMES]]
        for side, report, run in (('a', a, comparison.a), ('b', b, comparison.b)):
            _take_pictures(report, shown, side, pictures)
            for one in _predicted(run, report, shown):
                write_picture(pictures / picture_name(one.frame.stamp_ns, side),
                              prediction_picture(one, run.run.options))
        text = json.dumps(comparison.figures(), indent=2, allow_nan=False) + '\n'
        (temporary / JSON).write_text(text, encoding='utf-8')
        (temporary / HTML).write_text(compare_page(comparison, pictures), encoding='utf-8')


def _take_pictures(report: Path, stamps: list[int], side: str, target: Path) -> None:
    """Copy what a report has: the truth, and the prediction for want of a better one."""
    for stamp in stamps:
        names = names_of(stamp)
        for name, kind in ((names.truth, 'truth'), (names.prediction, side)):
            if (report / PICTURES / name).is_file():
                shutil.copy(report / PICTURES / name, target / picture_name(stamp, kind))


def _predicted(run: ScoredRun, report: Path, stamps: list[int]) -> list[WorstFrame]:
    """Return the results of a run's bag at some stamps, with images; none without the bag."""
    frames = _opened(run)
    if frames is None:
        return []
    figures = {frame.stamp_ns: frame for frame in read_frames(report)
               if frame.stamp_ns in set(stamps)}
    found = [_found(recorded, figures[recorded.stamp_ns], frames.topics.classes)
             for recorded in frames.read(stamps) if recorded.stamp_ns in figures]
    return with_images(found, Path(run.run.results), run.run.topics.get('image'))


def _opened(run: ScoredRun) -> Optional[RecordedFrames]:
    topics = run.run.topics
    try:
        index = index_bag(Path(run.run.results))
        return RecordedFrames(index, choose_topics(
            index, TopicChoice(topics.get('detections'), topics.get('labels')), False, '--', True))
    except InputError:
        return None


def _found(recorded: RecordedFrame, frame: ScoredFrame, classes: ClassSet) -> WorstFrame:
    boxes = recorded.boxes
    prediction = Prediction(
        boxes=np.zeros((0, 4), np.float32) if boxes is None else boxes.boxes,
        scores=np.zeros(0, np.float32) if boxes is None else boxes.scores,
        class_ids=np.zeros(0, np.int64) if recorded.class_ids is None else recorded.class_ids,
        label_map=recorded.label_map, confidence=None, classes=classes)
    return WorstFrame(frame, prediction, Sample('', np.zeros((0, 0, 3), np.uint8)), classes)
