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

"""Instances files: annotations of objects in COCO's JSON."""

from dataclasses import dataclass
import json
import math
from pathlib import Path
from typing import Any

from triplenet_ros.errors import InputError


@dataclass(frozen=True)
class Instances:
    """
    What an instances file holds.

    :param path: of the file
    :param categories: category id to name, in the order of the ids
    :param images: the entries of its images, in the order of the file
    :param annotations: image id to the entries of its annotations
    """

    path: Path
    categories: dict[int, str]
    images: list[dict]
    annotations: dict[int, list[dict]]

    @property
    def has_masks(self) -> bool:
        """Whether any object has a mask."""
        return any(entry.get('segmentation') for entries in self.annotations.values()
                   for entry in entries)


def read_instances(path: Path) -> Instances:
    """
    Read an instances file.

    Not through a COCO library: those fail on a damaged file with a traceback of their own.

    :param path: the file
    :raises InputError: naming the file and the entry, if it is not what COCO calls instances
    """
    content = _read_json(path)
    parts = {name: _entries(path, content, name)
             for name in ('categories', 'images', 'annotations')}
    categories = {_field(path, 'category', entry, 'id'): _field(path, 'category', entry, 'name')
                  for entry in parts['categories']}
    annotations: dict[int, list[dict]] = {}
    for entry in parts['images']:
        _field(path, 'image', entry, 'file_name')
        annotations[_field(path, 'image', entry, 'id')] = []
    for entry in parts['annotations']:
        _check_annotation(path, entry, categories)
        image_id = _field(path, 'annotation', entry, 'image_id')
        if image_id not in annotations:
            raise InputError(f'{path}: annotation {entry.get("id")} belongs to image {image_id}, '
                             'which is not in the file')
        annotations[image_id].append(entry)
    return Instances(path, dict(sorted(categories.items())), parts['images'], annotations)


def _read_json(path: Path) -> Any:
    try:
        with path.open(encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        raise InputError(f'{path} is missing') from None
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror}') from error
    except ValueError as error:  # of the JSON, and of text that is not UTF-8
        raise InputError(f'{path} is no JSON: {error}') from error


def _entries(path: Path, content: Any, name: str) -> list[dict]:
    entries = content.get(name) if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(f'{path} has no list of {name}: COCO instances are a JSON object with '
                         'the lists images, annotations and categories')
    return entries


def _field(path: Path, kind: str, entry: dict, key: str) -> Any:
    if key not in entry:
        raise InputError(f'{path}: {kind} {entry.get("id", entry)} has no {key}')
    return entry[key]


def _check_annotation(path: Path, entry: dict, categories: dict[int, str]) -> None:
    category = _field(path, 'annotation', entry, 'category_id')
    if category not in categories:
        raise InputError(f'{path}: annotation {entry.get("id")} has the category {category}, '
                         'which is not in the file')
    box = _field(path, 'annotation', entry, 'bbox')
    if not (isinstance(box, list) and len(box) == 4 and all(map(_is_number, box))):
        raise InputError(f'{path}: annotation {entry.get("id")} has the bbox {box}, '
                         'must be x, y, width, height')


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
