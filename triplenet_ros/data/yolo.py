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

"""Boxes in text files beside the images, as YOLO has them."""

from pathlib import Path
from typing import Optional, Sequence

import numpy as np
from torch.utils.data import Dataset

from triplenet_ros.classes import ClassSet
from triplenet_ros.data.imagefile import read_rgb
from triplenet_ros.errors import InputError
from triplenet_ros.sample import Sample
from triplenet_ros.textfile import read_text


class YoloSet(Dataset):
    """
    Images, each with its boxes in a text file.

    :param images: the files
    :param texts: file of each image; one that does not exist means no objects, None that nobody
        looked for any
    :param classes: of the set
    """

    def __init__(self, images: Sequence[Path], texts: Sequence[Optional[Path]],
                 classes: ClassSet) -> None:
        """Keep the paths; nothing is read yet."""
        self.classes = classes
        self._images = list(images)
        self._texts = list(texts)

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
        rows = read_rows(text, len(self.classes.detection))
        boxes = _corners(rows[:, 1:], *image.shape[:2])
        kept = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        return Sample(name=path.stem, image=image, boxes=boxes[kept],
                      class_ids=rows[kept, 0].astype(np.int64),
                      difficult=np.zeros(kept.sum(), bool))


def read_rows(path: Path, classes: int) -> np.ndarray:
    """
    Read a text file of boxes, one a line: class, centre x and y, width, height.

    :param path: the file; one that does not exist has no lines
    :param classes: how many there are
    :returns: (N, 5) float64, the last four in fractions of the image, 0 .. 1
    :raises InputError: naming file and line
    """
    if not path.is_file():
        return np.zeros((0, 5))
    try:
        lines = read_text(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'{path} is not a text file of boxes') from error
    rows = [_read_row(f'{path}:{number}', line, classes)
            for number, line in enumerate(lines, start=1) if line.strip()]
    return np.array(rows).reshape(-1, 5)


def _read_row(where: str, line: str, classes: int) -> list[float]:
    try:
        row = [float(word) for word in line.split()]
    except ValueError:
        row = []
    if len(row) != 5:
        raise InputError(f'{where}: {line.strip()[:60]!r}, must be five numbers: class, centre x, '
                         'centre y, width, height')
    if row[0] not in range(classes):
        raise InputError(f'{where}: class {row[0]:g} is out of range, there are 0 .. '
                         f'{classes - 1}')
    outside = [value for value in row[1:] if not 0 <= value <= 1]
    if outside:
        raise InputError(f'{where}: {outside[0]:g} is out of range, centre and size are fractions '
                         'of the image, 0 .. 1')
    return row


def _corners(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    sizes = np.array([width, height])
    centres, halves = boxes[:, :2] * sizes, boxes[:, 2:] * sizes / 2
    corners = [(centres + side * halves).clip(0, sizes) for side in (-1, 1)]
    return np.concatenate(corners, axis=1).astype(np.float32)
