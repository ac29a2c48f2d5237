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

"""sensor_msgs/PointCloud2 -> points, and painted points -> PointCloud2."""

from typing import Any

import numpy as np
from sensor_msgs.msg import PointCloud2, PointField
from sensor_msgs_py import point_cloud2

from triplenet_ros.cloud.paint import Paint
from triplenet_ros.errors import InputError, one_line

_AXES = ('x', 'y', 'z')
_PAINT = {'rgb': PointField.FLOAT32, 'box': PointField.INT32, 'label': PointField.UINT8}


def read_points(message: PointCloud2) -> np.ndarray:
    """
    Return the fields x, y and z, and intensity if it is there.

    :param message: row after row, without gaps between them
    :returns: (N,) structured, as stored: a view into the message
    :raises InputError: if the message contradicts itself
    """
    names = [field.name for field in message.fields]
    if not set(_AXES) <= set(names):
        raise InputError(f'fields are {", ".join(names)}, must be x, y, z and any others')
    if message.height > 1 and message.row_step != message.width * message.point_step:
        raise InputError(f'row_step is {message.row_step}, must be {message.width} points of '
                         f'{message.point_step} bytes')
    wanted = [*_AXES, *({'intensity'} & set(names))]
    try:
        return point_cloud2.read_points(message, field_names=wanted)
    # sensor_msgs_py asserts some of what it needs, and leaves the rest to numpy.
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise InputError(f'cannot be read: {one_line(error)}') from error


def coordinates(points: np.ndarray) -> np.ndarray:
    """Return (N, 3) float64 x y z of structured points."""
    return np.array([points[axis] for axis in _AXES], np.float64).T


def painted_cloud(message: PointCloud2, points: np.ndarray, paint: Paint) -> PointCloud2:
    """
    Return the cloud with what is known of each point.

    Fields: x, y, z (float32), intensity as it was, rgb (float32 whose bits are 0x00RRGGBB, as PCL
    and RViz have it), box (int32), label (uint8).

    :param message: whose header, rows and columns it has
    :param points: as ``read_points`` returns them
    """
    fields, point_step = _fields(message)
    painted = np.empty(len(points), point_cloud2.dtype_from_fields(fields, point_step))
    for name in points.dtype.names:
        painted[name] = points[name]
    painted['rgb'] = paint.colors.view(np.float32)
    painted['box'], painted['label'] = paint.boxes, paint.labels
    if not len(points):  # sensor_msgs_py cannot
        return PointCloud2(header=message.header, height=message.height, width=message.width,
                           fields=fields, point_step=point_step, is_dense=message.is_dense)
    cloud = point_cloud2.create_cloud(message.header, fields, painted, point_step)
    cloud.height, cloud.width = message.height, message.width
    cloud.row_step, cloud.is_dense = message.width * point_step, message.is_dense
    return cloud


def _fields(message: PointCloud2) -> tuple[list, int]:
    """Return the fields of the painted cloud and the bytes of a point."""
    kinds: dict[str, Any] = {axis: PointField.FLOAT32 for axis in _AXES}
    kinds.update({field.name: field.datatype for field in message.fields
                  if field.name == 'intensity'})
    kinds.update(_PAINT)
    # Aligned, so that a program may read each value in place.
    plain = point_cloud2.dtype_from_fields(
        [PointField(name=name, datatype=kind, count=1) for name, kind in kinds.items()])
    aligned = np.dtype([(name, plain[name]) for name in kinds], align=True)
    fields = [PointField(name=name, offset=aligned.fields[name][1], datatype=kind, count=1)
              for name, kind in kinds.items()]
    return fields, aligned.itemsize
