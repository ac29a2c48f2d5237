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

"""The launch files and the executable, as users start them."""

from importlib.util import find_spec
import os
from pathlib import Path
import re
import runpy
import shutil
import signal
import subprocess
import sys

import cv2
from diagnostic_msgs.msg import DiagnosticArray
from launch import LaunchContext
from launch.utilities import perform_substitutions
from lifecycle_msgs.msg import Transition
import numpy as np
import pytest
from rclpy.time import Time
from sensor_msgs.msg import Image
from triplenet_ros import Predictor
from triplenet_ros.bag.topics import RESULTS
from triplenet_ros.ros.parameters import Settings
from vision_msgs.msg import Detection2DArray

ROOT = Path(__file__).resolve().parents[2]
WAIT = 600
needs_player = pytest.mark.skipif(find_spec('ros2bag') is None, reason='needs ros2 bag')


def ros2(*words):
    """Return the command line of ros2, or skip where it is not installed."""
    if shutil.which('ros2') is None:
        pytest.skip('needs the ros2 command')
    return [shutil.which('ros2'), *words]


@pytest.fixture
def plain(tmp_path):
    """Return parameters of a node that builds no engine, for which busy machines have no time."""
    path = tmp_path / 'plain.yaml'
    path.write_text('/**: {ros__parameters: {backend: torch, precision: float32}}\n')
    return f'params_file:={path}'


def test_launched_node_activates_itself_walks_the_lifecycle_and_ends_cleanly(
        start, listener, remote, tiny_weights, plain, image_message, tmp_path):
    process = start(*ros2('launch', 'triplenet_ros', 'perception.launch.py', plain,
                          f'weights:={tiny_weights}', 'device:=cpu', 'image:=/front/color',
                          'paint_cloud:=true', 'points:=/front/points', 'camera_info:=/front/info',
                          'enclave:=/drive/perception', f'namespace:={remote.namespace}'))
    listener.until(lambda: remote.state == 'active', seconds=WAIT)
    assert ('perception_node', f'/{remote.namespace}', '/drive/perception') in (
        listener.node.get_node_names_and_namespaces_with_enclaves())
    for topic in ('/front/points', '/front/info'):
        listener.until(lambda: listener.node.count_subscribers(topic) == 1)
    topics = remote.topic('label_image'), remote.topic('detections')
    for topic, kind in zip(topics, (Image, Detection2DArray)):
        listener.hear(topic, kind)
        listener.until(lambda: listener.node.count_publishers(topic) == 1)
    publisher = listener.connect('/front/color', Image)
    image = image_message(7)
    listener.until(lambda: (publisher.publish(image), all(listener.heard.values()))[1])
    expected = Predictor.load(tiny_weights, device='cpu', backend='torch', precision='float32')(
        np.frombuffer(image.data, np.uint8).reshape(48, 80, 3))
    labels, found = (listener.heard[topic][0] for topic in topics)
    assert bytes(labels.data) == expected.label_map.tobytes()
    assert len(found.detections) == len(expected.boxes)
    assert labels.header == found.header == image.header
    for transition, state in (
            (Transition.TRANSITION_DEACTIVATE, 'inactive'),
            (Transition.TRANSITION_CLEANUP, 'unconfigured'),
            (Transition.TRANSITION_CONFIGURE, 'inactive'),
            (Transition.TRANSITION_ACTIVATE, 'active')):
        remote.change(transition, state)
    assert remote.refuses(Transition.TRANSITION_CONFIGURE)
    listener.until(lambda: remote.state == 'active')
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0
    assert 'process has finished cleanly' in (tmp_path / 'output').read_text()


def test_what_evaluates_a_replay_sees_the_images_too(
        start, listener, remote, tiny_weights, plain, tmp_path):
    (tmp_path / 'drive.mcap').touch()
    process = start(*ros2('launch', 'triplenet_ros', 'replay.launch.py', 'evaluate:=true', plain,
                          f'bag:={tmp_path}/drive.mcap', f'report:={tmp_path}/report',
                          'image:=/front/color', 'image_transport:=compressed', 'rviz:=false',
                          'shutdown:=false', f'weights:={tiny_weights}',
                          f'namespace:={remote.namespace}'))
    subscribers = listener.node.get_subscriptions_info_by_topic
    listener.until(lambda: {one.node_name for one in subscribers('/front/color/compressed')} == {
        'perception_node', 'evaluation_node'}, seconds=WAIT)
    output = tmp_path / 'output'
    # Told to end while it starts the player, launch may wait for that for ever.
    listener.until(lambda: 'ros2_bag_play-3]: process has died' in output.read_text())
    process.send_signal(signal.SIGINT)
    process.wait(WAIT)
    assert 'none of the 0 results that came has truth' in output.read_text()


