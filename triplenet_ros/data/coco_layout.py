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

"""Where COCO's files are."""

from os.path import isfile
from pathlib import Path
from typing import Optional

from triplenet_ros.data.coco import CocoSet
from triplenet_ros.data.instances_file import Instances, read_instances
from triplenet_ros.errors import InputError
from triplenet_ros.textfile import read_text


def open_coco(root: Path, split: str, annotations: Optional[str] = None,
              images: Optional[str] = None, ids: Optional[str] = None) -> CocoSet:
    """
    Open COCO, or files like it.

    Without options ``root/annotations/instances_SPLIT.json`` and ``root/SPLIT/``, as COCO comes;
    ``train2014+val2014`` joins two splits. A root that holds ``instances.json`` and ``images/``
    is one split, whatever it is called.

    :param root: the folder
    :param split: train2017, val2017, ...
    :param annotations: another instances file, relative to the root or absolute
    :param images: folder of the images, relative to the root or absolute
    :param ids: text file of the image ids to take, one a line, as trainval35k and minival are
        given; relative to the root or absolute
    :raises InputError: if a file is missing or damaged
    """
    parts = []
    for name in [split] if annotations else split.split('+'):
        instances = read_instances(
            root / annotations if annotations else _annotations(root, name))
        folder = root / images if images else find_images(root, name, instances)
        parts.append((instances, folder))
    return CocoSet(parts, _read_ids(root / ids, [part for part, _ in parts]) if ids else None)


def find_images(root: Path, split: str, instances: Instances) -> Path:
    """
    Find the folder that holds the first image of an instances file.

    Not by the split's name alone: images of minival lie in val2014.

    :param root: folder of the data
    :param split: name of the folder that is looked into first
    :param instances: content of the file
    :raises InputError: if the image is in none of root/SPLIT, root/images/SPLIT, root/images,
        root, and the other folders in root
    """
    if not instances.images:
        raise InputError(f'{instances.path} lists no images')
    first = instances.images[0]['file_name']
    usual = [root / split, root / 'images' / split, root / 'images', root]
    others = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    for folder in usual + others:
        if isfile(folder / first):
            return folder
    raise InputError(f'{root / split / first} is missing, the first image of {instances.path}: '
                     f'it is not in {root / "images"} either')


def _annotations(root: Path, split: str) -> Path:
    standard, flat = root / 'annotations' / f'instances_{split}.json', root / 'instances.json'
    for path in (standard, flat):
        if path.is_file():
            return path
    splits = sorted(path.stem.partition('_')[2]
                    for path in standard.parent.glob('instances_*.json'))
    there = f'splits there: {", ".join(splits) or "none"}'
    raise InputError(f'{standard} is missing: coco needs ROOT/annotations/instances_SPLIT.json '
                     'and ROOT/SPLIT/*.jpg, or ROOT/instances.json and ROOT/images/*.jpg '
                     f'({there if root.is_dir() else f"{root} does not exist"})')


def _read_ids(path: Path, parts: list[Instances]) -> set[int]:
    try:
        lines = read_text(path).split()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'{path} is no text file of image ids') from error
    for number, line in enumerate(lines, start=1):
        if not line.isdecimal():
            raise InputError(f'{path}:{number}: image id {line!r}, must be a number')
    wanted = {int(line) for line in lines}
    missing = wanted.difference(*(part.annotations for part in parts))
    if missing:
        files = ' or '.join(str(part.path) for part in parts)
        raise InputError(f'{path}: image {min(missing)} is not in {files} '
                         f'({len(missing)} of {len(wanted)} are not)')
    return wanted
