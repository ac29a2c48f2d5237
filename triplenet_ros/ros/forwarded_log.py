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

"""What the library logs, in the node's own log."""

import logging
from typing import Any

from triplenet_ros.printable import printable


class ForwardedLog(logging.Handler):
    """
    Hands records on to where the node tells everything else.

    :param logger: of an rclpy node
    """

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Say it; rclpy wants one severity for every line of code."""
        text = printable(record.getMessage())
        if record.levelno >= logging.WARNING:
            self._logger.warning(text)
        else:
            self._logger.info(text)
