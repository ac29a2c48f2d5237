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

"""CamVid: driving frames with a label for each pixel, and boxes derived from those labels."""

from pathlib import Path
from typing import Union

import cv2
import numpy as np
from torch.utils.data import Dataset

from triplenet_ros.classes import CAMVID, UNLABELLED
from triplenet_ros.data.imagefile import is_companion, read_labels, read_rgb
from triplenet_ros.errors import InputError
from triplenet_ros.sample import Sample

UNLABELLED_IN_FILES = 11
MIN_PIXELS = 60
MIN_WIDTH, MIN_HEIGHT = 16, 12


class CamVid(Dataset):
    """
    One split of CamVid: ``root/split/images/*.jpg|png`` with ``root/split/labels/*.png``.

    :param root: folder that holds the splits
    :param split: name of the split's folder: train, val
    :raises InputError: if a folder or a label is not where it belongs
    """

    classes = CAMVID
    truth_of_boxes = 'derived boxes'

    def __init__(self, root: Union[str, Path], split: str) -> None:
        """Find the files; nothing is decoded yet."""
        images, labels = _folders(Path(root), split)
        self._images = sorted(path for path in images.iterdir()
                              if path.suffix.lower() in ('.jpg', '.jpeg', '.png')
                              and not is_companion(path))
        if not self._images:
            raise InputError(f'{images} holds no images, expected *.jpg or *.png')
        self._labels = [labels / f'{path.stem}.png' for path in self._images]
        missing = [path for path in self._labels if not path.is_file()]
        if missing:
            raise InputError(f'{missing[0]} is missing: every image in {images} needs its label '
                             f'({len(missing)} of {len(self._labels)} have none)')

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._images)

    def __getitem__(self, index: int) -> Sample:
        """
        Decode one image with its truth.

        :param index: 0 .. len - 1
        :returns: its labels, and the boxes derived from them
        :raises InputError: if a file is damaged, or image and label do not fit together
        """
        image = read_rgb(self._images[index])
        label_map = _read_label_map(self._labels[index])
        if image.shape[:2] != label_map.shape:
            (height, width), (label_height, label_width) = image.shape[:2], label_map.shape
            raise InputError(f'{self._labels[index]} is {label_width}x{label_height}, '
                             f'its image is {width}x{height}')
        boxes, class_ids = derived_boxes(label_map)
        return Sample(name=self._images[index].stem, image=image, boxes=boxes,
                      class_ids=class_ids, difficult=np.zeros(len(boxes), bool),
                      label_map=label_map)


def derived_boxes(label_map: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Make a box of each connected component (8 neighbours) of an object class.

    Objects of one class that touch merge into one box; components of fewer than 60 pixels, and
    boxes below 16 x 12 pixels (width x height), are left out.

    :param label_map: (H, W) uint8 labels of CAMVID
    :returns: (N, 4) float32 x1 y1 x2 y2, edges of pixels, and (N,) int64 detection classes
    """
    boxes, class_ids = [np.zeros((0, 4), np.float32)], [np.zeros(0, np.int64)]
    for class_id, name in enumerate(CAMVID.detection):
        found = _component_boxes(label_map == CAMVID.segmentation.index(name))
        boxes.append(found)
        class_ids.append(np.full(len(found), class_id, np.int64))
    return np.concatenate(boxes), np.concatenate(class_ids)


def _component_boxes(mask: np.ndarray) -> np.ndarray:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    left, top, width, height, pixels = stats[1:].T  # row 0 is what is not in the mask
    kept = (pixels >= MIN_PIXELS) & (width >= MIN_WIDTH) & (height >= MIN_HEIGHT)
    return np.stack([left, top, left + width, top + height], axis=1)[kept].astype(np.float32)


def _folders(root: Path, split: str) -> tuple[Path, Path]:
    folders = root / split / 'images', root / split / 'labels'
    for folder in folders:
        if not split or not folder.is_dir():
            raise InputError(f'{folder} is not a folder: camvid needs '
                             f'{root}/SPLIT/images/*.jpg|png and {root}/SPLIT/labels/*.png'
                             f'{_splits_hint(root)}')
    return folders


def _splits_hint(root: Path) -> str:
    if not root.is_dir():
        return f' ({root} does not exist)'
    splits = sorted(path.parent.name for path in root.glob('*/images'))
    return f' (splits there: {", ".join(splits) or "none"})'


def _read_label_map(path: Path) -> np.ndarray:
    label_map = read_labels(path)
    wrong = label_map[(label_map > UNLABELLED_IN_FILES) & (label_map != UNLABELLED)]
    if wrong.size:
        raise InputError(f'{path} holds the label {wrong[0]}, allowed are '
                         f'0 .. {UNLABELLED_IN_FILES}')
    label_map[label_map == UNLABELLED_IN_FILES] = UNLABELLED
    return label_map