def test_preset_offers_the_topics_of_its_task_alone(start, listener, remote, tiny_weights):
    process = start(*ros2('launch', 'triplenet_ros', 'car_detection.launch.py',
                          f'weights:={tiny_weights}', f'namespace:={remote.namespace}'))
    listener.until(lambda: remote.state == 'active', seconds=WAIT)
    count = listener.node.count_publishers
    listener.until(lambda: count(remote.topic('detections')) == 1)
    assert count(remote.topic('label_image')) == 0
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0


def shown_arguments(environment, name):
    """Return the arguments of a launch file with what --show-args says of each."""
    shown = subprocess.run(
        ros2('launch', 'triplenet_ros', f'{name}.launch.py', '--show-args'),
        env=environment, capture_output=True, text=True, check=True).stdout
    texts = re.split(r"^ {4}'(\w+)':$", shown, flags=re.MULTILINE)[1:]
    return dict(zip(texts[::2], texts[1::2]))


@pytest.mark.parametrize('name', ['perception', 'car_detection', 'road_segmentation', 'replay'])
def test_launch_arguments_are_all_shown_with_description_default_and_choices(environment, name):
    shown = shown_arguments(environment, name)
    own = {'bag', 'criteria', 'evaluate', 'loop', 'play_options', 'rate', 'rename',
           'report', 'shutdown'} if name == 'replay' else set()
    assert shown.keys() >= own | {
        'namespace', 'params_file', 'weights', 'device', 'image', 'image_transport',
        'use_sim_time', 'autostart', 'enclave', 'rviz', 'fixed_frame', 'log_level', 'keep_memory',
        'cyclonedds_config'}
    for argument, text in shown.items():
        assert len(text.split()) > 3 and ('(default:' in text) == (argument != 'bag')
    for argument in {'use_sim_time', 'autostart', 'rviz', 'keep_memory', 'loop', 'shutdown',
                     'evaluate'}:
        assert argument not in shown or "choices are: ['true', 'false']" in shown[argument]
    assert f'{name}.yaml' in shown['params_file'] or name == 'replay'


def test_documented_arguments_are_those_of_the_launch_files(environment):
    text = (ROOT / 'docs' / 'ros.md').read_text(encoding='utf-8')
    common, replay = (set(re.findall(r'^\| `(\w+):=', table, re.MULTILINE))
                      for table in text.split('| argument of replay |'))
    assert common == shown_arguments(environment, 'perception').keys()
    assert common | replay == shown_arguments(environment, 'replay').keys()


def test_killed_node_is_started_again_and_active_again(
        start, listener, remote, tiny_weights, plain):
    process = start(*ros2('launch', 'triplenet_ros', 'perception.launch.py', 'respawn:=true',
                          plain, f'weights:={tiny_weights}', 'device:=cpu',
                          f'namespace:={remote.namespace}'))
    listener.until(lambda: remote.state == 'active', seconds=WAIT)
    children = Path(f'/proc/{process.pid}/task/{process.pid}/children')

    def is_node(pid):
        try:
            return 'perception_node' in Path(f'/proc/{pid}/cmdline').read_text()
        except OSError:  # it has ended meanwhile
            return False

    def nodes():
        return [int(pid) for pid in children.read_text().split() if is_node(pid)]

    first = nodes()
    assert len(first) == 1
    os.kill(first[0], signal.SIGKILL)
    listener.until(lambda: nodes() and nodes() != first, seconds=WAIT)
    listener.until(lambda: remote.state == 'active', seconds=WAIT)
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0


