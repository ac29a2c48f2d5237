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

"""What a command reads, told to ``check_outputs`` so that no output takes its place."""

from pathlib import Path
from typing import Any, Mapping, Optional, Sequence, Union

from triplenet_ros.errors import InputError
from triplenet_ros.overlap import Input


def recording_inputs(path: Path) -> list[Input]:
    """Return what is read of a bag or a video: nothing may be written into a bag's folder."""
    if path.is_dir():
        return [Input(path, closed=True)]
    # SQLite keeps what was written last beside its file.
    files = [path, *(path.with_name(path.name + end) for end in ('-wal', '-shm'))]
    inputs = [Input(file) for file in files if file == path or file.exists()]
    if (path.parent / 'metadata.yaml').is_file():
        inputs.append(Input(path.parent, below=False, closed=True))
    return inputs


def picture_inputs(path: Path) -> list[Input]:
    """Return what is read of an image, a folder of images or a video: the images alone."""
    from triplenet_ros.bag.pictures import image_files
    if not path.is_dir():
        return [Input(path)]
    return [Input(path, below=False), *map(Input, image_files(path))]


def weights_inputs(weights: Union[str, Path]) -> list[Input]:
    """Return what is read of weights: the file, and the ``.bin`` that holds an .xml's tensors."""
    from triplenet_ros.inference.weights_file import find_weights
    try:
        path = find_weights(weights)
    except InputError:  # whoever loads them says it
        return []
    return [Input(path), *([Input(path.with_suffix('.bin'))] if path.suffix == '.xml' else [])]


def data_inputs(root: Union[str, Path, None], options: Mapping[str, Any]) -> list[Input]:
    """
    Return what is read of a data set: its folder, and the files its options name.

    :param root: the folder, or None
    :param options: of the data set; those that are paths may be relative to the folder
    """
    named = [value for value in options.values() if isinstance(value, str) and value]
    paths = [Path(root or '.') / value for value in named]
    if isinstance(options.get('rename'), str):
        paths.append(Path(options['rename']))
    return [Input(path) for path in [*([Path(root)] if root else []), *paths] if path.exists()]


def recipe_inputs(recipe: str, options: Sequence[Optional[Mapping[str, Any]]]) -> list[Input]:
    """
    Return what is read for a training.

    :param recipe: name of a shipped one, or a file
    :param options: of each data set, with its root; None: it has none
    """
    from triplenet_ros.training.recipe import read_files

    inputs = [Input(path) for path in read_files(recipe)]
    for one in options:
        one = one or {}
        inputs += data_inputs(one.get('root'), {**one, 'root': None})
    return inputs
