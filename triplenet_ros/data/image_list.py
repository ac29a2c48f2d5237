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

"""Text files that list images, one name a line."""

from pathlib import Path

from triplenet_ros.errors import InputError
from triplenet_ros.textfile import read_text


def read_image_list(path: Path) -> list[str]:
    """
    Read the names.

    :param path: the file
    :returns: names in the order of the file, without empty lines
    :raises InputError: if it cannot be read, is empty, or a line has more than a name
    """
    try:
        lines = read_text(path).splitlines()
    except FileNotFoundError:
        raise InputError(f'{path} is missing') from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'{path} is not a text file that can be read') from error
    for number, line in enumerate(lines, start=1):
        if len(line.split()) > 1:
            raise InputError(f'{path}:{number}: {line.strip()!r}, must be the name of an image')
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise InputError(f'{path} lists no images')
    return names