def test_launched_node_has_the_time_that_a_hung_pass_takes_before_it_is_killed():
    launch = runpy.run_path(str(ROOT / 'launch' / 'perception.launch.py'))
    context = LaunchContext()
    context.launch_configurations.update(
        dict.fromkeys(('namespace', 'weights', 'device', 'image_transport', 'paint_cloud',
                       'enclave', 'image', 'points', 'camera_info'), ''), params_file='none',
        use_sim_time='false', autostart='true', respawn='false',
        log_level='info', keep_memory='false', cyclonedds_config='none')
    node = launch['start_node'](context)[-1]
    assert float(perform_substitutions(
        context, node.sigterm_timeout)) >= 2 * Settings().stall_timeout


def test_node_waits_to_be_configured_and_ctrl_c_ends_it_cleanly(start, listener, remote):
    process = start(sys.executable, '-m', 'triplenet_ros.ros.node', '--ros-args', '-r',
                    f'__ns:=/{remote.namespace}')
    listener.until(lambda: remote.state == 'unconfigured', seconds=WAIT)
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0


def hide(package, folder, monkeypatch, environment):
    """Let the import of a package fail as if it were not installed."""
    folder.mkdir()
    (folder / f'{package}.py').write_text(
        f'raise ModuleNotFoundError("No module named {package!r}", name={package!r})\n')
    monkeypatch.setitem(
        environment, 'PYTHONPATH', f'{folder}{os.pathsep}{environment["PYTHONPATH"]}')


def test_wrong_start_ends_the_node_with_one_line(environment, prefix):
    for argument, word in {
            'max_age:=-1.0': 'max_age', 'score_threshold:=high': "'high'",
            'weights:=3': 'weights', 'max_detections:=2.5': 'max_detections'}.items():
        done = subprocess.run(
            [prefix / 'lib/triplenet_ros/perception_node', '--ros-args', '-p', argument],
            env=environment, capture_output=True, text=True)
        assert done.returncode == 1
        line, = done.stderr.strip().splitlines()
        assert line.startswith('error: ') and word in line


