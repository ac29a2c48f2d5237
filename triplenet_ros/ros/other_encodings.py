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

"""Bayer and packed YUV images through cv_bridge: the fallback in the node."""

from typing import Any

import cv2
import numpy as np

from triplenet_ros.messages.decode import BadImage


def decode_with_cv_bridge(message: Any) -> np.ndarray:
    """
    Return the picture of an Image of any encoding that cv_bridge knows.

    :param message: sensor_msgs Image with at least ``step * height`` bytes
    :returns: (H, W, 3) uint8 RGB
    :raises BadImage: if cv_bridge cannot be loaded or does not know the encoding
    """
    bridge = _load(message.encoding)
    try:
        picture = np.ascontiguousarray(bridge.imgmsg_to_cv2(message, 'rgb8'))
    except Exception as error:  # C++ exceptions come as RuntimeError, bad sizes as others
        if _numbers_differ():
            raise BadImage('no cv_bridge', f'encoding {message.encoding!r} needs cv_bridge, which '
                           f'was built for OpenCV 4 and fails beside OpenCV {cv2.__version__} '
                           f'({_first_line(error)}): opencv-python-headless<5 helps') from error
        raise BadImage('unknown encoding', f'encoding is {message.encoding!r}, which cv_bridge '
                       f'cannot turn into rgb8 ({_first_line(error)})') from error
    # cv_bridge takes too small a step for a narrower image.
    if picture.shape != (message.height, message.width, 3):
        raise BadImage('small step', f'step is {message.step} bytes, too few for a row of '
                       f'{message.width} {message.encoding} pixels')
    return picture


def _numbers_differ() -> bool:
    """Tell whether this OpenCV counts its types otherwise than the one cv_bridge knows, 4."""
    return cv2.CV_8UC3 != 16


def _load(encoding: str) -> Any:
    """Return a CvBridge; imported here because one built against NumPy 1 fails beside NumPy 2."""
    try:
        # cv_bridge itself hides that its compiled half cannot be loaded.
        import cv_bridge.boost.cv_bridge_boost  # noqa: F401
        from cv_bridge import CvBridge
    except (AttributeError, ImportError) as error:
        raise BadImage(
            'no cv_bridge', f'encoding {encoding!r} needs cv_bridge, which cannot be loaded '
            f'({_first_line(error)}); one built against NumPy 1 needs numpy<2, and each release '
            'of it opencv-python-headless<5') from error
    return CvBridge()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
