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

"""Data sets by name, as the command line and the recipes call them."""

import inspect
from pathlib import Path
from typing import Any, Callable, get_args, Mapping, Optional, TYPE_CHECKING, Union

from triplenet_ros.class_mapping import find_rename, NO_RENAME
from triplenet_ros.errors import did_you_mean, InputError

if TYPE_CHECKING:  # the names alone, for --help, should not wait for torch
    from torch.utils.data import Dataset

Root = Union[str, Path, None]


def open_dataset(name: str, /, root: Root = None, split: str = 'train',
                 rename: Union[str, Mapping[str, str]] = NO_RENAME, **options: Any) -> 'Dataset':
    """
    Open a data set.

    :param name: one of ``data_names()``
    :param root: folder of the data; not needed where they are generated
    :param split: part of it: train, val, ...
    :param rename: names that its classes get, several of them maybe the same; or the name of a
        shipped mapping, or a file
    :param options: what only this data set takes: ``scenes`` its count, seed, height and width;
        ``coco`` annotations, images and ids (see ``open_coco``); ``voc2007`` and ``voc2012``
        lists, ``voc2012`` also sbd (see ``VocSet``)
    :returns: a map-style data set of Sample with the attribute ``classes``
    :raises InputError: if there is no such data set or option, or the files are not as expected
    """
    if name not in _SOURCES:
        raise InputError(f'unknown data {name!r}{did_you_mean(name, _SOURCES)}, '
                         f'there are {", ".join(_SOURCES)}')
    _check_option(f'data {name}: option root', root, Root)
    _check_option(f'data {name}: option split', split, str)
    opener = _SOURCES[name]
    allowed = dict(list(inspect.signature(opener).parameters.items())[2:])
    for option, value in options.items():
        if option not in allowed:
            there = ['rename', *allowed]
            raise InputError(f'data {name} has no option {option!r}'
                             f'{did_you_mean(option, there)}, it takes {", ".join(there)}')
        _check_option(f'data {name}: option {option}', value, allowed[option].annotation)
    names = find_rename(rename, f'data {name}')
    dataset = opener(root, split, **options)
    if not names:
        return dataset
    from triplenet_ros.data.renamed import RenamedSet
    return RenamedSet(dataset, names)


def data_names() -> tuple[str, ...]:
    """Return the names that ``open_dataset`` knows."""
    return tuple(_SOURCES)


def _check_option(what: str, value: Any, annotation: Any) -> None:
    kinds = get_args(annotation) or (annotation,)
    if not isinstance(value, kinds):
        names = ' or '.join(kind.__name__ for kind in kinds if kind is not type(None))
        raise InputError(f'{what} is {value!r}, must be {names}')


def _open_camvid(root: Root, split: str) -> 'Dataset':
    from triplenet_ros.data.camvid import CamVid
    return CamVid(_needed('camvid', root), split)


def _open_coco(root: Root, split: str, annotations: Optional[str] = None,
               images: Optional[str] = None, ids: Optional[str] = None) -> 'Dataset':
    from triplenet_ros.data.coco_layout import open_coco
    return open_coco(_needed('coco', root), split, annotations, images, ids)


def _open_folder(root: Root, split: str) -> 'Dataset':
    from triplenet_ros.data.folder import open_folder
    return open_folder(_needed('folder', root), split)


def _open_voc2007(root: Root, split: str, lists: str = 'Main') -> 'Dataset':
    from triplenet_ros.data.voc import VocSet
    return VocSet(_needed('voc2007', root), 2007, split, lists)


def _open_voc2012(root: Root, split: str, lists: str = 'Main',
                  sbd: Optional[str] = None) -> 'Dataset':
    from triplenet_ros.data.voc import VocSet
    folder = _needed('voc2012', root)
    return VocSet(folder, 2012, split, lists, folder / sbd if sbd else None)


def _open_scenes(root: Root, split: str, count: int = 1000, seed: Optional[int] = None,
                 height: int = 360, width: int = 480) -> 'Dataset':
    from triplenet_ros.scenes import Scenes
    if seed is None:
        seed = _scene_seed(split)
    return Scenes(count=count, seed=seed, height=height, width=width)


def _scene_seed(split: str) -> int:
    # Splits of generated scenes differ in nothing but the seed; far apart, so that no image of
    # one is in another.
    splits = ('train', 'val', 'test')
    if split not in splits:
        raise InputError(f'scenes have no split {split!r}, there are {", ".join(splits)}')
    return 1_000_000 * splits.index(split)


def _needed(name: str, root: Root) -> Path:
    if root is None:
        raise InputError(f'data {name} needs its folder: give --root FOLDER')
    return Path(root)


_SOURCES: dict[str, Callable[..., 'Dataset']] = {
    'camvid': _open_camvid,
    'coco': _open_coco,
    'folder': _open_folder,
    'scenes': _open_scenes,
    'voc2007': _open_voc2007,
    'voc2012': _open_voc2012,
}
