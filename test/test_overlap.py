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

"""No output is an input, holds one or lies in a bag, whatever it is called."""

import os
from pathlib import Path

import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.overlap import check_apart, check_unread, Input, Output


@pytest.fixture
def bag(tmp_path):
    """Return the folder of a bag, the working directory beside it."""
    (tmp_path / 'drive').mkdir()
    (tmp_path / 'drive/metadata.yaml').write_text('x')
    (tmp_path / 'drive/drive_0.mcap').write_text('recorded')
    return tmp_path / 'drive'


def refused(inputs, *outputs):
    """Return why these outputs are refused."""
    with pytest.raises(InputError) as caught:
        check_apart(inputs, outputs)
        check_unread(inputs, outputs)
    assert '\n' not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize('name', ['drive', './drive', 'drive/../drive', 'link', 'drive/',
                                  'up/drive'])
def test_an_output_is_not_the_input_by_any_name(bag, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'link').symlink_to('drive')
    (tmp_path / 'up').symlink_to('.')
    assert 'is the input' in refused([Input('drive')], Output(Path(name)))
    assert 'is the input' in refused([Input(name)], Output(bag))


def test_a_hard_link_of_the_input_is_the_input(bag, tmp_path):
    os.link(bag / 'drive_0.mcap', tmp_path / 'same.mcap')
    assert 'is the input' in refused([Input(bag / 'drive_0.mcap')], Output(tmp_path / 'same.mcap'))
    assert 'is a part of the input' in refused([Input(bag)], Output(tmp_path / 'same.mcap'))


def test_an_output_does_not_hold_the_input(bag, tmp_path):
    (tmp_path / 'other').mkdir()
    (tmp_path / 'other/link').symlink_to(bag)
    (tmp_path / 'up').symlink_to(tmp_path)
    for output, source in ((tmp_path, bag), (bag, bag / 'drive_0.mcap'), (tmp_path / 'up', bag),
                           (tmp_path, tmp_path / 'other/link/drive_0.mcap'),
                           (tmp_path / 'other', tmp_path / 'other/link/drive_0.mcap')):
        assert 'holds the input' in refused([Input(source)], Output(output))


def test_an_output_does_not_lie_in_a_bag(bag, tmp_path):
    (tmp_path / 'link').symlink_to(bag)
    for output in (bag / 'new.mcap', bag / 'deep/er/new.mcap', tmp_path / 'link/new.mcap'):
        assert 'would lie in the input' in refused([Input(bag, closed=True)], Output(output))


def test_what_a_folder_that_is_read_holds_or_links_to_is_not_replaced(bag, tmp_path):
    (tmp_path / 'far').mkdir()
    (tmp_path / 'far/recorded.mcap').write_text('recorded')
    (tmp_path / 'data/deep').mkdir(parents=True)
    (tmp_path / 'data/deep/link.mcap').symlink_to(tmp_path / 'far/recorded.mcap')
    (tmp_path / 'data/deep/loop').symlink_to(tmp_path / 'data')
    (tmp_path / 'data/drive').symlink_to(bag)
    data = [Input(tmp_path / 'data')]
    for output in ('far/recorded.mcap', 'far', 'data/deep', 'data/deep/link.mcap', 'drive',
                   'drive/drive_0.mcap', 'data/drive/metadata.yaml'):
        assert 'is a part of the input' in refused(data, Output(tmp_path / output))


def test_a_new_file_may_lie_in_a_folder_that_is_read(bag, tmp_path):
    (tmp_path / 'old').mkdir()
    for inputs in ([Input(bag)], [Input(tmp_path, below=False)]):
        check_apart(inputs, [Output(bag / 'new.json')])
        check_unread(inputs, [Output(bag / 'new.json')])
    check_unread([Input(bag)], [Output(tmp_path / 'old')])
    check_unread([Input(tmp_path, below=False)], [Output(tmp_path / 'drive')])


@pytest.mark.parametrize('cause, one, other', [
    *(('wanted for two outputs', *names) for names in (
        ('x', 'x'), ('x', './x'), ('new/x', 'new/y/../x'), ('link/x', 'x'), ('x', 'X'),
        ('caf\u00e9', 'cafe\u0301'))),
    ('would lie in', 'x', 'x/y'), ('would lie in', 'new/x/y', 'new/x')])
def test_outputs_do_not_meet(tmp_path, monkeypatch, cause, one, other):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'link').symlink_to('.')
    assert cause in refused([], Output(Path(one)), Output(Path(other)))
    check_apart([], [Output(Path(one)), Output(Path('else'))])


def test_a_file_of_each_output_is_compared_with_each_input(bag, tmp_path):
    outputs = [Output(tmp_path / 'a'), Output(tmp_path / 'b'), Output(bag / 'metadata.yaml')]
    inputs = [Input(tmp_path / 'none'), Input(bag / 'metadata.yaml')]
    assert 'is the input' in refused(inputs, *outputs)
