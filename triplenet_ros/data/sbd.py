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

"""The Semantic Boundaries Dataset: masks for the images of VOC 2012 that have none."""

from pathlib import Path

import numpy as np

from triplenet_ros.data.image_list import read_image_list
from triplenet_ros.errors import InputError
from triplenet_ros.missing import needs_extra


class SemanticBoundaries:
    """
    Masks of the Semantic Boundaries Dataset, as its release has them in ``dataset/``.

    Not torchvision's SBDataset: that takes one of its splits at a time with images of its own,
    here its masks are looked up for images of VOC.

    :param folder: holds ``cls/*.mat``, ``train.txt`` and ``val.txt``
    :raises InputError: if they are not there, or scipy is not installed
    """

    def __init__(self, folder: Path) -> None:
        """Look for the files."""
        if not (folder / 'cls').is_dir():
            raise InputError(f'{folder / "cls"} is not a folder: sbd is the folder "dataset" of '
                             'the SBD release, with cls/*.mat, train.txt and val.txt')
        _scipy_io()  # rather now than in the middle of a training
        self._folder = folder

    def names(self) -> set[str]:
        """Return the names of all images, of training and validation."""
        return {name for split in ('train', 'val')
                for name in read_image_list(self._folder / f'{split}.txt')}

    def mask_file(self, name: str) -> Path:
        """Return where the mask of an image is, if it has one."""
        return self._folder / 'cls' / f'{name}.mat'


def read_mask(path: Path) -> np.ndarray:
    """
    Read the classes of the pixels of one image.

    :param path: a file of ``cls/``
    :returns: (H, W) uint8, 0 background, 1 .. 20 VOC's classes
    :raises InputError: if the file is damaged
    """
    try:
        content = _scipy_io().loadmat(str(path), appendmat=False)
        return np.asarray(content['GTcls'][0]['Segmentation'][0], np.uint8)
    except InputError:
        raise
    except Exception as error:  # scipy raises whatever its reader stumbles over
        raise InputError(f'{path} is not a mask of SBD that can be read') from error


def _scipy_io() -> object:
    with needs_extra('a mask of SBD', 'train'):
        from scipy import io
        return io
