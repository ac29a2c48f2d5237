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

"""PASCAL VOC: boxes for every image, masks for some, more masks from SBD."""

from pathlib import Path
import re
from typing import Optional
from xml.etree import ElementTree

import numpy as np
from torch.utils.data import Dataset

from triplenet_ros.classes import VOC
from triplenet_ros.data.image_list import read_image_list
from triplenet_ros.data.imagefile import check_labels, read_labels, read_rgb
from triplenet_ros.data.sbd import read_mask, SemanticBoundaries
from triplenet_ros.errors import InputError
from triplenet_ros.sample import Sample

LISTS = ('Main', 'Segmentation')
CORNERS = ('xmin', 'ymin', 'xmax', 'ymax')


class VocSet(Dataset):
    """
    One split of PASCAL VOC, as the devkit lays it out.

    Images whose mask exists have a label map: VOC's own, else SBD's. VOC's corners are pixels
    counted from 1, the last one inside: here they become edges of pixels.

    Not torchvision's VOCDetection and VOCSegmentation: each gives one half of the truth and finds
    the devkit in one place only.

    :param root: VOCdevkit, or its folder of the year
    :param year: 2007 or 2012
    :param split: a list of ImageSets: train, val, trainval, test; or, with ``sbd``, ``trainaug``:
        the images with a mask of VOC's train or of SBD that are not in VOC's val
    :param lists: folder of ImageSets that the split is of: ``Main`` are the images for detection,
        ``Segmentation`` those with masks, on which segmentation is scored
    :param sbd: folder with masks of the Semantic Boundaries Dataset
    :raises InputError: if a file is not where it belongs
    """

    classes = VOC

    def __init__(self, root: Path, year: int, split: str, lists: str = 'Main',
                 sbd: Optional[Path] = None) -> None:
        """Find the files; nothing is decoded yet."""
        self._folder = _year_folder(root, year)
        self._sbd = None if sbd is None else SemanticBoundaries(sbd)
        self._names = self._trainaug() if split == 'trainaug' else self._list(lists, split)
        for folder, suffix in (('JPEGImages', 'jpg'), ('Annotations', 'xml')):
            self._check_files(folder, suffix)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._names)

    def __getitem__(self, index: int) -> Sample:
        """
        Decode one image with its truth.

        :param index: 0 .. len - 1
        :raises InputError: if a file is damaged, or image and mask do not fit together
        """
        name = self._names[index]
        image = read_rgb(self._folder / 'JPEGImages' / f'{name}.jpg')
        boxes, class_ids, difficult = read_objects(self._folder / 'Annotations' / f'{name}.xml')
        height, width = image.shape[:2]
        boxes = boxes.clip(0, np.array([width, height, width, height], np.float32))
        kept = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        return Sample(name=name, image=image, boxes=boxes[kept], class_ids=class_ids[kept],
                      difficult=difficult[kept], label_map=self._label_map(name, height, width))

    def _label_map(self, name: str, height: int, width: int) -> Optional[np.ndarray]:
        path = self._folder / 'SegmentationClass' / f'{name}.png'
        read = read_labels
        if not path.is_file() and self._sbd is not None:
            path, read = self._sbd.mask_file(name), read_mask
        if not path.is_file():
            return None
        label_map = read(path)
        check_labels(path, label_map, height, width, len(VOC.segmentation))
        return label_map

    def _list(self, lists: str, split: str) -> list[str]:
        if lists not in LISTS:
            raise InputError(f'voc: lists is {lists!r}, must be one of {", ".join(LISTS)}')
        folder = self._folder / 'ImageSets' / lists
        path = folder / f'{split}.txt'
        if not path.is_file():
            # Main has a list of every class and split too, such as bus_train: nobody means those.
            there = sorted(item.stem for item in folder.glob('*.txt') if '_' not in item.stem)
            raise InputError(f'{path} is missing (splits there: {", ".join(there) or "none"})')
        return read_image_list(path)

    def _trainaug(self) -> list[str]:
        if self._sbd is None:
            raise InputError('voc: split trainaug is made with the masks of SBD: give the option '
                             'sbd, the folder that holds its cls/*.mat')
        train = set(self._list('Segmentation', 'train')) | self._sbd.names()
        return sorted(train - set(self._list('Segmentation', 'val')))

    def _check_files(self, folder: str, suffix: str) -> None:
        paths = [self._folder / folder / f'{name}.{suffix}' for name in self._names]
        missing = [path for path in paths if not path.is_file()]
        if missing:
            raise InputError(f'{missing[0]} is missing: every image of the split needs one '
                             f'({len(missing)} of {len(paths)} are missing)')


def read_objects(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Read the objects of an image.

    :param path: XML file of Annotations
    :returns: (N, 4) float32 x1 y1 x2 y2, edges of pixels; (N,) int64 detection classes of VOC;
        (N,) bool difficult
    :raises InputError: naming the file, if it is no annotation of VOC
    """
    try:
        objects = ElementTree.parse(path).getroot().findall('object')
        names = [item.findtext('name', '').strip() for item in objects]
        corners = [[float(item.findtext(f'bndbox/{corner}', '')) for corner in CORNERS]
                   for item in objects]
    except (OSError, ElementTree.ParseError, ValueError) as error:
        raise InputError(f'{path} is not an annotation of VOC that can be read') from error
    if not np.isfinite(np.array(corners, np.float32)).all():
        raise InputError(f'{path} has a box with a corner that is no number')
    for name in names:
        if name not in VOC.detection:
            raise InputError(f'{path} has an object {name!r}, which is not a class of VOC')
    boxes = np.array(corners, np.float32).reshape(-1, 4) - np.array([1, 1, 0, 0], np.float32)
    class_ids = np.array([VOC.detection.index(name) for name in names], np.int64)
    difficult = [item.findtext('difficult', '0').strip() == '1' for item in objects]
    return boxes, class_ids, np.array(difficult, bool)


def _year_folder(root: Path, year: int) -> Path:
    name = f'VOC{year}'
    for folder in (root / name, root / 'VOCdevkit' / name):
        if (folder / 'ImageSets').is_dir():
            return folder
    # What is called VOC2007 holds that year, even if 2012 is asked for.
    another_year = re.fullmatch(r'VOC\d{4}', root.resolve().name) and root.resolve().name != name
    if (root / 'ImageSets').is_dir() and not another_year:
        return root
    raise InputError(f'{root / name / "ImageSets"} is not a folder: voc{year} needs VOCdevkit, '
                     f'which holds {name}/ with ImageSets, JPEGImages and Annotations, or that '
                     f'folder itself{"" if root.is_dir() else f" ({root} does not exist)"}')
