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

"""The definitions agree with the released package, and both families of classes are fillable."""

from array import array
from types import SimpleNamespace

import numpy as np
import pytest

from triplenet_ros.messages.message_types import (
    byte_array, full_name, MessageTypes, ros_types, rosbags_types, rosbags_typestore)

# Hashes over names, types and order of all fields, as the released package carries them.
HASHES = {
    'vision_msgs/msg/BoundingBox2D':
        'RIHS01_008eacbb0cf8f26e83795547bed013eec3675485ef386ec056d80eaaf1c1ce2f',
    'vision_msgs/msg/Detection2DArray':
        'RIHS01_214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968',
    'vision_msgs/msg/LabelInfo':
        'RIHS01_3d37df4015cdf660cc851c51897f2acd957e1ca6205ba0a99aebffb9406b0783',
    'vision_msgs/msg/VisionInfo':
        'RIHS01_95d3116a17484ad91c9a2686e1d54890bbfc3ff6c6a2de137738c4950d45d284',
}


@pytest.mark.parametrize('name', sorted(HASHES))
def test_definition_is_that_of_the_released_package(name):
    assert rosbags_typestore().hash_rihs01(name) == HASHES[name]


def test_header_keeps_every_nanosecond():
    header = rosbags_types().header(1_700_000_000_123_456_789, 'front')
    assert (header.stamp.sec, header.stamp.nanosec) == (1_700_000_000, 123_456_789)
    assert header.frame_id == 'front'


def test_name_of_a_message_is_its_full_type_name():
    types = rosbags_types()
    assert types.name_of(types.header(0, '')) == 'std_msgs/msg/Header'
    with pytest.raises(TypeError, match='int'):
        types.name_of(3)


def test_ros_types_come_from_the_packages_given():
    names = [name for name in MessageTypes.__dataclass_fields__ if name != 'byte_field']
    packages = {}
    for name in names:
        package = full_name(name).split('/')[0]
        setattr(packages.setdefault(package, SimpleNamespace()), name, type(name, (), {}))
    types = ros_types(packages)
    assert types.Detection2DArray is packages['vision_msgs'].Detection2DArray
    assert types.byte_field is byte_array


def test_byte_array_holds_the_rows_one_after_the_other():
    values = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert byte_array(values) == array('B', [0, 1, 2, 3, 4, 5])
