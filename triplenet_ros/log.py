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

"""The library's own log: what is chosen and built meanwhile, shown by whoever runs it."""

from contextlib import contextmanager
import logging
from typing import Iterator


@contextmanager
def log_shown_by(handler: logging.Handler) -> Iterator[None]:
    """
    Hand everything from INFO on to a handler, and nothing of other libraries.

    :param handler: shows it
    """
    logger = logging.getLogger('triplenet_ros')
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
