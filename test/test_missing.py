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

"""What is not installed is named in one line."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

from triplenet_ros.missing import explain_import_error

ROOT = Path(__file__).resolve().parents[1]


def test_package_and_the_python_that_misses_it_are_named():
    error = ModuleNotFoundError("No module named 'torch.nn'", name='torch.nn')
    assert explain_import_error(error).startswith(f'{sys.executable} has no torch: install it')


@pytest.mark.parametrize('text', [
    'numpy.core.multiarray failed to import', '\nA module ...\n_ARRAY_API not found\n'])
def test_package_built_against_another_numpy_names_the_numpy_it_needs(text):
    line = explain_import_error(ImportError(text))
    assert line.endswith('needs numpy<2') and '\n' not in line


def test_package_that_cannot_be_loaded_tells_why():
    line = explain_import_error(ImportError('libGL.so.1: cannot open shared object file'))
    assert line.endswith('libGL.so.1: cannot open shared object file')


def test_command_that_misses_a_package_is_one_line_and_exit_2(tmp_path):
    (tmp_path / 'rosbags.py').write_text(
        'raise ModuleNotFoundError("No module named \'rosbags\'", name="rosbags")\n')
    (tmp_path / 'picture.png').touch()
    done = subprocess.run(
        [sys.executable, '-m', 'triplenet_ros', 'record', tmp_path, tmp_path / 'bag'], cwd=ROOT,
        env={**os.environ, 'PYTHONPATH': str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith('error: ') and done.stderr.count('\n') == 1
    assert 'has no rosbags' in done.stderr
