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
from itertools import chain
import json
import logging
import math
from pathlib import Path
import reprlib
from typing import Any, Iterable, Optional, Union

from triplenet_ros.errors import InputError
from triplenet_ros.printable import is_printable
from triplenet_ros.textfile import read_text

Id = Union[int, str]

_LARGEST = 1e12

_LOG = logging.getLogger('triplenet_ros')


@dataclass(frozen=True)
class Instances:
    """
    What an instances file holds, its numbers as numbers whatever they were written as.

    :param path: of the file
    :param categories: category id to name, in the order of the ids
    :param images: ``{id, file_name, height, width}`` of each image, in the order of the file; the
        sizes are None where the file does not say both
    :param annotations: image id to ``{id, category_id, bbox, area, iscrowd, segmentation}`` of
        each of its objects, and what else the file says of them
    """

    path: Path
    categories: dict[Id, str]
    images: list[dict]
    annotations: dict[Id, list[dict]]

    @property
    def has_masks(self) -> bool:
        """Whether any object has a mask."""
        return any(entry['segmentation'] for entries in self.annotations.values()
                   for entry in entries)


def read_instances(path: Path) -> Instances:
    """
    Read an instances file.

    Not through a COCO library: those fail on a damaged file with a traceback of their own, or
    take one of two entries of the same id without a word.

    :param path: the file
    :raises InputError: naming the file and the entry, if it is not what COCO calls instances
    """
    content = _read_json(path)
    parts = {name: _entries(path, content, name)
             for name in ('categories', 'images', 'annotations')}
    categories = _by_id(path, 'category', parts['categories'], 'name')
    images = _by_id(path, 'image', parts['images'], 'file_name')
    _check_file_names(path, images)
    annotations: dict[Id, list[dict]] = {image_id: [] for image_id in images}
    for entry in parts['annotations']:
        made = _annotation(path, entry, categories)
        image_id = _reference(_field(path, 'annotation', entry, 'image_id'), images)
        if image_id is None:
            raise InputError(f'{path}: annotation {_shown(entry.get("id"))} belongs to image '
                             f'{_shown(entry["image_id"])}, which is not in the file')
        annotations[image_id].append(made)
    _note_negative(path, chain.from_iterable(annotations.values()))
    return Instances(path, {key: entry['name'] for key, entry in sorted(categories.items())},
                     [_image(path, key, entry) for key, entry in images.items()], annotations)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(read_text(path))
    except FileNotFoundError:
        raise InputError(f'{path} is missing') from None
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror}') from error
    # Of the JSON, and of text that is none; brackets in brackets are a RecursionError.
    except (ValueError, RecursionError) as error:
        raise InputError(f'{path} is no JSON: {error}') from error


def _entries(path: Path, content: Any, name: str) -> list[dict]:
    entries = content.get(name) if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(f'{path} has no list of {name}: COCO instances are a JSON object with '
                         'the lists images, annotations and categories')
    return entries


def _by_id(path: Path, kind: str, entries: list[dict], name: str) -> dict[Id, dict]:
    """Return entries by their ids: all numbers or all text, each there once."""
    found: dict[Id, dict] = {}
    for entry in entries:
        key = _id(_field(path, kind, entry, 'id'))
        if key is None:
            raise InputError(f'{path}: {kind} {_shown(entry.get(name))} has the id '
                             f'{_shown(entry["id"])}, must be a whole number')
        text = _field(path, kind, entry, name)
        if not isinstance(text, str) or not text.strip() or not is_printable(text):
            raise InputError(f'{path}: {kind} {_shown(key)} has the {name} {_shown(text)}, must '
                             'be text that can be printed')
        if key in found:
            raise InputError(f'{path} has two {_PLURALS[kind]} of the id {_shown(key)}: '
                             f'{_shown(found[key][name])} and {_shown(text)}')
        found[key] = entry
    other = next((key for key in found if type(key) is not type(next(iter(found)))), None)
    if other is not None:
        raise InputError(f'{path}: the {kind} ids {_shown(next(iter(found)))} and '
                         f'{_shown(other)} are a number and text, must be of one kind')
    return found


