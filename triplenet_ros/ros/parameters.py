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

"""The node's parameters: one table, declared, read and judged from it."""

from dataclasses import dataclass, Field, field, fields
import re
from typing import Any, Optional, Sequence

from rcl_interfaces.msg import (
    FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult)
from rclpy.node import Node
from rclpy.parameter import Parameter

from triplenet_ros.classes import ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.inference.names import BACKEND_NAMES, check_tasks, PRECISIONS, TASKS

TRANSPORTS = ('raw', 'compressed')
_CAMERA_NAME = re.compile(r'[A-Za-z_][A-Za-z0-9_]*')


def _setting(default: Any, description: str, *, live: bool = False, low: Any = None,
             high: Any = None, constraints: str = '') -> Any:
    """
    Return one row of the table.

    :param live: whether it may be changed while the node runs, for the next frame
    :param low: smallest value of a number
    :param high: largest value of a number
    :param constraints: what else a value must be, in words
    """
    return field(default=default, metadata={
        'description': description, 'live': live, 'low': low, 'high': high,
        'constraints': constraints})


def _one_of(*names: str) -> str:
    """Return names as words: ``a, b or c``."""
    return f'{", ".join(names[:-1])} or {names[-1]}'


@dataclass(frozen=True)
class Settings:
    """The values of all parameters at one moment; the fields are the table of parameters."""

    weights: str = _setting(
        'drive', 'Shipped weights by name, or the path of a .safetensors file or of an exported '
        '.onnx or .xml')
    input_size: str = _setting(
        'auto', 'Rows x columns that images are brought to for the network: more show it what is '
        'small and far, and take longer in proportion; auto: those that it learned at',
        constraints='auto or HxW, multiples of 32')
    device: str = _setting(
        'auto', 'Where the network runs; auto: the GPU if there is one',
        constraints='auto, cpu, cuda or cuda:N')
    backend: str = _setting(
        'auto', 'What runs the network; auto: the fastest that is installed, or what an exported '
        'file is made for', constraints=_one_of('auto', *BACKEND_NAMES))
    precision: str = _setting(
        'auto', 'In which numbers; auto: the shortest floats that the device is made for and that '
        'answer as float32 does', constraints=_one_of('auto', *PRECISIONS))
    image_transport: str = _setting(
        'raw', 'How images come; compressed: as CompressedImage from <topic>/compressed',
        constraints=_one_of(*TRANSPORTS))
    score_threshold: float = _setting(
        -1.0, 'Boxes with a lower score are not reported; below 0: the score that was best in the '
        'validation of the weights', live=True, low=-1.0, high=1.0)
    nms_threshold: float = _setting(
        0.45, 'Of two boxes of a class with a larger overlap (IoU) the better one is reported, '
        'which networks that merge boxes move to the mean of both', live=True, low=0.0, high=1.0)
    max_detections: int = _setting(
        200, 'Boxes reported per image', live=True, low=1, high=200)
    detection_classes: tuple[str, ...] = _setting(
        (), 'Names of the classes whose boxes are reported; empty: all', live=True,
        constraints='classes that the weights detect')
    segmentation_classes: tuple[str, ...] = _setting(
        (), 'Names of the classes whose pixels are labelled, the others are 255; empty: all',
        live=True, constraints='classes that the weights label')
    tasks: tuple[str, ...] = _setting(
        TASKS, 'What is computed', constraints='detection, segmentation or both')
    max_age: float = _setting(
        0.0, 'Images older than this many seconds are skipped; 0: none is', live=True,
        low=0.0, high=3600.0)
    cameras: tuple[str, ...] = _setting(
        (), 'Names of several cameras, each with topics of its own; empty: one camera',
        constraints='different names of letters, digits and underscores')
    paint_cloud: bool = _setting(
        False, 'Whether the points of lidars are published with what the cameras see of them')
    no_image_warning: float = _setting(
        5.0, 'Seconds without an image after which a warning says so; 0: never', live=True,
        low=0.0, high=3600.0)
    stall_timeout: float = _setting(
        5.0, 'Seconds that one batch of images may take until another thread takes the place of '
        'the one that infers, and the second time the node is deactivated with an error; at '
        'least ten times what is usual; 0: any', live=True, low=0.0, high=3600.0)

    def check(self, classes: Optional[ClassSet] = None) -> None:
        """
        Check what the ranges of the table cannot express.

        :param classes: of the weights, once they are loaded
        :raises InputError: naming the parameter, the value and what is allowed
        """
        for row in fields(self):
            _check(row.name, getattr(self, row.name), classes)


