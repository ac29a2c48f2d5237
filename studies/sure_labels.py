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

"""
Make masks of what a network is sure of, for images that have boxes but no masks.

``python studies/sure_labels.py FOLDER SPLIT LABELS MASKS``, where LABELS is the folder ``labels``
that ``triplenet predict FOLDER/images/SPLIT --min-confidence 0.9`` has left: pixels of an object
class that lie in no box of that class become 255, since the boxes are known to be complete, and
the black skies of night, which day's pictures teach to call vegetation, become sky. With the
network's classes in their data.yaml the images then teach pixels too (self-training). MASKS is
written whole or not at all; ``--overwrite`` replaces those of an earlier round.
"""

import argparse
from pathlib import Path
import sys

import cv2
import numpy as np
from tqdm import tqdm

from triplenet_ros.classes import CITYSCAPES, ClassSet, UNLABELLED
from triplenet_ros.data.imagefile import check_labels, read_labels
from triplenet_ros.data.sources import open_dataset
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_outputs, replacing
from triplenet_ros.overlap import Input, Output
from triplenet_ros.sample import Sample

BLACK = 40
"""Of 255, luminance up to which a sky is that of night."""

SMOOTH = 5
"""Standard deviation of the luminance around a pixel, up to which there is no foliage."""

VEGETATION, SKY = (CITYSCAPES.segmentation.index(name) for name in ('vegetation', 'sky'))


def main() -> int:
    """Write a mask for every image; return 2 after an error of one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('root', type=Path, metavar='FOLDER')
    parser.add_argument('split', metavar='SPLIT')
    parser.add_argument('labels', type=Path, metavar='LABELS')
    parser.add_argument('masks', type=Path, metavar='MASKS')
    parser.add_argument('--overwrite', action='store_true', help='replace an existing MASKS')
    args = parser.parse_args()
    try:
        check_outputs([Input(args.root), Input(args.labels)],
                      [Output(args.masks, args.overwrite, folder=True)])
        write_masks(args)
    except InputError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    return 0


def write_masks(args: argparse.Namespace) -> None:
    """
    Make the folder of masks.

    :param args: as declared above
    :raises InputError: if images, boxes or labels are not as they should be, or MASKS exists or
        cannot be written
    """
    dataset = open_dataset('folder', args.root, args.split)
    foreign = set(dataset.classes.detection) - set(CITYSCAPES.segmentation)
    if foreign:
        raise InputError(f'{args.root} has boxes of {", ".join(sorted(foreign))}, must have those '
                         'of classes of Cityscapes')
    with replacing(args.masks, args.overwrite, folder=True) as folder:
        folder.mkdir()
        for index in tqdm(range(len(dataset))):
            sample = dataset[index]
            path = args.labels / f'{sample.name}.png'
            labels = read_labels(path)
            check_labels(path, labels, *sample.image.shape[:2], len(CITYSCAPES.segmentation))
            labels[unboxed_objects(labels, sample, dataset.classes, CITYSCAPES)] = UNLABELLED
            mend_night(labels, sample.image)
            # imwrite does not say why it could not.
            (folder / path.name).write_bytes(cv2.imencode('.png', labels)[1])


def unboxed_objects(labels: np.ndarray, sample: Sample, given: ClassSet,
                    wanted: ClassSet) -> np.ndarray:
    """
    Return the pixels labelled as an object that no box of the class holds.

    :param labels: (H, W) uint8, of the wanted classes
    :param sample: with the boxes of all objects
    :param given: classes of the sample
    :param wanted: classes of the labels
    :returns: (H, W) bool
    :raises InputError: if nobody looked for boxes in the sample
    """
    if sample.boxes is None:
        raise InputError(f'{sample.name} has no boxes: what lies in none cannot be told')
    boxed = np.zeros(labels.shape, bool)
    for (left, top, right, bottom), class_id in zip(sample.boxes, sample.class_ids):
        label = wanted.segmentation.index(given.detection[class_id])
        # A pixel more on each side: neither boxes nor labels are exact.
        inside = (slice(max(0, int(top) - 1), int(bottom) + 2),
                  slice(max(0, int(left) - 1), int(right) + 2))
        boxed[inside] |= labels[inside] == label
    return np.isin(labels, wanted.object_labels) & ~boxed


def mend_night(labels: np.ndarray, image: np.ndarray) -> None:
    """
    Call sky what is black and smooth in a picture of the night, and no other part vegetation.

    :param labels: (H, W) uint8 of Cityscapes, changed in place
    :param image: (H, W, 3) uint8 RGB
    """
    luminance = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if np.median(luminance[:len(luminance) // 3]) > BLACK:
        return
    mean = cv2.blur(luminance, (15, 15))
    variance = cv2.blur(luminance ** 2, (15, 15)) - mean ** 2
    doubtful = labels == VEGETATION
    labels[doubtful] = UNLABELLED
    labels[doubtful & (mean <= BLACK) & (variance <= SMOOTH ** 2)] = SKY


if __name__ == '__main__':
    sys.exit(main())