_PLURALS = {'category': 'categories', 'image': 'images'}


def _check_file_names(path: Path, images: dict[Id, dict]) -> None:
    seen: dict[str, Id] = {}
    for key, entry in images.items():
        name = entry['file_name']
        if not Path(name).name:
            raise InputError(f'{path}: image {_shown(key)} has the file_name {_shown(name)}, must '
                             'be the name of a file')
        if name in seen:
            raise InputError(f'{path} has {_shown(name)} twice, as image {_shown(seen[name])} and '
                             f'{_shown(key)}: each would have a part of the objects')
        seen[name] = key


def _image(path: Path, key: Id, entry: dict) -> dict:
    sizes = [None if entry.get(side) is None else
             _size(f'{path}: image {_shown(key)}', side, entry[side])
             for side in ('height', 'width')]
    height, width = (None, None) if None in sizes else sizes
    return {'id': key, 'file_name': entry['file_name'], 'height': height, 'width': width}


def _note_negative(path: Path, annotations: Iterable[dict]) -> None:
    negative = [entry['id'] for entry in annotations if min(entry['bbox'][2:]) < 0]
    if negative:
        _LOG.warning(f'note: {path}: boxes of negative width or height are left out, '
                     f'{len(negative)} in all, the first is annotation {_shown(negative[0])}')


def _annotation(path: Path, entry: dict, categories: dict[Id, dict]) -> dict:
    where = f'{path}: annotation {_shown(entry.get("id"))}'
    category = _reference(_field(path, 'annotation', entry, 'category_id'), categories)
    if category is None:
        raise InputError(f'{where} has the category {_shown(entry["category_id"])}, which is not '
                         'in the file')
    box = _field(path, 'annotation', entry, 'bbox')
    numbers = [_number(value) for value in box] if isinstance(box, list) else []
    if len(numbers) != 4 or None in numbers:
        raise InputError(f'{where} has the bbox {_shown(box)}, must be x, y, width, height')
    area = -1.0 if entry.get('area') is None else _checked(where, 'area', entry['area'])
    return {**entry, 'id': entry.get('id'), 'category_id': category, 'bbox': numbers,
            # Some write -1 where they do not know it.
            'area': area if area >= 0 else abs(numbers[2] * numbers[3]),
            'iscrowd': bool(_checked(where, 'iscrowd', entry.get('iscrowd') or 0)),
            'segmentation': entry.get('segmentation')}


def _field(path: Path, kind: str, entry: dict, key: str) -> Any:
    if key not in entry:
        raise InputError(f'{path}: {kind} {_shown(entry.get("id", entry))} has no {key}')
    return entry[key]


def _id(value: Any) -> Optional[Id]:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    usable = isinstance(value, (int, str)) and not isinstance(value, bool)
    return value if usable and value != '' else None


def _reference(value: Any, known: dict[Id, dict]) -> Optional[Id]:
    """Return the id that is meant; some writers make text of numbers here."""
    key = _id(value)
    if isinstance(key, str) and key not in known and key.isdecimal():
        key = int(key)
    return key if key in known else None


def _number(value: Any) -> Optional[float]:
    """Return a number that any image can have, also one that stands as text."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if abs(number) <= _LARGEST else None


def _checked(where: str, key: str, value: Any) -> float:
    number = _number(value)
    if number is None:
        raise InputError(f'{where} has the {key} {_shown(value)}, must be a number')
    return number


def _size(where: str, key: str, value: Any) -> int:
    number = _number(value)
    if number is None or number < 1 or number != int(number):
        raise InputError(f'{where} has the {key} {_shown(value)}, must be a whole number of '
                         'pixels')
    return int(number)


def _shown(value: Any) -> str:
    """Return a value of the file on one line of bearable length."""
    return reprlib.repr(value)