class Parameters:
    """
    Declares the table on a node; from then on a bad value is refused and changes nothing.

    :param node: to declare it on
    """

    def __init__(self, node: Node) -> None:
        """Declare; rclpy raises ParameterException for a value of wrong type or out of range."""
        self._node = node
        self.classes: Optional[ClassSet] = None
        """What names of classes are judged by: those of the weights, None before they load."""
        for row in fields(Settings):
            node.declare_parameter(row.name, _ros_value(row.default), _descriptor(row))
        node.add_on_set_parameters_callback(self._judge)

    def read(self) -> Settings:
        """
        Return the values as they are now.

        :raises InputError: if a list is not one of names
        """
        return Settings(**{row.name: _own_value(row, self._node.get_parameter(row.name).value)
                           for row in fields(Settings)})

    def _judge(self, changes: Sequence[Parameter]) -> SetParametersResult:
        rows = {row.name: row for row in fields(Settings)}
        try:
            for change in changes:
                # Other parameters, such as use_sim_time, are not ours to judge.
                if change.name in rows:
                    _refuse_removal(change)
                    _check(change.name, _own_value(rows[change.name], change.value),
                           self.classes)
        except InputError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)


def _descriptor(row: Field) -> ParameterDescriptor:
    table = row.metadata
    descriptor = ParameterDescriptor(
        description=table['description'], additional_constraints=table['constraints'],
        read_only=not table['live'],
        # rclpy cannot tell the type of an empty list: `[]` in YAML or from ros2 param has none.
        dynamic_typing=isinstance(row.default, tuple))
    if table['low'] is not None:
        kind = FloatingPointRange if isinstance(row.default, float) else IntegerRange
        ranges = [kind(from_value=table['low'], to_value=table['high'])]
        if kind is FloatingPointRange:
            descriptor.floating_point_range = ranges
        else:
            descriptor.integer_range = ranges
    return descriptor


def _ros_value(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


def _own_value(row: Field, value: Any) -> Any:
    """Return a value of rclpy as the one of Settings: lists are tuples, blank names are none."""
    if not isinstance(row.default, tuple):
        return value
    names = list(value) if isinstance(value, (list, tuple)) or hasattr(value, 'tolist') else value
    if names is None:
        return ()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f'{row.name} is {value!r}, must be a list of names')
    return tuple(name for name in names if name.strip())


def _refuse_removal(change: Parameter) -> None:
    if change.type_ == Parameter.Type.NOT_SET:
        raise InputError(f'{change.name} cannot be removed')


def check_transport(name: str) -> None:
    """
    Refuse a way for images to come that there is not.

    :raises InputError: naming it and those there are
    """
    if name not in TRANSPORTS:
        raise InputError(f'image_transport is {name!r}, must be one of {", ".join(TRANSPORTS)}')


def _check(name: str, value: Any, classes: Optional[ClassSet]) -> None:
    """Refuse a value of one parameter that its range allows."""
    if name == 'image_transport':
        check_transport(value)
    if name == 'tasks':
        check_tasks(value)
    if name == 'cameras':
        _check_cameras(value)
    if name == 'detection_classes' and classes is not None:
        _check_names(name, value, classes.detection)
    if name == 'segmentation_classes' and classes is not None:
        _check_names(name, value, classes.segmentation)


def _check_cameras(cameras: Sequence[str]) -> None:
    for name in cameras:
        if not _CAMERA_NAME.fullmatch(name):
            raise InputError(f'cameras names {name!r}, must be letters, digits and underscores, '
                             'no digit first')
    if len(set(cameras)) != len(cameras):
        raise InputError(f'cameras is {list(cameras)}, must be different names')


def _check_names(parameter: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise InputError(f'{parameter} names {name!r}, the weights know {", ".join(known)}')
