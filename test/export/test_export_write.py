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

"""An exported file is right and whole, or not there."""

from copy import deepcopy

import pytest
import torch

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.agreement import Agreement
from triplenet_ros.export import write
from triplenet_ros.export.comparison import Differences
from triplenet_ros.export.write import export, exported_files, written_bytes
from triplenet_ros.inference.exported import read_exported

ALIKE = Agreement(images=1, boxes=0, strays=0, ap50=None, overlap=None, labels=1.0)
TARGETS = [('onnx', 'x.onnx'), ('openvino', 'x.xml')]


@pytest.fixture(autouse=True)
def _runtimes():
    for name in ('onnx', 'onnxruntime', 'openvino'):
        pytest.importorskip(name)


def test_nothing_but_the_file_is_left(exported):
    files = {file.suffix: file.stat().st_size for file in exported.parent.iterdir()}
    assert set(files) == ({'.xml', '.bin'} if exported.suffix == '.xml' else {'.onnx'})
    assert written_bytes(exported) == sum(files.values())


@pytest.mark.parametrize('form, name', TARGETS)
def test_a_file_that_answers_otherwise_is_not_left(tmp_path, monkeypatch, tiny_network, card,
                                                   noise, form, name):
    other = deepcopy(tiny_network)
    with torch.no_grad():
        other.fused.logits.bias[3] += 0.1
    right = write.to_onnx
    monkeypatch.setattr(write, 'to_onnx', lambda network: right(other))
    with pytest.raises(InputError, match='not written.*segmentation differs by 0.1 of') as caught:
        export(tiny_network, card, form, tmp_path / name, noise)
    assert '\n' not in str(caught.value) and list(tmp_path.iterdir()) == []


def test_halves_of_two_exports_are_no_pair(tmp_path, tiny_network, card, noise):
    other = deepcopy(tiny_network)
    with torch.no_grad():
        other.fused.logits.bias[3] += 0.1
    for name, network in (('one', tiny_network), ('two', other)):
        export(network, card, 'openvino', tmp_path / f'{name}.xml', noise)
    assert read_exported(tmp_path / 'two.xml').config == card.config
    (tmp_path / 'one.bin').replace(tmp_path / 'two.bin')
    with pytest.raises(InputError, match='two.bin is not the other half of .*two.xml'):
        read_exported(tmp_path / 'two.xml')


@pytest.mark.parametrize('form, name', TARGETS)
def test_what_stood_there_stays_when_the_export_fails(tmp_path, monkeypatch, tiny_network, card,
                                                      noise, form, name):
    old = tmp_path / name, (tmp_path / name).with_suffix('.bin')
    for file in old:
        file.write_text('old')
    with pytest.raises(InputError, match='x.* exists.*--overwrite'):
        export(tiny_network, card, form, old[0], noise)

    def interrupt(*_):
        raise KeyboardInterrupt
    monkeypatch.setattr(write, 'compare', interrupt)
    with pytest.raises(KeyboardInterrupt):
        export(tiny_network, card, form, old[0], noise, overwrite=True)
    assert set(tmp_path.iterdir()) == set(old)
    assert all(file.read_text() == 'old' for file in old)


@pytest.mark.parametrize('form, name', TARGETS)
def test_an_existing_file_is_replaced_when_asked(tmp_path, monkeypatch, tiny_network, card, noise,
                                                 form, name):
    monkeypatch.setattr(write, 'compare', lambda *_: Differences({}, {}, ALIKE))
    path = tmp_path / name
    path.write_text('old')
    export(tiny_network, card, form, path, noise, overwrite=True)
    assert path.stat().st_size > 1000


def test_a_file_of_tensors_in_the_way_is_noticed(tiny_network, card, noise, tmp_path):
    (tmp_path / 'x.bin').write_text('of somebody else')
    with pytest.raises(InputError, match='x.bin exists'):
        export(tiny_network, card, 'openvino', tmp_path / 'x.xml', noise)
    assert exported_files('onnx', tmp_path / 'x.onnx') == [tmp_path / 'x.onnx']


@pytest.mark.parametrize('form, name, message', [
    ('tensorrt', 'x.onnx', "format is 'tensorrt', must be one of onnx, openvino"),
    ('onnx', 'x.xml', 'must end in .onnx'), ('openvino', 'x', 'must end in .xml')])
def test_a_wrong_target_is_refused(tmp_path, form, name, message):
    with pytest.raises(InputError, match=message):
        exported_files(form, tmp_path / name)
