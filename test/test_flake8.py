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

"""PEP 8 and what ament_flake8 adds to it."""

from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.flake8
@pytest.mark.linter
def test_sources_follow_the_rules_of_ament_flake8(monkeypatch):
    monkeypatch.chdir(ROOT)
    sources = [name for name in ('launch', 'rviz', 'setup.py', 'studies', 'test', 'triplenet_ros')
               if Path(name).exists()]
    try:
        from ament_flake8.main import main_with_errors
    except ImportError:
        pytest.importorskip('flake8')
        # setup.cfg holds the same rules.
        done = subprocess.run([sys.executable, '-m', 'flake8', *sources],
                              capture_output=True, text=True)
        assert done.returncode == 0, f'\n{done.stdout}{done.stderr}'
    else:
        status, errors = main_with_errors(argv=sources)
        assert status == 0, '\n'.join(errors)
