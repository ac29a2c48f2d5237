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

"""Truth for the frames of a recording: topics of a bag, a COCO JSON, a folder of labels."""

from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any, Mapping, Optional, Protocol, Sequence

import numpy as np

from triplenet_ros.bag.pictures import by_numbers
from triplenet_ros.bag.recorded_frames import RecordedFrames
from triplenet_ros.classes import ClassSet, usual_palette
from triplenet_ros.data.imagefile import check_labels, read_labels
from triplenet_ros.data.instances_file import Instances
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.stamp_matching import match_stamps
from triplenet_ros.evaluation.stamps import stamp_text
from triplenet_ros.sample import Sample

KEYS = ('stamp', 'number', 'name')
_STAMP = re.compile(r'([0-9]+)[._]([0-9]{9})|([0-9]{19})')
_NUMBER = re.compile(r'(?:frame)?[_-]?([0-9]{1,9})', re.IGNORECASE)
_NO_IMAGE = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True)
class Timeline:
    """
    When the frames of a recording were.

    :param results: (N,) int64 stamps of the results, rising
    :param images: (I,) int64 stamps of the images in the order of the recording, by which frame
        numbers count; the results' where it has no images
    """

    results: np.ndarray
    images: np.ndarray


@dataclass(frozen=True)
class Partners:
    """
    Which truth belongs to which result.

    :param keys: index of the result -> key of its truth
    :param stamps: index of the result -> stamp of its truth, where that has stamps
    :param truth: stamps of truth without a result
    :param truth_keys: numbers or names of truth without a result
    :param doubled: stamps of truth that came again
    """

    keys: Mapping[int, Any]
    stamps: Mapping[int, int]
    truth: tuple[int, ...] = ()
    truth_keys: tuple[str, ...] = ()
    doubled: tuple[int, ...] = ()


class Truth(Protocol):
    """
    Boxes, labels or both of the frames of a recording.

    :param description: what it is and how its frames are found, for people
    :param classes: names of its classes; empty for what it does not have
    """

    description: str
    classes: ClassSet

    def partners(self, timeline: Timeline, tolerance_ns: int) -> Partners:
        """Return which frame has which truth."""

    def sample(self, key: Any) -> Sample:
        """
        Return the truth of a key that partners() gave; each once.

        :raises InputError: if it cannot be read
        """

    def expect(self, keys: Sequence[Any]) -> None:
        """Say which keys will be asked for, and no others."""

    def size(self, key: Any) -> Optional[tuple[int, int]]:
        """Return height and width of the image that a key's truth is about, where it says so."""

    def notes(self) -> list[str]:
        """Return lines about what was left out or odd so far."""


class BagTruth:
    """
    Truth on topics of a bag, or the results of another run.

    :param frames: of the topics
    :param wanted: keys are asked for in about the order of the bag; what comes before its turn
        is kept
    """

    def __init__(self, frames: RecordedFrames) -> None:
        """Read nothing yet."""
        self._frames = frames
        self.classes = frames.topics.classes
        self.description = (f'{frames.index.path} ({", ".join(frames.topics.topics)}; by stamp)')
        self._wanted: list[int] = []
        self._reader: Any = None
        self._ahead: dict[int, Sample] = {}

    def partners(self, timeline: Timeline, tolerance_ns: int) -> Partners:
        """Match by stamps."""
        stamps = self._frames.stamps
        matching = match_stamps(timeline.results, stamps, tolerance_ns)
        keys = {int(one): int(stamps[two]) for one, two in matching.pairs}
        return Partners(keys, keys, tuple(stamps[matching.truth].tolist()),
                        doubled=tuple(self._frames.doubled.tolist()))

    def expect(self, keys: Sequence[int]) -> None:
        """Say which keys will be asked for."""
        self._wanted = list(keys)

    def sample(self, key: int) -> Sample:
        """Return the truth of a stamp."""
        if self._reader is None:
            self._reader = self._frames.read(self._wanted)
        while key not in self._ahead:
            frame = next(self._reader, None)
            if frame is None:
                raise InputError(f'{self.description} has changed while it was read: '
                                 f'{stamp_text(key)} is gone')
            boxes, truth = frame.boxes, {}
            if boxes is not None:
                truth = {'boxes': boxes.boxes, 'class_ids': frame.class_ids,
                         'difficult': np.zeros(len(boxes.boxes), bool),
                         'distances': boxes.distances}
            self._ahead[frame.stamp_ns] = Sample(
                stamp_text(frame.stamp_ns), _NO_IMAGE, label_map=frame.label_map, **truth)
        return self._ahead.pop(key)

    def size(self, key: int) -> Optional[tuple[int, int]]:
        """Return None: the label image has its own size, boxes have none."""
        return None

    def notes(self) -> list[str]:
        """Return lines about what was left out or odd so far."""
        return self._frames.notes('truth')


