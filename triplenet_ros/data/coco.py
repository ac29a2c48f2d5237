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

"""COCO, and any data set whose objects are in a file of COCO's instances format."""

from os.path import isfile
from pathlib import Path
from typing import Any, Callable, Iterator, Optional, Sequence

import numpy as np
from torch.utils.data import Dataset

from triplenet_ros.classes import ClassSet, COCO, object_classes, UNLABELLED
from triplenet_ros.data.imagefile import read_rgb
from triplenet_ros.data.instances_file import Instances
from triplenet_ros.data.object_masks import (
    box_mask, decode_segmentation, mask_library, merge_masks)
from triplenet_ros.data.packed import PackedRecords
from triplenet_ros.errors import InputError
from triplenet_ros.sample import Sample

Names = tuple[str, ...]


def coco_classes(names: Names) -> ClassSet:
    """Return COCO's 80 classes if all names are among them, else the names before a background."""
    return COCO if set(names) <= set(COCO.detection) else object_classes(names)


class CocoSet(Dataset):
    """
    Images whose objects are in instances files.

    Labels: the masks of one category are merged, background is 0; where objects overlap the
    smaller one wins; crowd regions, and the boxes of objects without a mask, are 255. An image
    without annotations is all background. Where no object of any file has a mask there are no
    label maps. Boxes: clipped to the image, those without an area dropped; crowds are difficult.
    Areas are those of the annotations.

    Not torchvision's CocoDetection: that needs pycocotools, keeps every annotation as Python
    objects in every worker process (COCO has 860,000), and leaves boxes and masks to its user.

    :param parts: content of an instances file and folder of its images, for each part of the set
    :param ids: image ids of those to take; None = all
    :param classes_of: category names, in the order of their ids, to the classes of the set
    :raises InputError: if an image is missing, or there is none
    """

    def __init__(self, parts: Sequence[tuple[Instances, Path]], ids: Optional[set[int]] = None,
                 classes_of: Callable[[Names], ClassSet] = coco_classes) -> None:
        """Arrange the annotations; no image is decoded yet."""
        names = dict.fromkeys(name for part, _ in parts for name in part.categories.values())
        self.classes = classes_of(tuple(names))
        self.has_masks = any(part.has_masks for part, _ in parts)
        if self.has_masks:
            mask_library()  # rather now than in the middle of a training
            _check_label_room(self.classes, parts[0][0].path)
        records = [record for part, folder in parts
                   for record in _records(part, folder, self.classes)
                   if ids is None or record['id'] in ids]
        _check_images(records, parts[0][0].path)
        self._records = PackedRecords(records)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._records)

    def __getitem__(self, index: int) -> Sample:
        """
        Decode one image with its truth.

        :param index: 0 .. len - 1
        :raises InputError: if image or annotation is damaged, or they do not fit together
        """
        record = self._records[index]
        image = read_rgb(Path(record['file']))
        height, width = image.shape[:2]
        if record['size'] not in ([None, None], [height, width]):
            raise InputError(f'{record["file"]} is {width}x{height}, in {record["source"]} it is '
                             '{1}x{0}'.format(*record['size']))
        boxes = _corners(record['objects'], height, width)
        kept = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        label_map = self._label_map(record, boxes, height, width) if self.has_masks else None
        objects = record['objects']
        return Sample(
            name=record['name'], image=image, boxes=boxes[kept],
            class_ids=np.array([item['class_id'] for item in objects], np.int64)[kept],
            difficult=np.array([item['crowd'] for item in objects], bool)[kept],
            areas=np.array([item['area'] for item in objects], np.float32)[kept],
            label_map=label_map)

    def _label_map(self, record: dict, boxes: np.ndarray, height: int, width: int) -> np.ndarray:
        masks, labels = [], []
        for item, box in zip(record['objects'], boxes):
            hidden = item['crowd'] or not item['segmentation']
            labels.append(UNLABELLED if hidden else 1 + item['class_id'])
            try:
                masks.append(decode_segmentation(item['segmentation'], height, width)
                             if item['segmentation'] else box_mask(box, height, width))
            except InputError as error:
                raise InputError(f'{record["source"]}: annotation {item["id"]} of image '
                                 f'{record["id"]} has a {error}') from error
        return merge_masks(masks, labels, height, width)


def _check_label_room(classes: ClassSet, path: Path) -> None:
    if not classes.segmentation:
        raise InputError(f'{path} has masks of {len(classes.detection)} categories, at most '
                         f'{UNLABELLED - 1} fit into a label map')


def _check_images(records: Sequence[dict], path: Path) -> None:
    if not records:
        raise InputError(f'{path}: no images to take from it')
    missing = [record['file'] for record in records if not isfile(record['file'])]
    if missing:
        raise InputError(f'{missing[0]} is missing: every image of {path} must be there '
                         f'({len(missing)} of {len(records)} are not)')


def image_name(image: dict) -> str:
    """Return the name of an image of an instances file: its path without a suffix."""
    return Path(image['file_name']).with_suffix('').as_posix()


def _records(part: Instances, folder: Path, classes: ClassSet) -> Iterator[dict[str, Any]]:
    class_ids = {category: classes.detection.index(name)
                 for category, name in part.categories.items()}
    for image in part.images:
        yield {'id': image['id'], 'name': image_name(image),
               'file': str(folder / image['file_name']), 'source': str(part.path),
               'size': [image['height'], image['width']],
               'objects': [_object(entry, class_ids)
                           for entry in part.annotations[image['id']]]}


def _object(entry: dict, class_ids: dict[int, int]) -> dict[str, Any]:
    return {'id': entry['id'], 'class_id': class_ids[entry['category_id']],
            'box': entry['bbox'], 'area': entry['area'], 'crowd': entry['iscrowd'],
            'segmentation': entry['segmentation']}


def _corners(objects: Sequence[dict], height: int, width: int) -> np.ndarray:
    boxes = np.array([item['box'] for item in objects], np.float64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return boxes.clip(0, [width, height, width, height]).astype(np.float32)
