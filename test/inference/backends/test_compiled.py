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
"""The compiled network is the network; its compiler is needed, announced, and its work kept."""

import os
import shutil

import pytest
import torch

from triplenet_ros import Predictor
from triplenet_ros.errors import InputError
from triplenet_ros.inference.backends import InductorBackend, PyTorchBackend

_FOLDER = 'TORCHINDUCTOR_CACHE_DIR'
IMAGES = torch.randint(0, 256, (2, 64, 96, 3), dtype=torch.uint8,
                       generator=torch.Generator().manual_seed(0))


@pytest.fixture
def interpreted(monkeypatch):
    """Leave out the compiler, which takes minutes; return what it is asked to do."""
    asked = []

    def compile_nothing(network, **options):
        asked.append(options)
        return network
    monkeypatch.setattr(torch, 'compile', compile_nothing)
    monkeypatch.setattr(shutil, 'which', lambda name: f'/usr/bin/{name}')
    monkeypatch.setenv(_FOLDER, '/elsewhere')
    return asked


def test_it_is_pytorchs_network_that_is_compiled(tiny_network, interpreted):
    predictor = Predictor(tiny_network, device='cpu', backend='inductor')
    assert (predictor.backend, predictor.precision) == ('inductor', 'float32')
    expected = PyTorchBackend(tiny_network, 'cpu', 'float32')(IMAGES, True, True)
    given = predictor._backend(IMAGES, True, True)
    assert torch.equal(given.segmentation, expected.segmentation)
    assert interpreted == [{'dynamic': False, 'options': {'freezing': True}}]


def test_compiling_is_announced_for_each_batch_size_and_choice_of_tasks(
        tiny_network, interpreted, told):
    run = InductorBackend(tiny_network, 'cpu', 'float32')
    assert told.messages == []
    for images, tasks, announced in (
            (IMAGES, (True, True), 1), (IMAGES, (True, True), 0), (IMAGES[:1], (True, True), 1),
            (IMAGES, (True, False), 1), (IMAGES[:1], (True, True), 0)):
        told.clear()
        run(images, *tasks)
        assert len([text for text in told.messages if 'about a minute' in text]) == announced


def test_without_a_compiler_it_says_what_to_install(tiny_network, monkeypatch):
    monkeypatch.setenv('PATH', '')
    monkeypatch.delenv('CXX', raising=False)
    with pytest.raises(InputError, match=r'needs a C\+\+ compiler.*no g\+\+: apt install g\+\+'):
        Predictor(tiny_network, device='cpu', backend='inductor')


def test_a_python_that_pytorch_cannot_compile_is_one_line(tiny_network, interpreted, monkeypatch):
    def refuse(network, **options):
        raise RuntimeError('torch.compile is not supported\non this Python')
    monkeypatch.setattr(torch, 'compile', refuse)
    with pytest.raises(InputError, match='torch.compile is not supported on this Python'):
        InductorBackend(tiny_network, 'cpu', 'float32')


@pytest.mark.parametrize('given, expected', [
    (None, 'cache/triplenet_ros/inductor'),
    ('/tmp/torchinductor_me', 'cache/triplenet_ros/inductor'),
    ('/home/me/compiled', '/home/me/compiled')])
def test_what_is_compiled_is_kept_with_the_engines_unless_told_where(
        tiny_network, interpreted, monkeypatch, tmp_path, given, expected):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    if given is None:
        monkeypatch.delenv(_FOLDER)
    else:
        monkeypatch.setenv(_FOLDER, given)
    InductorBackend(tiny_network, 'cpu', 'float32')
    assert os.environ[_FOLDER] == str(tmp_path / expected)


def test_a_network_is_compiled_in_truth(monkeypatch, tmp_path):
    if shutil.which('g++') is None:
        pytest.skip('needs g++')

    class Tiny(torch.nn.Module):
        def forward(self, images, detection, segmentation):
            return images.float().mean(dim=1)
    monkeypatch.setenv(_FOLDER, str(tmp_path))
    run = InductorBackend(Tiny(), 'cpu', 'float32')
    assert torch.allclose(run(IMAGES, True, True), IMAGES.float().mean(dim=3))
    assert list(tmp_path.iterdir())
