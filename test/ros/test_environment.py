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

"""The settings for large messages, as the middleware and the user have them."""

import os
from pathlib import Path
import subprocess
import sys

import pytest
from rclpy.utilities import get_rmw_implementation_identifier
from triplenet_ros.ros.environment import KEEP_MEMORY, large_message_environment

CONFIG = Path(__file__).resolve().parents[2] / 'config' / 'cyclonedds.xml'
CYCLONE = 'rmw_cyclonedds_cpp'


def added(environment=(), rmw=CYCLONE, keep_memory=True, config='/etc/cyclone.xml'):
    """Return what is added to an environment."""
    return large_message_environment(
        dict(environment), rmw=rmw, keep_memory=keep_memory, cyclonedds_config=config)


def test_cyclone_gets_its_file_and_every_middleware_the_memory():
    assert added() == {**KEEP_MEMORY, 'CYCLONEDDS_URI': 'file:///etc/cyclone.xml'}
    assert added(rmw='rmw_fastrtps_cpp') == KEEP_MEMORY


def test_what_the_user_has_set_stays():
    own = {'CYCLONEDDS_URI': 'file:///home/own.xml', 'MALLOC_TRIM_THRESHOLD_': '1'}
    assert added(own) == {
        'MALLOC_MMAP_THRESHOLD_': KEEP_MEMORY['MALLOC_MMAP_THRESHOLD_']}


def test_either_can_be_switched_off():
    assert added(config='none') == KEEP_MEMORY
    assert added(keep_memory=False).keys() == {'CYCLONEDDS_URI'}


@pytest.mark.parametrize('config', ['file:///etc/cyclone.xml', '<CycloneDDS/>'])
def test_uri_or_settings_themselves_are_passed_on(config):
    assert added(config=config)['CYCLONEDDS_URI'] == config


@pytest.mark.skipif(get_rmw_implementation_identifier() != CYCLONE, reason='needs Cyclone DDS')
@pytest.mark.parametrize('megabytes', [8, 1000])
def test_node_starts_with_the_shipped_file_whatever_the_system_allows(tmp_path, megabytes):
    config = tmp_path / 'cyclonedds.xml'
    config.write_text(CONFIG.read_text().replace('max="8MB"', f'max="{megabytes}MB"'))
    done = subprocess.run(
        [sys.executable, '-c', 'import rclpy; rclpy.init(); rclpy.create_node("node")'],
        env={**os.environ, 'CYCLONEDDS_URI': config.as_uri()}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, '')
