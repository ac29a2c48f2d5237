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

"""Scores of a replay: its output bag against truth, with what the replay itself measured."""

from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any, Sequence

from triplenet_ros.bag import topics
from triplenet_ros.bag.bag_index import BagIndex, index_bag
from triplenet_ros.bag.open_truth import open_truth
from triplenet_ros.bag.report import ReplayReport
from triplenet_ros.bag.score import Measured
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.bag.stored import Frame
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.frame_times import FrameTimes
from triplenet_ros.evaluation.scored_run import ScoredRun
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages.headers import in_nanoseconds

_TOPIC_OF = {'detection': ('detections', topics.DETECTIONS),
             'segmentation': ('labels', topics.LABEL_IMAGE)}


class ReplayedStamps:
    """An observer of a replay that notes the stamps of the frames with results."""

    def __init__(self) -> None:
        """Nothing was replayed."""
        self._stamps = array('q')

    def __call__(self, frame: Frame, prediction: Prediction) -> None:
        """Note one frame."""
        self._stamps.append(in_nanoseconds(frame.header.stamp))

    def measured(self, report: ReplayReport) -> Measured:
        """Return the times of each frame and what was lost, as the replay measured them."""
        stages = {stage: [1e3 * value for value in seconds]
                  for stage, seconds in report.seconds_of.items()}
        errors = sum(report.errors.values())
        return Measured(FrameTimes(self._stamps, stages), {
            'images': report.frames, 'processed': report.processed, 'dropped': report.dropped,
            'stale': None, 'errors': errors})


def replay_options(options: ScoreOptions, tasks: Sequence[str], image: str) -> ScoreOptions:
    """
    Return options by which the results of a replay are found in its bag, whatever else is there.

    :param options: of the user
    :param tasks: that the network did
    :param image: topic of the images
    """
    named = {name: topic for task, (name, topic) in _TOPIC_OF.items() if task in tasks}
    return replace(options, results=replace(options.results, **named), tasks=tuple(tasks),
                   image=image)


def check_truth(truth: Sequence[Path], recording: Path, options: ScoreOptions) -> None:
    """
    Refuse truth that cannot be used before a recording is replayed.

    :param truth: of the user; the recording itself, where it holds the truth
    :param recording: that will be replayed
    :param options: of the user
    :raises InputError: as open_truth
    """
    own = any(Path(path).resolve() == recording.resolve() for path in truth)
    if own and recording.is_file() and recording.suffix not in ('.mcap', '.db3', '.bag'):
        raise InputError(f'{recording} holds no truth: it is a video')
    open_truth(truth, index_bag(recording) if own else BagIndex.nothing(recording), options)


def truth_of_replay(truth: Sequence[Path], recording: Path, out: Path) -> list[Path]:
    """Return the truth, its topics taken from the output where the recording held them."""
    return [out if Path(path).resolve() == recording.resolve() else Path(path) for path in truth]


def with_metrics(report: ReplayReport, run: ScoredRun) -> ReplayReport:
    """Return the report of a replay with its scores as ``metrics``."""
    figures: dict[str, Any] = run.figures()
    return replace(report, metrics={key: figures[key] for key in (
        'scored', 'unmatched', 'detection', 'segmentation', 'errors', 'criteria', 'passed')})
