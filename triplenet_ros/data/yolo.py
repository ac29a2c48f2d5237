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

"""Boxes and outlines in text files beside the images, as YOLO has them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Sequence

import cv2
import numpy as np
from torch.utils.data import Dataset

from triplenet_ros.classes import ClassSet, object_classes, UNLABELLED
from triplenet_ros.data.imagefile import read_rgb
from triplenet_ros.data.object_masks import box_mask, merge_masks
from triplenet_ros.errors import InputError
from triplenet_ros.sample import Sample
from triplenet_ros.textfile import read_text

_ROUNDED = 1e-3
"""So far outside of 0 .. 1 exporters round."""


class YoloSet(Dataset):
    """
    Images, each with its boxes or outlines in a text file.

    Where a file has outlines there is a label map too: background is 0, of two objects the
    smaller wins, and what is in a box without an outline is 255.

    :param images: the files
    :param texts: file of each image; one that does not exist means no objects, None that nobody
        looked for any
    :param classes: of the set
    :param keypoints: whether those of a body follow each box; they are passed over
    """

    def __init__(self, images: Sequence[Path], texts: Sequence[Optional[Path]],
                 classes: ClassSet, keypoints: bool = False) -> None:
        """Keep the paths; nothing is read yet."""
        self.classes = classes
        self._images, self._keypoints = list(images), keypoints
        self._texts = list(texts)
        # Labels of other classes than a background and those of the boxes come from elsewhere.
        own = object_classes(classes.detection).segmentation
        self._has_labels = bool(own) and classes.segmentation == own

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._images)

    def __getitem__(self, index: int) -> Sample:
        """
        Decode one image and read its boxes.

        :param index: 0 .. len - 1
        :raises InputError: if a file is damaged; of a text file its line is named
        """
        path, text = self._images[index], self._texts[index]
        image = read_rgb(path)
        if text is None:
            return Sample(name=path.stem, image=image)
        objects = read_objects(text, len(self.classes.detection), self._keypoints)
        height, width = image.shape[:2]
        boxes = _corners(np.array([one.box for one in objects]).reshape(-1, 4), height, width)
        kept = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        labels, areas = self._labels(objects, boxes, height, width)
        return Sample(name=path.stem, image=image, boxes=boxes[kept],
                      class_ids=np.array([one.class_id for one in objects], np.int64)[kept],
                      difficult=np.zeros(kept.sum(), bool), label_map=labels,
                      areas=None if areas is None else areas[kept])

    def _labels(self, objects: Sequence['LabelledObject'], boxes: np.ndarray, height: int,
                width: int) -> tuple[Optional[np.ndarray], Optional[np.ndarray]]:
        """Return the label map and the objects' areas, None where nobody drew outlines."""
        if not any(one.outline is not None for one in objects) or not self._has_labels:
            return None, None
        masks = [box_mask(box, height, width) if one.outline is None else
                 _outline_mask(one.outline, height, width) for one, box in zip(objects, boxes)]
        labels = [UNLABELLED if one.outline is None else 1 + one.class_id for one in objects]
        areas = np.array([mask.sum() for mask in masks], np.float32)
        return merge_masks(masks, labels, height, width), areas


@dataclass(frozen=True)
class LabelledObject:
    """
    One line of a text file, in fractions of the image, 0 .. 1.

    :param class_id: index of its class
    :param box: centre x and y, width, height
    :param outline: (P, 2) float64 x and y of its corners, or None
    """

    class_id: int
    box: tuple[float, float, float, float]
    outline: Optional[np.ndarray]


def read_objects(path: Path, classes: int, keypoints: bool = False) -> list[LabelledObject]:
    """
    Read a text file of objects, one a line.

    A line is a class and centre x and y, width and height of a box; a sixth number, the score or
    track that some tools add, is passed over. Or a class and x and y of three or more corners of
    an outline.

    :param path: the file; one that does not exist has no lines
    :param classes: how many there are
    :param keypoints: whether what follows a box are keypoints, which look as an outline does
    :raises InputError: naming file and line
    """
    if not path.is_file():
        return []
    try:
        lines = read_text(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'{path} is not a text file of boxes') from error
    if keypoints:
        lines = [' '.join(line.split()[:5]) for line in lines]
    return [_read_line(f'{path}:{number}', line, classes)
            for number, line in enumerate(lines, start=1) if line.strip()]


def _read_line(where: str, line: str, classes: int) -> LabelledObject:
    try:
        row = [float(word) for word in line.split()]
    except ValueError:
        row = []
    is_box = len(row) in (5, 6)
    if not is_box and (len(row) < 7 or len(row) % 2 == 0):
        raise InputError(f'{where}: {line.strip()[:60]!r}, must be five numbers: class, centre x, '
                         'centre y, width, height; or a class and three or more corners')
    if row[0] not in range(classes):
        raise InputError(f'{where}: class {row[0]:g} is out of range, there are 0 .. '
                         f'{classes - 1}')
    places = row[1:5] if is_box else row[1:]
    outside = [value for value in places if not -_ROUNDED <= value <= 1 + _ROUNDED]
    if outside:
        raise InputError(f'{where}: {outside[0]:g} is out of range, '
                         f'{"centre and size" if is_box else "corners"} are fractions of the '
                         'image, 0 .. 1')
    inside = np.clip(places, 0, 1)
    if is_box:
        return LabelledObject(int(row[0]), tuple(inside.tolist()), None)
    outline = inside.reshape(-1, 2)
    first, last = outline.min(axis=0), outline.max(axis=0)
    return LabelledObject(int(row[0]), (*((first + last) / 2).tolist(), *(last - first).tolist()),
                          outline)


def _outline_mask(outline: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return (H, W) uint8, 1 at pixels whose centres are inside."""
    mask = np.zeros((height, width), np.uint8)
    # To a sixteenth of a pixel; OpenCV's whole numbers are the centres of pixels.
    corners = np.rint((outline * [width, height] - 0.5) * 16).astype(np.int32)
    return cv2.fillPoly(mask, [corners], 1, shift=4)


def _corners(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    sizes = np.array([width, height])
    centres, halves = boxes[:, :2] * sizes, boxes[:, 2:] * sizes / 2
    corners = [(centres + side * halves).clip(0, sizes) for side in (-1, 1)]
    return np.concatenate(corners, axis=1).astype(np.float32)
