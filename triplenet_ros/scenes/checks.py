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

"""What may be asked of the generator."""

from triplenet_ros.errors import InputError


def check_count(name: str, value: int) -> None:
    """Refuse a negative number."""
    if int(value) != value or value < 0:
        raise InputError(f'{name} of scenes is {value}, allowed is a whole number from 0')


def check_size(height: int, width: int) -> None:
    """Refuse pictures too small to show anything, or too large for cv2."""
    for name, value in (('height', height), ('width', width)):
        if int(value) != value or not 16 <= value <= 8192:
            raise InputError(f'{name} of scenes is {value}, allowed is 16 to 8192')
