"""The definitions agree with the released package, and both families of classes are fillable."""

from array import array
from types import SimpleNamespace

import numpy as np
import pytest

from triplenet_ros.messages.message_types import (
    byte_array, full_name, MessageTypes, ros_types, rosbags_types, rosbags_typestore)

FIELDS = {
    'vision_msgs/msg/Detection2D': ['header', 'results', 'bbox', 'id'],
    'vision_msgs/msg/BoundingBox2D': ['center', 'size_x', 'size_y'],
    'vision_msgs/msg/ObjectHypothesisWithPose': ['hypothesis', 'pose'],
    'vision_msgs/msg/ObjectHypothesis': ['class_id', 'score'],
    'vision_msgs/msg/VisionInfo': ['header', 'method', 'database_location', 'database_version'],
    'vision_msgs/msg/LabelInfo': ['header', 'class_map', 'threshold'],
    'vision_msgs/msg/VisionClass': ['class_id', 'class_name'],
}


@pytest.mark.parametrize('name', sorted(FIELDS))
def test_fields_stand_in_the_order_of_the_released_message(name):
    fields = rosbags_typestore().fielddefs[name][1]
    assert [field for field, _ in fields] == FIELDS[name]


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
