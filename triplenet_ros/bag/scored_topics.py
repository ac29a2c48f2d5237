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

"""Which topics of a bag are results, which are truth, and what their classes are called."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Mapping, Optional, Sequence

import numpy as np

from triplenet_ros.bag.bag_index import BagIndex, BOXES, IMAGE
from triplenet_ros.bag.topics import info_name
from triplenet_ros.classes import ClassSet, UNLABELLED, usual_palette
from triplenet_ros.errors import InputError

_TRUTH_NAMES = {'truth', 'ground_truth', 'groundtruth', 'gt', 'annotations', 'reference'}
_LABEL_NAMES = {'label_image', 'labels', 'label', 'segmentation', 'semantic_segmentation',
                'segmentation_mask', 'label_map'}


@dataclass(frozen=True)
class ScoredTopics:
    """
    Topics of one side, and what their numbers mean.

    :param detections: topic of Detection2DArray, or None
    :param labels: topic of the label image, or None
    :param classes: names of the classes; ids below are indices into them
    :param class_ids: class_id of a message -> index of the class
    :param lookup: (256,) uint8, label of a message -> index of the class, 255 = unlabelled
    :param open_names: whether the class ids are names of which no list is known
    """

    detections: Optional[str]
    labels: Optional[str]
    classes: ClassSet
    class_ids: Mapping[str, int]
    lookup: np.ndarray
    open_names: bool = False

    def only(self, tasks: Sequence[str]) -> 'ScoredTopics':
        """Return it without the topics and classes of other tasks."""
        kept = self
        if 'detection' not in tasks:
            kept = replace(kept, detections=None, class_ids={}, open_names=False,
                           classes=replace(kept.classes, detection=()))
        if 'segmentation' not in tasks:
            kept = replace(kept, labels=None,
                           classes=replace(kept.classes, segmentation=(), palette=()))
        return kept

    @property
    def topics(self) -> tuple[str, ...]:
        """Those that there are."""
        return tuple(topic for topic in (self.detections, self.labels) if topic is not None)


@dataclass(frozen=True)
class TopicChoice:
    """
    What the user says about the topics of one side.

    :param detections: topic of Detection2DArray; None = the only one
    :param labels: topic of the label image; None = the only one
    :param box_names: names of the classes from 0 on, where the bag has none
    :param label_names: as above
    """

    detections: Optional[str] = None
    labels: Optional[str] = None
    box_names: Optional[tuple[str, ...]] = None
    label_names: Optional[tuple[str, ...]] = None


def choose_topics(index: BagIndex, choice: TopicChoice, truth: bool, option: str,
                  same_bag: bool) -> ScoredTopics:
    """
    Find the boxes and labels of one side.

    In a bag that holds both sides, truth is what has ``truth``, ``ground_truth`` or ``gt`` as a
    part of its topic's name, and results are what has not.

    :param index: of the bag
    :param choice: what the user says
    :param truth: whether truth is looked for, or results
    :param option: beginning of the options for the messages, ``--`` or ``--truth-``
    :param same_bag: whether the other side is in the same bag
    :raises InputError: if there is nothing, or several topics to choose from, or the classes
        have no names
    """
    boxes = _chosen(index, choice.detections, index.topics(BOXES), truth, same_bag,
                    f'{option}detections', BOXES)
    labels = _chosen(index, choice.labels, _label_topics(index), truth, same_bag,
                     f'{option}labels', IMAGE)
    if boxes is None and labels is None:
        what = 'truth' if truth else 'results'
        raise InputError(f'{index.path} has no {what}: neither {BOXES} nor a label image '
                         f'({IMAGE} with a LabelInfo beside it); its topics are '
                         f'{", ".join(sorted(index.types)) or "none"}')
    names, is_open = _box_names(index, boxes, choice, option)
    return named_topics(boxes, labels, names, _label_names(index, labels, choice, option),
                        is_open)


def named_topics(boxes: Optional[str], labels: Optional[str], names: Mapping[str, str],
                 label_names: Mapping[int, str], open_names: bool = False) -> ScoredTopics:
    """
    Return topics with what their numbers mean; several numbers may have one name.

    :param boxes: topic of Detection2DArray, or None
    :param labels: topic of the label image, or None
    :param names: class_id -> name
    :param label_names: label -> name
    :param open_names: whether the class ids are names of which no list is known
    """
    segmentation = tuple(dict.fromkeys(label_names.values()))
    lookup = np.full(256, UNLABELLED, np.uint8)
    for label, name in label_names.items():
        lookup[label] = segmentation.index(name)
    detection = tuple(dict.fromkeys(names.values()))
    return ScoredTopics(
        boxes, labels, ClassSet(detection, segmentation, (), usual_palette(segmentation)),
        {**{name: detection.index(name) for name in detection},
         **{class_id: detection.index(name) for class_id, name in names.items()}},
        lookup, open_names)


def _label_topics(index: BagIndex) -> list[str]:
    return [topic for topic in index.topics(IMAGE)
            if PurePosixPath(topic).name in _LABEL_NAMES or info_name(topic) in index.labels]


def _chosen(index: BagIndex, named: Optional[str], candidates: Sequence[str], truth: bool,
            same_bag: bool, option: str, kind: str) -> Optional[str]:
    if named is not None:
        if index.types.get(named) != kind:
            raise InputError(f'{option} {named} is {index.types.get(named, "no topic")} in '
                             f'{index.path}, needed is {kind}; its topics are '
                             f'{", ".join(sorted(index.types)) or "none"}')
        return named
    fitting = [topic for topic in candidates if _is_truth(topic) == truth]
    if not same_bag:
        fitting = fitting or list(candidates)
    if len(fitting) > 1:
        raise InputError(f'{index.path} has {len(fitting)} topics to choose from, say which with '
                         f'{option}: {", ".join(fitting)}')
    return fitting[0] if fitting else None


def _is_truth(topic: str) -> bool:
    return bool(_TRUTH_NAMES & set(topic.split('/')))


def _beside(topic: str, infos: Mapping[str, object]) -> Optional[str]:
    """Return the info topic that belongs to a topic: in its namespace, best by its name."""
    if info_name(topic) in infos:
        return info_name(topic)
    own = PurePosixPath(topic)
    near = [info for info in infos if PurePosixPath(info).parent == own.parent]
    return near[0] if len(near) == 1 else None


def _box_names(index: BagIndex, topic: Optional[str], choice: TopicChoice,
               option: str) -> tuple[Mapping[str, str], bool]:
    """Return class_id -> name, and whether it is only what happened to occur."""
    if topic is None:
        return {}, False
    if choice.box_names is not None:
        return {str(number): name for number, name in enumerate(choice.box_names)}, False
    info = _beside(topic, index.classes)
    if info is not None and index.classes[info] is not None:
        return index.classes[info], False
    ids = sorted(index.class_ids.get(topic, ()))
    numbers = [one for one in ids if one.lstrip('-').isdecimal()]
    if numbers:
        reason = 'its VisionInfo holds no names' if info else 'no VisionInfo is beside it'
        raise InputError(f'{topic} in {index.path} has class ids that are numbers such as '
                         f'{numbers[0]!r}, and {reason}: name the classes with '
                         f'{option}classes FILE')
    return {one: one for one in ids}, True


def _label_names(index: BagIndex, topic: Optional[str], choice: TopicChoice,
                 option: str) -> Mapping[int, str]:
    if topic is None:
        return {}
    if choice.label_names is not None:
        return dict(enumerate(choice.label_names))
    info = _beside(topic, index.labels)
    if info is None:
        raise InputError(f'{topic} in {index.path} has no LabelInfo beside it: name its labels '
                         f'with {option}classes FILE')
    return index.labels[info]
