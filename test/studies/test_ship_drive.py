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

"""What is shipped says what was measured."""

from pathlib import Path

import pytest

from triplenet_ros.evaluation.table import table
from triplenet_ros.inference.weights import read_card


@pytest.fixture
def study(load_script):
    """Return the study."""
    return load_script(Path(__file__).parents[2] / 'studies' / 'ship_drive.py')


def test_the_tables_of_a_card_are_replaced_in_their_order_and_nothing_else_is(study, tmp_path):
    text = study.SHIPPED.with_suffix('.md').read_text(encoding='utf-8')
    scores, card = read_card(study.SHIPPED).scores, tmp_path / 'drive.md'
    shipped = [table(scores[name], 'derived boxes' if name == 'camvid' else 'boxes')
               for name in study.DATA]
    new = [f'{number} images' + 2 * '\nnew' for number in range(3)]
    card.write_text(text, encoding='utf-8')
    study.write_tables(card, new)
    changed = card.read_text(encoding='utf-8')
    assert [changed.index(one) for one in new] == sorted(changed.index(one) for one in new)
    assert not any(one in changed for one in shipped)
    study.write_tables(card, shipped)
    assert card.read_text(encoding='utf-8') == text
