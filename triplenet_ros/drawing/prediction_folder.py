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

"""A folder of what the network saw: overlays, label images, boxes."""

import json
from pathlib import Path

import cv2
import numpy as np

from triplenet_ros.classes import ClassSet
from triplenet_ros.drawing.overlay import draw_overlay
from triplenet_ros.inference.prediction import Prediction


class PredictionFolder:
    """
    Writes ``overlays/NAME.jpg``, ``labels/NAME.png`` and, at the end, ``boxes.json``.

    :param folder: made here
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder."""
        self._folder = folder
        self.entries: list = []
        folder.mkdir()

    def add(self, name: str, image: np.ndarray, prediction: Prediction) -> None:
        """
        Write the files of one image.

        :param name: of the files, unique
        :param image: (H, W, 3) uint8 RGB
        """
        overlay = cv2.cvtColor(draw_overlay(image, prediction), cv2.COLOR_RGB2BGR)
        self._write('overlays', f'{name}.jpg', overlay)
        if prediction.label_map is not None:
            self._write('labels', f'{name}.png', prediction.label_map)
        height, width = image.shape[:2]
        self.entries.append({
            'name': name, 'width': width, 'height': height, 'boxes': _boxes(prediction)})

    def _write(self, kind: str, name: str, picture: np.ndarray) -> None:
        folder = self._folder / kind
        folder.mkdir(exist_ok=True)
        # Encoded first: imwrite cannot open names outside ASCII on every platform.
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix, picture)[1])

    def close(self, classes: ClassSet) -> None:
        """Write the boxes of all images, and the names of the classes."""
        content = {'detection_classes': classes.detection,
                   'segmentation_classes': classes.segmentation, 'images': self.entries}
        text = json.dumps(content, indent=1) + '\n'
        (self._folder / 'boxes.json').write_text(text, encoding='utf-8')


def _boxes(prediction: Prediction) -> list:
    """Return the boxes, best first: x1 y1 x2 y2 in pixels of the image."""
    found = zip(prediction.class_ids.tolist(), prediction.scores.tolist(),
                prediction.boxes.tolist())
    return [{'class_id': class_id, 'class': prediction.detection_classes[class_id],
             'score': round(score, 4), 'box': [round(side, 2) for side in box]}
            for class_id, score, box in found]
