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

"""Where the images of one split are, in the layouts that tools export."""

from pathlib import Path
from typing import Any, Iterator, Optional

from triplenet_ros.strict_yaml import read_yaml

_NAMES = (('train', 'training'), ('val', 'valid', 'validation'), ('test', 'testing'))


def images_of_split(root: Path, split: str) -> Path:
    """
    Return the folder of a split's images.

    The first that is there of ``images/SPLIT``, ``SPLIT/images`` (Roboflow; valid is val), and
    what ``data.yaml`` says under the split's name; else ``images``, which is then the only split.
    """
    for folder in _candidates(root, split):
        if folder.is_dir():
            return folder
    return root / 'images'


def beside_images(images: Path, kind: str) -> Path:
    """Return the folder of labels or masks that belongs to one of images, by ultralytics' rule."""
    parts = list(images.parts)
    if 'images' in parts:
        parts[len(parts) - 1 - parts[::-1].index('images')] = kind
    return Path(*parts)


def names_of(split: str) -> tuple[str, ...]:
    """Return what a split may be called, its own name first."""
    other = next((names for names in _NAMES if split in names), ())
    return split, *(name for name in other if name != split)


def _candidates(root: Path, split: str) -> Iterator[Path]:
    names = names_of(split)
    yield root / 'images' / split
    yield from (root / name / 'images' for name in names)
    yield from (root / 'images' / name for name in names)
    for name in names:
        yield from _said(root, name)


def _said(root: Path, split: str) -> Iterator[Path]:
    content = read_yaml(root / 'data.yaml') if (root / 'data.yaml').is_file() else None
    if not isinstance(content, dict):
        return
    folder, base = _text(content.get(split)), _text(content.get('path')) or ''
    if folder:
        yield root / base / folder
        yield root / folder
        # Roboflow writes ../train/images and means that of the folder of data.yaml.
        yield root / Path(*(part for part in Path(folder).parts if part != '..'))


def _text(value: Any) -> Optional[str]:
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    return one if isinstance(one, str) else None
