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

"""A user's own images, with boxes as YOLO or COCO have them, with masks, or with some of both."""

import logging
from pathlib import Path
from typing import Optional, Sequence

from torch.utils.data import Dataset

from triplenet_ros.classes import object_classes, UNLABELLED
from triplenet_ros.data.class_names import has_keypoints, read_classes
from triplenet_ros.data.coco import CocoSet, image_name
from triplenet_ros.data.coco_layout import find_images
from triplenet_ros.data.imagefile import is_companion
from triplenet_ros.data.instances_file import read_instances
from triplenet_ros.data.masked import MaskedSet
from triplenet_ros.data.split_folder import beside_images, images_of_split, names_of
from triplenet_ros.data.yolo import YoloSet
from triplenet_ros.errors import InputError

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp', '.avif', '.jp2')

_LOG = logging.getLogger('triplenet_ros')
_NO_LABELS = ('classes.txt', 'readme.txt')
"""What label tools leave in the folder of their labels."""

LAYOUT = 'ROOT/images[/SPLIT] with ROOT/labels[/SPLIT]/*.txt, ROOT/annotations/SPLIT.json or ' \
         'ROOT/masks[/SPLIT]/*.png; SPLIT may also stand before images, labels and masks'


def open_folder(root: Path, split: str) -> Dataset:
    """
    Open a folder of images.

    ``root/images/SPLIT``, ``root/SPLIT/images``, or what data.yaml says; ``root/images`` where
    there is but one split, whatever it is called. Labels and masks are beside it likewise.
    Boxes: YOLO's text files in ``labels[/SPLIT]``, else COCO's instances in
    ``annotations/SPLIT.json`` or ``instances_SPLIT.json`` (with one split: the only file there).
    Masks: PNGs of the same name in ``masks[/SPLIT]``; without that folder, those of the instances.
    An image has no label map where it has no mask. One without a text file shows no objects, as
    YOLO takes it; but if it has a mask then that is its only truth, as without ``labels``.
    ``read_classes`` says where the classes are named; those of instances are in their file.

    :param root: the folder
    :param split: train, val, ...
    :raises InputError: if a file is missing or damaged
    """
    images = images_of_split(root, split)
    masks, labels = (_folder(beside_images(images, kind)) for kind in ('masks', 'labels'))
    instances = None if labels else _instances_file(
        root, split, alone=images == root / 'images')
    if instances:
        dataset = _open_instances(root, split, instances, masks)
    else:
        dataset = _open_images(root, split, images, labels, masks)
    if not masks:
        return dataset
    classes = read_classes(root, dataset.classes.detection)
    if not classes.segmentation:
        raise InputError(f'{masks}: masks of {len(classes.detection)} classes, at most '
                         f'{UNLABELLED - 1} fit into a mask')
    return MaskedSet(dataset, masks, classes)


def _open_images(root: Path, split: str, folder: Path, labels: Optional[Path],
                 masks: Optional[Path]) -> YoloSet:
    files = _image_files(root, split, folder)
    if not labels and not masks:
        raise InputError(f'{folder} is without truth: data folder needs {LAYOUT}')
    for kind, suffix in ((labels, '.txt'), (masks, '.png')):
        if kind:
            _check_belongs(kind, suffix, files)
            _note_unread(kind, suffix, [path.stem for path in files])
    classes = read_classes(root)
    if labels and not classes.detection:
        raise InputError(f'{root / "data.yaml"} has no names of the classes in {labels}')
    return YoloSet(files, [_text_file(path.stem, labels, masks) for path in files], classes,
                   has_keypoints(root))


def _text_file(name: str, labels: Optional[Path], masks: Optional[Path]) -> Optional[Path]:
    if labels is None:
        return None
    text = labels / f'{name}.txt'
    return None if masks and not text.is_file() and (masks / f'{name}.png').is_file() else text


def _folder(path: Path) -> Optional[Path]:
    return path if path.is_dir() else None


def _instances_file(root: Path, split: str, alone: bool) -> Optional[Path]:
    there = sorted((root / 'annotations').glob('*.json'))
    for path in there:
        if path.stem in (split, f'instances_{split}') or (alone and len(there) == 1):
            return path
    roboflow = [path for name in names_of(split)
                if (path := root / name / '_annotations.coco.json').is_file()]
    if roboflow:
        return roboflow[0]
    if there:
        raise InputError(f'{root / "annotations" / split}.json is missing '
                         f'(there are {", ".join(path.name for path in there)})')
    return None


def _open_instances(root: Path, split: str, path: Path, masks: Optional[Path]) -> CocoSet:
    instances = read_instances(path)
    if masks:
        _note_unread(masks, '.png', [image_name(image) for image in instances.images])
    return CocoSet([(instances, find_images(root, split, instances))],
                   classes_of=object_classes)


def _image_files(root: Path, split: str, folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f'{folder} is not a folder: data folder needs {LAYOUT}'
                         f'{"" if root.is_dir() else f" ({root} does not exist)"}')
    there = [path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES]
    files = sorted(path for path in there if not is_companion(path))
    if len(there) > len(files):
        _LOG.warning(f'note: {folder}: {len(there) - len(files)} files that macOS keeps beside '
                     f'others are passed over, {min(set(there) - set(files)).name} is one')
    if not files:
        splits = sorted(path.name for path in folder.iterdir() if path.is_dir())
        raise InputError(f'{folder} holds no images and no folder {split} of them '
                         f'(folders there: {", ".join(splits) or "none"})')
    by_name: dict[str, Path] = {}
    for path in files:
        if by_name.setdefault(path.stem, path) != path:
            raise InputError(f'{path} and {by_name[path.stem].name} have the same name: '
                             'their boxes or masks would be the same file')
    return files


def _check_belongs(folder: Path, suffix: str, images: Sequence[Path]) -> None:
    """Refuse a folder of another split: all its images would be taken as empty."""
    if not any((folder / f'{path.stem}{suffix}').is_file() for path in images):
        raise InputError(f'{folder} has no file for any image of {images[0].parent}: expected '
                         f'{images[0].stem}{suffix} or the like')


def _note_unread(folder: Path, suffix: str, names: Sequence[str]) -> None:
    """Tell of files that belong to no image: they were meant to be read, and nobody does."""
    read = {f'{name}{suffix}' for name in names}
    kinds = (suffix,) if suffix == '.txt' else IMAGE_SUFFIXES
    unread = sorted(
        path.name for path in folder.iterdir()
        if path.suffix.lower() in kinds and path.name not in read and not path.name.startswith('.')
        and path.name.lower() not in _NO_LABELS)
    if unread:
        _LOG.warning(f'note: {folder}: {len(unread)} files belong to no image and are not read, '
                     f'{unread[0]} is one; expected is the name of an image and {suffix}')
