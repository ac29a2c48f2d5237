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

"""Every source file says whose it is and on what terms."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEADER = """\
# Copyright 2026 triplenet_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
"""


@pytest.mark.copyright
@pytest.mark.linter
def test_sources_carry_the_licence_header(monkeypatch):
    monkeypatch.chdir(ROOT)
    sources = [name for name in ('launch', 'studies', 'test', 'triplenet_ros')
               if Path(name).exists()]
    try:
        from ament_copyright.main import main
    except ImportError:
        missing = [str(path) for folder in sources for path in sorted(Path(folder).rglob('*.py'))
                   if path.stat().st_size and not path.read_text().startswith(HEADER)]
        assert missing == []
    else:
        assert main(argv=sources) == 0