def test_params_file_that_is_not_there_is_named(environment, prefix):
    done = subprocess.run(
        [prefix / 'lib/triplenet_ros/perception_node', '--ros-args', '--params-file', 'none.yaml'],
        env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and 'Traceback' not in done.stderr
    assert re.search('^error: .*none.yaml', done.stderr, re.MULTILINE)


def test_home_in_which_no_log_can_be_kept_is_named_unless_ros_log_dir_says_where(
        environment, start, listener, remote):
    command = [sys.executable, '-m', 'triplenet_ros.ros.node']
    elsewhere = {**environment, 'HOME': '/proc', 'LC_ALL': 'C'}
    del elsewhere['ROS_LOG_DIR']
    done = subprocess.run(command, env=elsewhere, cwd='/', capture_output=True, text=True)
    assert done.returncode == 1 and 'Traceback' not in done.stderr
    assert re.search('^error: .*/proc/', done.stderr, re.MULTILINE)
    environment.update(HOME='/proc', LC_ALL='C')
    process = start(*command, '--ros-args', '-r', f'__ns:=/{remote.namespace}')
    listener.until(lambda: remote.state == 'unconfigured', seconds=WAIT)
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0


def test_package_that_the_node_misses_is_named_with_the_python_that_misses_it(
        environment, prefix, tmp_path, monkeypatch):
    hide('vision_msgs', tmp_path / 'hidden', monkeypatch, environment)
    done = subprocess.run([prefix / 'lib/triplenet_ros/perception_node'],
                          env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    line, = done.stderr.strip().splitlines()
    assert line.startswith(f'error: {sys.executable} has no vision_msgs')


def test_missing_torch_is_told_and_the_node_stays_unconfigured(
        start, listener, remote, environment, tmp_path, monkeypatch):
    hide('torch', tmp_path / 'hidden', monkeypatch, environment)
    process = start(*ros2('launch', 'triplenet_ros', 'perception.launch.py',
                          f'namespace:={remote.namespace}'))
    listener.until(lambda: 'has no torch' in (tmp_path / 'output').read_text(), seconds=WAIT)
    assert remote.state == 'unconfigured'
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0
    assert 'Traceback' not in (tmp_path / 'output').read_text()


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    """Return a short bag of `triplenet record`."""
    folder = tmp_path_factory.mktemp('bag')
    for number, picture in enumerate(np.random.default_rng(0).integers(
            0, 256, (20, 48, 80, 3), np.uint8)):
        cv2.imwrite(str(folder / f'{number:02}.png'), picture)
    subprocess.run([sys.executable, '-m', 'triplenet_ros', 'record', folder, folder / 'drive'],
                   cwd=ROOT, check=True, capture_output=True)
    return folder / 'drive'


@needs_player
def test_replay_plays_a_recorded_bag_in_its_own_time_and_ends_with_it(
        start, listener, remote, tiny_weights, plain, bag, tmp_path):
    process = start(*ros2('launch', 'triplenet_ros', 'replay.launch.py', f'bag:={bag}', plain,
                          f'weights:={tiny_weights}', 'device:=cpu', 'rviz:=false', 'rate:=2.0',
                          f'namespace:={remote.namespace}'))
    listener.hear(remote.topic('label_image'), Image)
    listener.hear('/diagnostics', DiagnosticArray)
    listener.until(lambda: process.poll() is not None, seconds=2 * WAIT)
    assert process.returncode == 0, (tmp_path / 'output').read_text()
    stamps = [Time.from_msg(labels.header.stamp).nanoseconds
              for labels in listener.heard[remote.topic('label_image')]]
    recorded = [round(1e9 + 1e8 * number) for number in range(20)]
    assert stamps and set(stamps) <= set(recorded) and stamps == sorted(stamps)
    # Told in the time of today, images of 1970 would be half a century old.
    ages = [float(value.value) for array in listener.heard['/diagnostics']
            for status in array.status for value in status.values
            if value.key == 'image age p50 ms']
    assert ages and max(ages) < 5000


@pytest.mark.parametrize('namespace, node', [
    ('', '/perception_node'), ('/robot/', '/robot/perception_node')])
def test_replay_plays_recorded_results_beside_those_of_the_node(namespace, node):
    replay = runpy.run_path(str(ROOT / 'launch' / 'replay.launch.py'))
    context = LaunchContext()
    context.launch_configurations.update(
        namespace=namespace, bag='drive', rate='0.5', loop='true', shutdown='true',
        play_options="--start-offset 10 --topics '/a b'", keep_memory='false',
        cyclonedds_config='none')
    player = replay['play'](context)
    words = [perform_substitutions(context, word) for word in player.cmd]
    assert words[:4] == ['ros2', 'bag', 'play', 'drive'] and '--loop' in words
    assert words[words.index('--rate') + 1] == '0.5'
    options = words[words.index('--start-offset'):]
    assert options[:4] == ['--start-offset', '10', '--topics', '/a b']
    rules = dict(rule.split(':=') for rule in words[words.index('--remap') + 1:])
    assert {topic.replace('/perception_node', node, 1) for topic in RESULTS} <= rules.keys()
    assert all(new == f'/recorded{old}' for old, new in rules.items())


@needs_player
def test_ctrl_c_ends_a_replay_cleanly(
        start, listener, remote, tiny_weights, plain, bag, tmp_path):
    process = start(*ros2('launch', 'triplenet_ros', 'replay.launch.py', f'bag:={bag}', plain,
                          f'weights:={tiny_weights}', 'device:=cpu', 'rviz:=false', 'loop:=true',
                          f'namespace:={remote.namespace}'))
    listener.hear(remote.topic('label_image'), Image)
    listener.until(lambda: listener.heard[remote.topic('label_image')], seconds=WAIT)
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0, (tmp_path / 'output').read_text()


def test_replay_of_what_is_not_there_ends_before_anything_is_started(environment):
    done = subprocess.run(
        ros2('launch', 'triplenet_ros', 'replay.launch.py', 'bag:=nowhere.mcap'),
        env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    output = done.stdout + done.stderr
    assert "bag is 'nowhere.mcap', there is no such file" in output
    assert 'process started' not in output


def test_replay_ends_where_the_node_cannot_be_configured(start, remote, bag, tmp_path):
    process = start(*ros2('launch', 'triplenet_ros', 'replay.launch.py', f'bag:={bag}',
                          'rviz:=false', 'weights:=nowhere', f'namespace:={remote.namespace}'))
    process.wait(WAIT)
    output = (tmp_path / 'output').read_text()
    assert "no weights 'nowhere'" in output and 'ros2_bag_play' not in output
