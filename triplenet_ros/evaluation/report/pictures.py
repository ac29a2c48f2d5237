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

"""Frames as pictures: what is there, and what was found."""

import base64
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional

import cv2
import numpy as np

from triplenet_ros.drawing.overlay import draw_box, tinted
from triplenet_ros.evaluation.scored_frame import ScoredFrame
from triplenet_ros.evaluation.stamps import stamp_text
from triplenet_ros.evaluation.worst import WorstFrame

PICTURES = 'pictures'
"""Folder beside the page that holds its pictures too, for other uses."""

MOST_BYTES = 6_000_000
"""Pictures on a page take no more than this together; a page must open on a phone."""

_WIDTH = 800
_QUALITY = 82
_CANVAS = (64, 68, 74)


@dataclass(frozen=True)
class FramePictures:
    """
    Names of a frame's pictures, which are JPEG files.

    :param truth: what is there
    :param prediction: what was found
    """

    truth: str
    prediction: str


def names_of(stamp_ns: int) -> FramePictures:
    """Return how the pictures of the frame of a stamp are called."""
    stamp = stamp_text(stamp_ns)
    return FramePictures(f'{stamp}-truth.jpg', f'{stamp}-prediction.jpg')


def write_pictures(folder: Path, frames: Iterable[WorstFrame],
                   options: Mapping[str, Any]) -> None:
    """
    Write two pictures of each frame into ``pictures``.

    :param folder: of the report; it exists
    :param options: as ``RunDescription.options``: threshold, rename
    """
    target = folder / PICTURES
    target.mkdir(exist_ok=True)
    for worst in frames:
        names = names_of(worst.frame.stamp_ns)
        write_picture(target / names.truth, truth_picture(worst))
        write_picture(target / names.prediction, prediction_picture(worst, options))


def truth_picture(worst: WorstFrame) -> np.ndarray:
    """Return (H, W, 3) uint8 RGB, the truth of a frame over its image."""
    truth, classes = worst.truth, worst.truth_classes
    picture = _canvas(worst, truth.label_map, classes)
    if truth.boxes is not None:
        for box, class_id in zip(truth.boxes, truth.class_ids.tolist()):
            draw_box(picture, box, classes.detection_color(class_id),
                     classes.detection[class_id])
    return picture


def prediction_picture(worst: WorstFrame, options: Mapping[str, Any]) -> np.ndarray:
    """
    Return (H, W, 3) uint8 RGB, what was found, wrong boxes called so.

    :param options: boxes below ``threshold`` are left out; names are those after ``rename``
    """
    found = worst.prediction
    picture = _canvas(worst, found.label_map, found.classes)
    names = [found.detection_classes[class_id] for class_id in found.class_ids.tolist()]
    texts = _box_texts(worst.frame, names, found.scores, options)
    # Best last, so that no weaker box covers it.
    for index in reversed(range(len(names))):
        if texts[index] is not None:
            color = found.classes.detection_color(int(found.class_ids[index]))
            draw_box(picture, found.boxes[index], color, texts[index])
    return picture


def _box_texts(frame: ScoredFrame, names: list[str], scores: np.ndarray,
               options: Mapping[str, Any]) -> list[Optional[str]]:
    """Return what to write on each box, None for one below the threshold."""
    outcomes = frame.detection.boxes if frame.detection else {}
    rename, threshold = options.get('rename') or {}, options.get('threshold') or 0.0
    # The outcomes of a class are in the order of its boxes.
    seen: Counter = Counter()
    texts: list[Optional[str]] = []
    for name, score in zip(names, scores.tolist()):
        scored = rename.get(name, name)
        known, place = outcomes.get(scored, ()), seen[scored]
        seen[scored] += 1
        wrong = place < len(known) and known[place][1] == 0
        texts.append(None if score < threshold else
                     f'{name} {score:.2f}{" wrong" if wrong else ""}')
    return texts


def _canvas(worst: WorstFrame, labels: Optional[np.ndarray], classes: Any) -> np.ndarray:
    if worst.image is not None:
        same = labels is not None and labels.shape == worst.image.shape[:2]
        return tinted(worst.image, labels if same else None, classes)
    return tinted(_plain(worst), None if labels is None else labels, classes, 1.0)


def _plain(worst: WorstFrame) -> np.ndarray:
    """Return a canvas for a frame whose image was not recorded, as large as what is known."""
    for labels in (worst.truth.label_map, worst.prediction.label_map):
        if labels is not None:
            return np.full((*labels.shape, 3), _CANVAS, np.uint8)
    boxes = [one for one in (worst.truth.boxes, worst.prediction.boxes)
             if one is not None and len(one)]
    corner = np.max(np.concatenate(boxes), axis=0) if boxes else np.zeros(4)
    width, height = max(64, round(float(corner[2])) + 1), max(48, round(float(corner[3])) + 1)
    return np.full((height, width, 3), _CANVAS, np.uint8)


def write_picture(path: Path, picture: np.ndarray) -> None:
    """
    Write a picture as JPEG, no wider than a page shows it.

    :param picture: (H, W, 3) uint8 RGB
    """
    height, width = picture.shape[:2]
    if width > _WIDTH:
        size = _WIDTH, max(1, round(height * _WIDTH / width))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    # Encoded first: imwrite cannot open names outside ASCII on every platform.
    cv2.imencode('.jpg', bgr, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))[1].tofile(path)


def embedded(folder: Path, stamps: Iterable[int]) -> dict[int, FramePictures]:
    """
    Return the pictures that there are as ``data:`` URLs, until MOST_BYTES are reached.

    :param folder: of the report
    :param stamps: of the frames, those that matter most first
    :returns: stamp -> URLs; frames without pictures are left out
    """
    shown, spent = {}, 0
    for stamp in stamps:
        names = names_of(stamp)
        files = [folder / PICTURES / name for name in (names.truth, names.prediction)]
        if not all(file.is_file() for file in files):
            continue
        urls = [picture_url(file) for file in files]
        spent += sum(map(len, urls))
        if spent > MOST_BYTES:
            break
        shown[stamp] = FramePictures(*urls)
    return shown


def picture_url(path: Path) -> str:
    """Return a JPEG file as a ``data:`` URL."""
    return 'data:image/jpeg;base64,' + base64.b64encode(path.read_bytes()).decode('ascii')
