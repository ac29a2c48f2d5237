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

"""From light to a file: wet road, lamps, rain, exposure, lens, sensor, compression."""

import cv2
import numpy as np

from triplenet_ros.scenes.canvas import Canvas
from triplenet_ros.scenes.ground import ROAD
from triplenet_ros.scenes.textures import sensor_noise
from triplenet_ros.scenes.weather import Weather


def expose(canvas: Canvas, weather: Weather, rng: np.random.Generator) -> np.ndarray:
    """
    Take the picture.

    :param canvas: what was painted; it is not changed
    :param weather: exposure and faults of the camera
    :param rng: where drops, streaks and noise come from
    :return: (H, W, 3) uint8 RGB
    """
    image = canvas.image
    if weather.wet > 0:
        image = _mirror(image, canvas, weather.wet)
    if weather.glare > 0:
        image = _glare(image, canvas, weather.glare)
    image = _develop(image, weather)
    if canvas.lamps and weather.light.dusk > 0:
        image = _glow(image, canvas, weather.light.dusk)
    if weather.rain > 0:
        image = _streaks(image, weather.rain, rng)
    sigma = weather.blur * image.shape[1] / 480.0
    if sigma > 0.3:
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    image = _grain(image, weather.noise, rng)
    if weather.jpeg:
        coded = cv2.imencode('.jpg', image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, weather.jpeg])
        image = np.ascontiguousarray(cv2.imdecode(coded[1], cv2.IMREAD_COLOR)[..., ::-1])
    return image


def _mirror(image: np.ndarray, canvas: Canvas, wet: float) -> np.ndarray:
    """Let the road mirror what is above the horizon, smeared downwards."""
    horizon = int(np.clip(canvas.camera.horizon(), 1, canvas.camera.height - 1))
    rows = np.arange(canvas.camera.height)
    source = np.clip(2 * horizon - rows, 0, canvas.camera.height - 1)
    tall = max(3, canvas.camera.height // 8) | 1
    smeared = cv2.blur(image[source], (3, tall))
    mirrored = cv2.addWeighted(image, 1.0 - 0.35 * wet, smeared, 0.42 * wet, 0)
    return np.where((canvas.marks == ROAD)[..., None], mirrored, image)


def _glare(image: np.ndarray, canvas: Canvas, strength: float) -> np.ndarray:
    """Let the sun wash out what is around it, if it is ahead."""
    seen = canvas.camera.rotation @ canvas.light.direction
    if seen[2] < 0.35:
        return image
    x, y = canvas.camera.project(seen[None])[0]
    wide, high = image.shape[1], image.shape[0]
    columns = ((np.arange(0, wide, 4) - x) / wide)[None] ** 2
    rows = ((np.arange(0, high, 4) - y) / wide)[:, None] ** 2
    away = columns + rows
    light = 255 * strength * (np.exp(-away * 60) + 0.35 * np.exp(-away * 7))
    whole = cv2.resize(np.clip(light, 0, 255).astype(np.uint8), (wide, high))
    return cv2.add(image, cv2.merge([whole, whole, whole]))


def _develop(image: np.ndarray, weather: Weather) -> np.ndarray:
    """Apply exposure, white balance and vignette."""
    values = np.arange(256.0)[:, None] / 255.0
    table = 255.0 * weather.gain * values ** weather.gamma * np.array(weather.cast)
    shown = cv2.LUT(image, np.clip(table, 0, 255).astype(np.uint8)[None])
    if weather.vignette < 0.03:
        return shown
    high, wide = image.shape[:2]
    x = np.linspace(-1, 1, wide, dtype=np.float32)[None] ** 2
    y = np.linspace(-1, 1, high, dtype=np.float32)[:, None] ** 2
    fall = (255 * (1 - weather.vignette * (x + y) / 2)).astype(np.uint8)
    return cv2.multiply(shown, cv2.merge([fall, fall, fall]), scale=1 / 255.0)


def _glow(image: np.ndarray, canvas: Canvas, dusk: float) -> np.ndarray:
    """Add the light of all lamps that nothing hides."""
    result = image.copy()
    for place, radius, color in canvas.lamps:
        x, y, owner = place
        if canvas.marks[int(y), int(x)] != owner:
            continue
        reach = int(np.clip(radius * 3.5, 4, image.shape[1] / 6))
        x1, x2 = max(0, int(x) - reach), min(image.shape[1], int(x) + reach + 1)
        y1, y2 = max(0, int(y) - reach), min(image.shape[0], int(y) + reach + 1)
        away = ((np.arange(x1, x2) - x)[None] ** 2 + (np.arange(y1, y2) - y)[:, None] ** 2)
        away = away / radius ** 2
        light = (np.exp(-away * 1.2) + 0.25 * dusk * np.exp(-away * 0.25))[..., None]
        area = result[y1:y2, x1:x2]
        area[...] = np.clip(area + light * np.array(color), 0, 255).astype(np.uint8)
    return result


def _streaks(image: np.ndarray, rain: float, rng: np.random.Generator) -> np.ndarray:
    """Draw falling drops as faint slanted lines."""
    high, wide = image.shape[:2]
    layer = np.zeros((high, wide), np.uint8)
    count = int(rain * 220)
    x, y = rng.uniform(0, wide, count), rng.uniform(-20, high, count)
    length = rng.uniform(0.02, 0.09, count) * high
    slant = rng.normal(0, 0.15)
    for column, row, tall in zip(x, y, length):
        cv2.line(layer, (int(column), int(row)), (int(column + slant * tall), int(row + tall)),
                 int(40 + tall), 1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(layer, (3, 3), 0)
    return cv2.add(image, cv2.merge([soft, soft, soft]))


def _grain(image: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Add the sensor's noise."""
    high, wide = image.shape[:2]
    top, left = int(rng.integers(512)), int(rng.integers(512))
    for bank, apply in zip(sensor_noise(), (cv2.add, cv2.subtract)):
        repeat = (1 + (top + high) // bank.shape[0], 1 + (left + wide) // bank.shape[1], 1)
        whole = bank if repeat == (1, 1, 1) else np.tile(bank, repeat)
        part = cv2.convertScaleAbs(whole[top:top + high, left:left + wide], alpha=sigma / 16.0)
        image = apply(image, part)
    return image
