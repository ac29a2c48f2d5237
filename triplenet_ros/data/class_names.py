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

"""The classes of a user's own data, from the files that name them."""

from pathlib import Path
import reprlib
from typing import Any, Optional

from triplenet_ros.classes import ClassSet, object_classes, UNLABELLED, usual_palette
from triplenet_ros.errors import InputError
from triplenet_ros.printable import is_printable
from triplenet_ros.strict_yaml import read_yaml
from triplenet_ros.textfile import read_text

Names = tuple[str, ...]


def read_classes(root: Path, names: Optional[Names] = None) -> ClassSet:
    """
    Read the classes of a folder.

    ``root/data.yaml`` with ``names`` of the boxes' classes, a list or a mapping from 0 on, as
    ultralytics has it; or ``root/classes.txt``, one name a line. In data.yaml ``segmentation``
    names the classes of masks, and ``objects`` those of them that are things (default: those that
    boxes have too). Without it masks hold a background before the boxes' classes.

    :param root: the folder
    :param names: of the boxes' classes, where another file says them
    :raises InputError: if no file names the classes, or not as above
    """
    path = root / 'data.yaml'
    content = _read_yaml(path) if path.is_file() else {}
    segmentation = _names(path, content, 'segmentation')
    detection = names or _names(path, content, 'names') or _read_text(root / 'classes.txt')
    if segmentation is None:
        if detection is None:
            raise InputError(f'{path} is missing or has no names: the classes must be named '
                             'there (names: [car, ...]) or in classes.txt, one a line')
        return object_classes(detection)
    objects = _names(path, content, 'objects')
    if objects is None:
        objects = tuple(name for name in segmentation if name in (detection or ()))
    unknown = [name for name in objects if name not in segmentation]
    if unknown:
        raise InputError(f'{path}: objects has {unknown[0]!r}, which is not in segmentation')
    if len(segmentation) > UNLABELLED:
        raise InputError(f'{path}: segmentation has {len(segmentation)} names, at most '
                         f'{UNLABELLED} fit into a mask')
    return ClassSet(detection=detection or (), segmentation=segmentation, objects=objects,
                    palette=usual_palette(segmentation))


def has_keypoints(root: Path) -> bool:
    """Return whether data.yaml says, as ultralytics does, that boxes come with keypoints."""
    path = root / 'data.yaml'
    return path.is_file() and _read_yaml(path).get('kpt_shape') is not None


def read_names(path: Path) -> tuple[Optional[Names], Optional[Names]]:
    """
    Read the names of boxes' classes and of labels that one file gives.

    :param path: YAML with ``names`` and ``segmentation`` as above, or a .txt, one name of a box's
        class a line
    :returns: names of boxes and of labels, each None where the file does not have them
    :raises InputError: if it has neither, or cannot be read
    """
    if path.suffix.lower() == '.txt':
        names = _read_text(path), None
    else:
        content = _read_yaml(path)
        names = _names(path, content, 'names'), _names(path, content, 'segmentation')
    if names == (None, None):
        raise InputError(f'{path} names no classes: names: [car, ...] for boxes, segmentation: '
                         '[road, ...] for labels, or a .txt with a name a line')
    return names


def _read_yaml(path: Path) -> dict[str, Any]:
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError(f'{path} holds no keys, must have names: [car, ...]')
    return content


def _names(path: Path, content: dict[str, Any], key: str) -> Optional[Names]:
    names = content.get(key)
    if names is None:
        return None
    if isinstance(names, dict) and sorted(names, key=str) == sorted(range(len(names)), key=str):
        names = [names[index] for index in range(len(names))]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f'{path}: {key} is {reprlib.repr(names)}, must be a list of names, or a '
                         'mapping from 0, 1, ... to names')
    _check_names(path, names)
    return tuple(names)


def _read_text(path: Path) -> Optional[Names]:
    if not path.is_file():
        return None
    try:
        lines = read_text(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'{path} is not a text file of class names') from error
    names = [line.strip() for line in lines if line.strip()]
    _check_names(path, names)
    return tuple(names) or None


def _check_names(path: Path, names: list[str]) -> None:
    seen: set = set()
    for name in names:
        if name in seen:
            raise InputError(f'{path} has the class {name!r} twice')
        # They are printed, and become part of weights, messages and reports.
        if not name.strip() or not is_printable(name):
            raise InputError(f'{path} has the class {name!r}, must be text that can be printed')
        seen.add(name)
