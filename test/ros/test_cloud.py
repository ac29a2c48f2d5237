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

"""Points are painted with what the node saw at their time, where their frame and lens say."""

from threading import enumerate as running_threads, Event

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TransformStamped
import numpy as np
import pytest
from rcl_interfaces.msg import Log
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, Image, PointCloud2, PointField
from tf2_msgs.msg import TFMessage
from triplenet_ros.cloud.paint import paint
from triplenet_ros.drawing.overlay import label_colors
from triplenet_ros.errors import InputError
from triplenet_ros.messages.message_types import byte_array
from triplenet_ros.ros.cloud_message import read_points

WAIT = 600
WIDTH, HEIGHT = 80, 48
FOCAL, CENTER = 40.0, (39.5, 23.5)
CLOUD = '/perception_node/label_cloud'
# x forward, y left, z up, 10 m behind the camera's z forward, x right, y down.
LIDAR_IN_CAMERA = np.array([[0, -1, 0, 0.5], [0, 0, -1, 0.25], [1, 0, 0, -10]])
QUATERNION = {'x': 0.5, 'y': -0.5, 'z': 0.5, 'w': 0.5}


@pytest.fixture
def transform(listener):
    """Let the lidar be where it is."""
    message = TransformStamped()
    message.header.frame_id, message.child_frame_id = 'front_optical', 'lidar'
    for axis, value in zip('xyz', LIDAR_IN_CAMERA[:, 3]):
        setattr(message.transform.translation, axis, float(value))
    for axis, value in QUATERNION.items():
        setattr(message.transform.rotation, axis, value)
    publisher = listener.node.create_publisher(
        TFMessage, '/tf_static', QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    publisher.publish(TFMessage(transforms=[message]))
    yield publisher
    listener.node.destroy_publisher(publisher)


def camera_info(header, **changes):
    """Return the calibration of a pinhole."""
    info = CameraInfo(
        header=header, width=WIDTH, height=HEIGHT, distortion_model='plumb_bob', d=[0.0] * 5,
        k=[FOCAL, 0.0, CENTER[0], 0.0, FOCAL, CENTER[1], 0.0, 0.0, 1.0])
    for name, value in changes.items():
        setattr(info, name, value)
    return info


def cloud_message(header, count=3000, height=1, seed=0, intensity='f4', **changes):
    """Return points all around the lidar, one in ten of them nowhere, with fields of others."""
    random = np.random.default_rng(seed)
    kinds = {'f4': PointField.FLOAT32, 'u2': PointField.UINT16}
    points = np.zeros(count, np.dtype({
        'names': ['x', 'ring', 'y', 'z', 'intensity'],
        'formats': ['f4', 'u2', 'f4', 'f4', intensity],
        'offsets': [0, 4, 8, 12, 16], 'itemsize': 26}))
    for axis in 'xyz':
        points[axis] = random.normal(0, 20, count)
    points['x'][::10] = np.nan
    points['intensity'] = random.integers(0, 1000, count)
    fields = [PointField(name=name, offset=points.dtype.fields[name][1], datatype=kind, count=1)
              for name, kind in {
                  'x': PointField.FLOAT32, 'ring': PointField.UINT16, 'y': PointField.FLOAT32,
                  'z': PointField.FLOAT32, 'intensity': kinds[intensity]}.items()]
    message = PointCloud2(
        header=type(header)(stamp=header.stamp, frame_id='lidar'), height=height,
        width=count // height, fields=fields, point_step=26, row_step=26 * (count // height),
        is_dense=False, data=byte_array(points.view(np.uint8)) if count else [])
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def values_of(message):
    """Return the points of a message, as its fields say; without the library that wrote it."""
    kinds = {1: 'i1', 2: 'u1', 3: 'i2', 4: 'u2', 5: 'i4', 6: 'u4', 7: 'f4', 8: 'f8'}
    return np.frombuffer(message.data, np.dtype({
        'names': [field.name for field in message.fields],
        'formats': [kinds[field.datatype] for field in message.fields],
        'offsets': [field.offset for field in message.fields], 'itemsize': message.point_step}))


def pixels_of(points):
    """Return column, row and whether the image shows each point."""
    xyz1 = np.stack([*(points[axis].astype(np.float64) for axis in 'xyz'), np.ones(len(points))])
    x, y, z = LIDAR_IN_CAMERA @ xyz1
    with np.errstate(all='ignore'):
        columns, rows = (np.floor(FOCAL * value / z + center + 0.5)
                         for value, center in zip((x, y), CENTER))
        shown = (z > 0) & (columns >= 0) & (columns < WIDTH) & (rows >= 0) & (rows < HEIGHT)
    return columns[shown].astype(int), rows[shown].astype(int), shown


@pytest.fixture
def talk(active_node, listener):
    """Return a function that activates a painting node and gives publishers by topic."""
    def begin(topics=('image', 'camera_info', 'points'), wanted=(CLOUD,), **parameters):
        node = active_node(paint_cloud=True, **parameters)
        for topic in wanted:
            listener.hear(topic, PointCloud2)
        listener.until(lambda: all(node.count_subscribers(topic) for topic in wanted))
        # Whether a log is heard cannot be asked, only tried.
        listener.until(lambda: all((node.get_logger().info('hello'), listener.heard[topic])[1]
                                   for topic in listener.heard if topic == '/rosout'))
        kinds = {'image': Image, 'camera_info': CameraInfo, 'points': PointCloud2}
        return node, {topic: listener.connect(topic, kinds[topic.split('/')[-1]])
                      for topic in topics}

    return begin


@pytest.fixture
def held(monkeypatch):
    """Hold painting back until it is told to go on; return begun and go."""
    begun, go = Event(), Event()

    def wait(*arguments):
        begun.set()
        assert go.wait(WAIT)
        return paint(*arguments)

    monkeypatch.setattr('triplenet_ros.ros.cloud.paint', wait)
    yield begun, go
    go.set()


def processed(node):
    """Return how many images are done."""
    return node.pipeline.counters().processed


def count(node, what):
    """Return how many clouds came to some end."""
    return node.pipeline.clouds.counts()[f'clouds {what}']


@pytest.mark.parametrize('height, intensity', [(1, 'f4'), (30, 'u2')])
def test_labels_are_those_of_the_pixels_that_the_points_project_to(
        talk, transform, listener, image_message, predictor, height, intensity):
    node, say = talk()
    image = image_message(5)
    cloud = cloud_message(image.header, height=height, intensity=intensity)
    say['camera_info'].publish(camera_info(image.header))
    say['points'].publish(cloud)
    listener.until(lambda: node.pipeline.clouds._views['']._info is not None)
    listener.until(lambda: (say['image'].publish(image), listener.heard[CLOUD])[1])
    painted, = listener.heard[CLOUD][:1]
    assert painted.header == cloud.header
    assert (painted.height, painted.width) == (height, 3000 // height)
    assert painted.row_step == painted.width * painted.point_step
    assert len(painted.data) == painted.height * painted.row_step
    given, got = values_of(cloud), values_of(painted)
    assert got.dtype.names == ('x', 'y', 'z', 'intensity', 'rgb', 'box', 'label')
    for name in ('x', 'y', 'z', 'intensity'):
        assert got[name].dtype == given[name].dtype
        np.testing.assert_array_equal(got[name], given[name])
    expected = predictor(np.frombuffer(image.data, np.uint8).reshape(HEIGHT, WIDTH, 3))
    columns, rows, shown = pixels_of(given)
    assert 100 < shown.sum() < 1500
    np.testing.assert_array_equal(got['label'][shown], expected.label_map[rows, columns])
    assert set(got['label'][~shown]) == {255} and set(got['box'][~shown]) == {-1}
    colors = label_colors(expected.classes)[got['label'][shown]].astype(int)
    np.testing.assert_array_equal(
        got['rgb'].view(np.uint32)[shown], colors @ (65536, 256, 1))
    in_boxes = got['box'][shown] >= 0
    assert in_boxes.any()
    middles = np.stack([columns, rows], axis=1)[in_boxes] + 0.5
    left_top, right_bottom = np.hsplit(expected.boxes[got['box'][shown][in_boxes]], 2)
    assert (middles > left_top - 0.5).all() and (middles < right_bottom + 0.5).all()


def test_nothing_is_painted_while_nobody_subscribes_nor_after_deactivating(
        talk, transform, listener, image_message, monkeypatch):
    node, say = talk(wanted=())
    image = image_message(5)
    for topic, message in (('camera_info', camera_info(image.header)), ('image', image)):
        say[topic].publish(message)
    say['points'].publish(cloud_message(image.header))
    listener.until(lambda: processed(node) == 1)
    listener.hear(CLOUD, PointCloud2)
    listener.until(lambda: node.count_subscribers(CLOUD))
    assert set(node.pipeline.clouds.counts().values()) == {0}
    listener.until(lambda: [say[topic].publish(message) for topic, message in (
        ('camera_info', camera_info(image.header)), ('image', image),
        ('points', cloud_message(image.header)))] and listener.heard[CLOUD])
    assert any(thread.name == 'painting' for thread in running_threads())
    assert node.trigger_deactivate().name == 'SUCCESS'
    assert not any(thread.name == 'painting' for thread in running_threads())
    subscribed = {one.topic_name for one in node.subscriptions}
    assert not subscribed & {'/points', '/camera_info', '/tf', '/tf_static'}
    assert node.trigger_activate().name == 'SUCCESS'
    painted = count(node, 'painted')
    listener.until(lambda: [say[topic].publish(message) for topic, message in (
        ('camera_info', camera_info(image.header)), ('image', image),
        ('points', cloud_message(image.header)))] and count(node, 'painted') > painted)
    for transition in (node.trigger_deactivate, node.trigger_cleanup):
        assert transition().name == 'SUCCESS'
    assert CLOUD not in {one.topic_name for one in node.publishers}


def test_images_go_on_while_a_cloud_is_painted_and_the_newest_cloud_is_next(
        talk, transform, held, listener, image_message):
    node, say = talk()
    begun, go = held
    say['camera_info'].publish(camera_info(image_message().header))

    def send(nanoseconds):
        image = image_message(nanoseconds)
        say['points'].publish(cloud_message(image.header))
        say['image'].publish(image)
        listener.until(lambda: processed(node) == nanoseconds)
        listener.until(lambda: node.pipeline.clouds._worker.counters.received == nanoseconds)

    listener.until(lambda: node.pipeline.clouds._views['']._info is not None)
    send(1)
    listener.until(begun.is_set)
    for nanoseconds in (2, 3, 4):
        send(nanoseconds)
    listener.until(lambda: count(node, 'dropped') == 2)
    assert listener.heard[CLOUD] == []
    go.set()
    listener.until(lambda: len(listener.heard[CLOUD]) == 2)
    assert [one.header.stamp.nanosec for one in listener.heard[CLOUD]] == [1, 4]


def test_nodes_that_do_not_paint_have_no_topic_for_it(active_node):
    node = active_node()
    assert node.pipeline.clouds is None
    assert not {one.topic_name for one in node.subscriptions} & {'/points', '/camera_info', '/tf'}
    assert CLOUD not in {one.topic_name for one in node.publishers}


def warnings_of(listener):
    """Return the texts of the warnings about points."""
    return [log.msg for log in listener.heard['/rosout'] if 'not painted' in log.msg]


def test_what_is_missing_is_named_once_and_counted_and_the_node_goes_on(
        talk, listener, image_message, request):
    listener.hear('/rosout', Log)
    listener.hear('/diagnostics', DiagnosticArray)
    node, say = talk()
    image = image_message(5)

    def send_pairs(enough):
        listener.until(lambda: [say[topic].publish(message) for topic, message in (
            ('points', cloud_message(image.header)), ('image', image))] and enough())

    send_pairs(lambda: count(node, 'not painted') >= 2)
    listener.until(lambda: warnings_of(listener))
    assert warnings_of(listener) == [
        'points are not painted: no camera_info on /camera_info']
    say['camera_info'].publish(camera_info(image.header, width=40))
    send_pairs(lambda: len(warnings_of(listener)) == 2)
    assert '40x48 pixels, the image is 80x48' in warnings_of(listener)[1]
    say['camera_info'].publish(camera_info(image.header))
    send_pairs(lambda: len(warnings_of(listener)) == 3)
    assert "no transform from 'lidar' to 'front_optical'" in warnings_of(listener)[2]
    assert listener.heard[CLOUD] == []
    request.getfixturevalue('transform')
    send_pairs(lambda: listener.heard[CLOUD])

    def told():
        values = {value.key: value.value
                  for array in listener.heard['/diagnostics'] for value in array.status[0].values}
        return (int(values.get('clouds: no camera_info', 0)) >= 2
                and int(values.get('clouds: no transform', 0)) >= 1
                and int(values.get('clouds: wrong camera_info', 0)) >= 1
                and int(values.get('clouds painted', 0)) >= 1 and 'paint p95 ms' in values)

    listener.until(told)


def test_clouds_far_from_every_image_are_counted_and_the_clocks_questioned(
        talk, listener, image_message):
    listener.hear('/rosout', Log)
    node, say = talk()
    early = image_message(sec=1_600_000_000)

    def send():
        say['points'].publish(cloud_message(early.header))
        say['image'].publish(image_message(5))

    # Clouds that come before the first image is predicted question no clock: more are sent.
    listener.until(lambda: (send(), warnings_of(listener))[1])
    assert count(node, 'without image') > 20
    assert 'within 0.1 s' in warnings_of(listener)[0] and '/image' in warnings_of(listener)[0]


def test_each_of_several_cameras_paints_the_points_it_sees(
        talk, transform, listener, image_message):
    wanted = [f'/perception_node/{name}/label_cloud' for name in ('front', 'left')]
    node, say = talk(
        ('front/image', 'front/camera_info', 'left/image', 'left/camera_info', 'points'), wanted,
        cameras=['front', 'left'])
    image = image_message(5)
    narrow = camera_info(image.header, k=[150.0, 0.0, 39.5, 0.0, 150.0, 23.5, 0.0, 0.0, 1.0])
    say['front/camera_info'].publish(camera_info(image.header))
    say['left/camera_info'].publish(narrow)
    cloud = cloud_message(image.header)
    listener.until(lambda: [say[topic].publish(message) for topic, message in (
        ('front/image', image), ('left/image', image), ('points', cloud))]
        and all(listener.heard.values()))
    front, left = (values_of(listener.heard[topic][0])['label'] for topic in wanted)
    assert 0 < (left != 255).sum() < (front != 255).sum() / 5


def test_empty_cloud_is_painted_too(talk, transform, listener, image_message):
    _node, say = talk()
    image = image_message(5)
    say['camera_info'].publish(camera_info(image.header))
    cloud = cloud_message(image.header, 0)
    listener.until(lambda: [say[topic].publish(message) for topic, message in (
        ('image', image), ('points', cloud))] and listener.heard[CLOUD])
    painted = listener.heard[CLOUD][0]
    assert painted.width == 0 and [field.name for field in painted.fields][-1] == 'label'


@pytest.mark.parametrize('changes, reason', [
    ({'fields': []}, 'must be x, y, z'), ({'height': 2, 'row_step': 99}, 'row_step'),
    ({'width': 3001}, 'cannot be read'), ({'point_step': 3}, 'cannot be read')])
def test_cloud_that_contradicts_itself_is_refused_with_the_reason(
        image_message, changes, reason):
    with pytest.raises(InputError, match=reason):
        read_points(cloud_message(image_message().header, **changes))
