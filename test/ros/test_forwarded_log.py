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
"""The node tells what the library has chosen and built for it."""

import logging

from rcl_interfaces.msg import Log
from triplenet_ros.log import log_shown_by
from triplenet_ros.ros.forwarded_log import ForwardedLog


class FakeLogger:
    """Keeps what a node is told, by severity."""

    def __init__(self):
        self.told = []

    def info(self, text):
        """Keep a line."""
        self.told.append(('info', text))

    def warning(self, text):
        """Keep a warning."""
        self.told.append(('warning', text))


def test_lines_keep_their_severity_and_only_come_meanwhile():
    node, library = FakeLogger(), logging.getLogger('triplenet_ros')
    library.info('before')
    with log_shown_by(ForwardedLog(node)):
        library.info('building')
        library.warning('takes a minute')
        library.debug('detail')
        logging.getLogger('elsewhere').warning('noise')
    library.warning('after')
    assert node.told == [('info', 'building'), ('warning', 'takes a minute')]


def test_configuring_tells_what_was_chosen_and_why(make_node, listener):
    listener.hear('/rosout', Log)
    node = make_node()
    assert node.trigger_configure().name == 'SUCCESS'
    listener.until(lambda: any('tiny: torch was asked for; float32' in log.msg
                               for log in listener.heard['/rosout']))
    assert node.pipeline.perception.description()['backend'] == 'torch'