class FileTruth:
    """
    Truth in files, one for each frame, found by the stems of their names.

    :param path: of the files, for messages
    :param stems: one of each frame
    :param classes: names of the classes
    :param key: one of KEYS, or None: by stamps if all stems are stamps, by numbers if all are
        numbers, else by the order of their names
    :raises InputError: if the stems are not what the key needs, or one is there twice
    """

    def __init__(self, path: Path, stems: Sequence[str], classes: ClassSet,
                 key: Optional[str]) -> None:
        """Read the keys in the names."""
        self._path, self._stems, self.classes = path, stems, classes
        self._key = key or _key_of(stems)
        self._values = [self._value(stem) for stem in stems] if self._key != 'name' else []
        first: dict[int, str] = {}
        for stem, value in zip(stems, self._values):
            if first.setdefault(value, stem) is not stem:
                raise InputError(f'{path} has {first[value]} and {stem} for the same frame')
        self.description = f'{path} (by {self._key})'

    def _value(self, stem: str) -> int:
        match = (_STAMP if self._key == 'stamp' else _NUMBER).fullmatch(stem)
        if match is None:
            what = 'a stamp such as 1700000000.250000000' if self._key == 'stamp' else \
                'a number such as frame_000012'
            raise InputError(f'{self._path}: {stem!r} is not {what}')
        if self._key == 'number':
            return int(match[1])
        return int(match[3]) if match[3] else int(match[1]) * 1_000_000_000 + int(match[2])

    def partners(self, timeline: Timeline, tolerance_ns: int) -> Partners:
        """Match by the key."""
        if self._key == 'stamp':
            values = np.array(self._values, np.int64)
            matching = match_stamps(timeline.results, values, tolerance_ns)
            keys = {int(one): int(two) for one, two in matching.pairs}
            return Partners(keys, {one: int(values[two]) for one, two in keys.items()},
                            tuple(sorted(values[matching.truth].tolist())))
        images = timeline.images.tolist()
        if self._key == 'name' and len(images) != len(self._stems):
            raise InputError(f'{self._path} has {len(self._stems)} files for {len(images)} '
                             'frames: name them by stamps or frame numbers')
        numbers = self._values or range(len(self._stems))
        place = {stamp: index for index, stamp in enumerate(timeline.results.tolist())}
        frames = {index: place.get(images[number]) if number < len(images) else None
                  for index, number in enumerate(numbers)}
        keys = {frame: index for index, frame in frames.items() if frame is not None}
        lonely = tuple(self._stems[index] for index, frame in frames.items() if frame is None)
        return Partners(keys, {}, truth_keys=lonely)

    def expect(self, keys: Sequence[int]) -> None:
        """Say which keys will be asked for: files need no warning."""

    def notes(self) -> list[str]:
        """Return nothing: files are refused rather than passed over."""
        return []


class LabelFolder(FileTruth):
    """
    A folder of label PNGs.

    :param folder: with the PNGs
    :param names: of the labels from 0 on
    :param key: as FileTruth has it
    :raises InputError: as FileTruth, and if there is no PNG
    """

    def __init__(self, folder: Path, names: tuple[str, ...], key: Optional[str]) -> None:
        """Find the files."""
        self._files = sorted(
            (path for path in folder.iterdir()
             if path.suffix.lower() == '.png' and not path.name.startswith('.')),
            key=lambda path: by_numbers(path.name))
        if not self._files:
            raise InputError(f'{folder} holds no label images (*.png)')
        classes = ClassSet((), names, (), usual_palette(names))
        super().__init__(folder, [path.stem for path in self._files], classes, key)

    def sample(self, key: int) -> Sample:
        """Return the labels of a file."""
        path = self._files[key]
        labels = read_labels(path)
        check_labels(path, labels, *labels.shape, len(self.classes.segmentation))
        return Sample(path.stem, _NO_IMAGE, label_map=labels)

    def size(self, key: int) -> Optional[tuple[int, int]]:
        """Return None: the labels have their own size."""
        return None


class InstancesTruth(FileTruth):
    """
    Boxes of a COCO JSON; an annotation's ``distance`` is metres from the camera.

    :param instances: content of the file
    :param key: as FileTruth has it; the stems are those of the images' file names
    :raises InputError: as FileTruth
    """

    def __init__(self, instances: Instances, key: Optional[str]) -> None:
        """Arrange the images by their names."""
        self._images = sorted(instances.images,
                              key=lambda image: by_numbers(str(image['file_name'])))
        self._instances = instances
        self._numbers = {category: number for number, category in enumerate(instances.categories)}
        classes = ClassSet(tuple(map(str, instances.categories.values())), (), (), ())
        super().__init__(instances.path,
                         [Path(image['file_name']).stem for image in self._images], classes, key)

    def sample(self, key: int) -> Sample:
        """Return the boxes of an image."""
        image = self._images[key]
        entries = self._instances.annotations[image['id']]
        boxes = np.array([entry['bbox'] for entry in entries], np.float32).reshape(-1, 4)
        areas = [entry.get('area', entry['bbox'][2] * entry['bbox'][3]) for entry in entries]
        boxes[:, 2:] += boxes[:, :2]
        return Sample(
            Path(image['file_name']).stem, _NO_IMAGE, boxes=boxes,
            class_ids=np.array([self._numbers[entry['category_id']] for entry in entries],
                               np.int64),
            difficult=np.array([bool(entry.get('iscrowd', 0)) for entry in entries], bool),
            areas=np.array(areas, np.float32),
            distances=np.array([self._distance(entry) for entry in entries], np.float32))

    def _distance(self, entry: dict) -> float:
        distance = entry.get('distance')
        if distance is None:
            return float('nan')
        if not isinstance(distance, (int, float)) or not distance >= 0:
            raise InputError(f'{self._instances.path}: annotation {entry.get("id")} has the '
                             f'distance {distance!r}, must be metres')
        return float(distance)

    def size(self, key: int) -> Optional[tuple[int, int]]:
        """Return the size that the file gives the image."""
        height, width = (self._images[key].get(side) for side in ('height', 'width'))
        return (height, width) if height and width else None


def _key_of(stems: Sequence[str]) -> str:
    if all(_STAMP.fullmatch(stem) for stem in stems):
        return 'stamp'
    return 'number' if all(_NUMBER.fullmatch(stem) for stem in stems) else 'name'
