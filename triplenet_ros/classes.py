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

"""Named sets of classes: what a network tells apart, and the colours they are drawn in."""

from dataclasses import dataclass

from triplenet_ros.errors import InputError
from triplenet_ros.printable import is_printable

UNLABELLED = 255
"""Label of a pixel without a class: ignored in training and in scores (vision_msgs UNLABELED)."""


@dataclass(frozen=True)
class ClassSet:
    """
    What a network detects and labels.

    :param detection: names of the boxes' classes, without background; a class id is an index
    :param segmentation: names of the pixels' classes; a label is an index
    :param objects: those of ``segmentation`` that are objects (things, not stuff); class-agnostic
        supervision tells them from everything else
    :param palette: one RGB colour, 0..255, for each class of ``segmentation``
    """

    detection: tuple[str, ...]
    segmentation: tuple[str, ...]
    objects: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]

    def __post_init__(self) -> None:
        """Refuse sets that contradict themselves."""
        unknown = sorted(set(self.objects) - set(self.segmentation))
        if unknown:
            raise ValueError(f'objects {unknown} are not among the segmentation classes')
        if len(self.palette) != len(self.segmentation):
            raise ValueError(f'{len(self.palette)} colours for {len(self.segmentation)} '
                             'segmentation classes')
        for name in (*self.detection, *self.segmentation):
            if not isinstance(name, str) or not name or not is_printable(name):
                raise InputError(f'a class is named {name!r}, must be text that can be printed')
        if len(self.segmentation) > UNLABELLED:
            raise ValueError(f'{len(self.segmentation)} segmentation classes, at most '
                             f'{UNLABELLED} fit into a mono8 label image')

    @property
    def object_labels(self) -> tuple[int, ...]:
        """Labels of the segmentation classes that are objects."""
        return tuple(self.segmentation.index(name) for name in self.objects)

    def detection_color(self, class_id: int) -> tuple[int, int, int]:
        """Return the RGB colour of a detection class: its segmentation class's, if it has one."""
        name = self.detection[class_id]
        if name in self.segmentation:
            return self.palette[self.segmentation.index(name)]
        return voc_palette(class_id + 2)[-1]


def voc_palette(count: int) -> tuple[tuple[int, int, int], ...]:
    """Return the first ``count`` RGB colours of the PASCAL VOC devkit."""
    return tuple(
        tuple(sum(((index >> (3 * bit + channel)) & 1) << (7 - bit) for bit in range(8))
              for channel in range(3))
        for index in range(count))


def usual_palette(segmentation: tuple[str, ...]) -> tuple[tuple[int, int, int], ...]:
    """
    Return the colours that classes are usually drawn in, for names that come without any.

    :param segmentation: names; if all of them are Cityscapes' or CamVid's, so are the colours
    """
    for classes in (CITYSCAPES, CAMVID):
        if set(segmentation) <= set(classes.segmentation):
            colours = dict(zip(classes.segmentation, classes.palette))
            return tuple(colours[name] for name in segmentation)
    return voc_palette(len(segmentation))


def object_classes(names: tuple[str, ...]) -> ClassSet:
    """
    Return a set of objects before a background, as VOC and COCO are made.

    :param names: of the objects; more of them than labels in a label image can only be detected
    """
    if len(names) >= UNLABELLED:
        return ClassSet(detection=names, segmentation=(), objects=(), palette=())
    return ClassSet(detection=names, segmentation=('background', *names), objects=names,
                    palette=voc_palette(1 + len(names)))


CAMVID = ClassSet(
    detection=('car', 'pedestrian', 'bicyclist'),
    segmentation=('sky', 'building', 'pole', 'road', 'pavement', 'tree', 'sign', 'fence', 'car',
                  'pedestrian', 'bicyclist'),
    objects=('car', 'pedestrian', 'bicyclist'),
    palette=((128, 178, 220), (128, 64, 64), (200, 200, 128), (128, 64, 128), (60, 40, 222),
             (80, 128, 60), (220, 180, 60), (120, 100, 150), (30, 60, 200), (220, 50, 50),
             (0, 170, 192)))

CITYSCAPES = ClassSet(
    detection=('person', 'rider', 'car', 'truck', 'bus', 'motorcycle', 'bicycle'),
    segmentation=('road', 'sidewalk', 'building', 'wall', 'fence', 'pole', 'traffic light',
                  'traffic sign', 'vegetation', 'terrain', 'sky', 'person', 'rider', 'car',
                  'truck', 'bus', 'train', 'motorcycle', 'bicycle'),
    objects=('person', 'rider', 'car', 'truck', 'bus', 'train', 'motorcycle', 'bicycle'),
    palette=((128, 64, 128), (244, 35, 232), (70, 70, 70), (102, 102, 156), (190, 153, 153),
             (153, 153, 153), (250, 170, 30), (220, 220, 0), (107, 142, 35), (152, 251, 152),
             (70, 130, 180), (220, 20, 60), (255, 0, 0), (0, 0, 142), (0, 0, 70), (0, 60, 100),
             (0, 80, 100), (0, 0, 230), (119, 11, 32)))

VOC = object_classes((
    'aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow',
    'diningtable', 'dog', 'horse', 'motorbike', 'person', 'pottedplant', 'sheep', 'sofa', 'train',
    'tvmonitor'))

COCO = object_classes((
    'person', 'bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat',
    'traffic light', 'fire hydrant', 'stop sign', 'parking meter', 'bench', 'bird', 'cat', 'dog',
    'horse', 'sheep', 'cow', 'elephant', 'bear', 'zebra', 'giraffe', 'backpack', 'umbrella',
    'handbag', 'tie', 'suitcase', 'frisbee', 'skis', 'snowboard', 'sports ball', 'kite',
    'baseball bat', 'baseball glove', 'skateboard', 'surfboard', 'tennis racket', 'bottle',
    'wine glass', 'cup', 'fork', 'knife', 'spoon', 'bowl', 'banana', 'apple', 'sandwich',
    'orange', 'broccoli', 'carrot', 'hot dog', 'pizza', 'donut', 'cake', 'chair', 'couch',
    'potted plant', 'bed', 'dining table', 'toilet', 'tv', 'laptop', 'mouse', 'remote',
    'keyboard', 'cell phone', 'microwave', 'oven', 'toaster', 'sink', 'refrigerator', 'book',
    'clock', 'vase', 'scissors', 'teddy bear', 'hair drier', 'toothbrush'))
