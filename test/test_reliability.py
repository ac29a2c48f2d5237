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

"""What is promised where something goes wrong names tests that are there."""

from pathlib import Path
import re

TESTS = Path(__file__).parent
DOCUMENT = TESTS.parent / 'docs' / 'reliability.md'


def cited():
    """Yield (file of tests, part of a test's name, empty where the whole file is meant)."""
    for line in DOCUMENT.read_text(encoding='utf-8').splitlines():
        cells = line.split(' | ')
        file = None
        for word in re.findall('`([^`]+)`', cells[2]) if len(cells) == 5 else ():
            if word.endswith('.py'):
                file, word = word, ''
            if file and 'test_' in file:
                yield file, word


def test_each_row_names_a_test_that_is_there():
    names = list(cited())
    assert len(names) > 200
    for file, part in names:
        text = (TESTS / file).read_text(encoding='utf-8')
        # In brackets stands the name of a parameter, which the test may make.
        assert part.startswith('[') or re.search(rf'^def test_\w*{part}', text, re.MULTILINE), (
            f'{file} has no test {part}')
