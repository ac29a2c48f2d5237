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

"""Opens what the user gives as truth."""

from dataclasses import replace
from pathlib import Path
from typing import Optional, Sequence

from triplenet_ros.bag.bag_file import BAG_SUFFIXES
from triplenet_ros.bag.bag_index import BagIndex, index_bag
from triplenet_ros.bag.recorded_frames import RecordedFrames
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.bag.scored_topics import choose_topics
from triplenet_ros.bag.truth import BagTruth, InstancesTruth, LabelFolder, Truth
from triplenet_ros.classes import ClassSet
from triplenet_ros.data.class_names import read_names
from triplenet_ros.data.instances_file import read_instances
from triplenet_ros.errors import InputError

TASKS = {'detection': 'boxes', 'segmentation': 'labels'}


def open_truth(paths: Sequence[Path], results: BagIndex,
               options: ScoreOptions) -> tuple[Truth, ...]:
    """
    Open truth; several sources make one where each has another task.

    :param paths: bags, COCO JSONs, folders of label PNGs
    :param results: the recording, which may hold the truth too
    :param options: of the user
    :raises InputError: if one cannot be used, or two have the same task
    """
    truths = tuple(_open(Path(path), results, options) for path in paths)
    for task, what in TASKS.items():
        having = [truth for truth in truths if getattr(truth.classes, task)]
        if len(having) > 1:
            raise InputError(f'both {having[0].description} and {having[1].description} have '
                             f'{what}: give one of them')
    return truths


def joined_classes(truths: Sequence[Truth]) -> ClassSet:
    """Return the classes of all sources together."""
    joined = ClassSet((), (), (), ())
    for classes in (truth.classes for truth in truths):
        if classes.detection:
            joined = replace(joined, detection=classes.detection)
        if classes.segmentation:
            joined = replace(joined, segmentation=classes.segmentation, palette=classes.palette)
    return joined


def _open(path: Path, results: BagIndex, options: ScoreOptions) -> Truth:
    if not path.exists():
        raise InputError(f'{path} does not exist')
    if path.suffix.lower() == '.json':
        return InstancesTruth(read_instances(path), options.truth_key)
    if path.is_dir() and not _is_bag(path):
        return LabelFolder(path, _label_names(path, options), options.truth_key)
    same_bag = path.resolve() == results.path.resolve()
    index = results if same_bag else index_bag(path)
    return BagTruth(RecordedFrames(index, choose_topics(
        index, options.truth, True, '--truth-', same_bag)))


def _is_bag(folder: Path) -> bool:
    return any(file.name == 'metadata.yaml' or file.suffix in BAG_SUFFIXES
               for file in folder.iterdir())


def _label_names(folder: Path, options: ScoreOptions) -> tuple[str, ...]:
    names: Optional[tuple[str, ...]] = options.truth.label_names
    for file in (folder / 'data.yaml', folder.parent / 'data.yaml'):
        if names is None and file.is_file():
            names = read_names(file)[1]
    if names is None:
        raise InputError(f'{folder} does not say what its labels are called: give '
                         '--truth-classes FILE, YAML with segmentation: [road, ...]')
    return names
