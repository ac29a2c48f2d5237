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
"""Shorter numbers are judged by what they do to results: known, or measured once."""

from copy import deepcopy
from dataclasses import asdict
import json

import pytest
import torch

from triplenet_ros.evaluation.agreement import Agreement
from triplenet_ros.export import verdicts
from triplenet_ros.export.choice import choose
from triplenet_ros.export.verdicts import find_agreement, judged, version_family
from triplenet_ros.inference.backends import PyTorchBackend
from triplenet_ros.inference.weights import load_weights
from triplenet_ros.inference.weights_file import SHIPPED

BAD = Agreement(images=64, boxes=100, strays=9, ap50=0.5, overlap=0.9, labels=0.9)


@pytest.fixture(autouse=True)
def _fresh_cache_and_few_frames(tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    monkeypatch.setattr(verdicts, 'JUDGED_FRAMES', 4)


@pytest.fixture
def has_bfloat16(monkeypatch):
    """Let PyTorch take bfloat16 on a CPU: it computes there what units for it would."""
    monkeypatch.setattr(PyTorchBackend, 'native', staticmethod(lambda _: ['bfloat16']))


def with_labels(network, biases):
    """Return a network with other biases of its labels."""
    other = deepcopy(network)
    with torch.no_grad():
        other.fused.logits.bias[:] = biases
    return other


def test_a_network_that_bfloat16_ruins_stays_in_float32(tiny_network, has_bfloat16):
    # The same for every label, which changes no answer; but next to 3,000 bfloat16 knows 2,992
    # and 3,008.
    network = with_labels(tiny_network, tiny_network.fused.logits.bias + 3000)
    found = find_agreement(network, 'torch', 'float32', 'cpu')
    assert found.labels == 1.0 and found.problems() == []
    choice = choose('torch', network, 'cpu', 'auto')
    assert choice.precision == 'float32'
    assert 'bfloat16 does not answer as float32 does: share of equal labels' in choice.reason


def test_numbers_that_are_too_large_for_float16_are_seen(tiny_network):
    network = deepcopy(tiny_network)
    with torch.no_grad():
        network.fused.logits.weight *= 1e6
    assert find_agreement(network, 'torch', 'float16', 'cpu').problems() != []


def test_the_comparison_is_made_once(tiny_network, has_bfloat16, monkeypatch, told):
    first = find_agreement(tiny_network, 'torch', 'bfloat16', 'cpu')
    assert first.images == 4 and 0.5 < first.labels < 1.0
    assert [text for text in told.messages if text.startswith(
        'comparing torch in bfloat16 with float32 on a real drive, once; kept in ')]
    monkeypatch.setattr(verdicts, 'judge', None)
    assert find_agreement(tiny_network, 'torch', 'bfloat16', 'cpu') == first


def test_what_is_known_of_shipped_weights_is_not_measured(tiny_network, tmp_path, monkeypatch):
    (tmp_path / f'tiny{verdicts.ENDING}').write_text(json.dumps({
        **judged(tiny_network), 'verdicts': [
            {'backend': 'torch', 'precision': 'bfloat16', 'device': 'cpu',
             'versions': version_family('torch'), 'agreement': asdict(BAD)}]}))
    monkeypatch.setattr(verdicts, 'SHIPPED', tmp_path)
    assert find_agreement(tiny_network, 'torch', 'bfloat16', 'cpu') == BAD
    # Other weights, other numbers, another input size and another engine are measured.
    monkeypatch.setattr(verdicts, 'find_engine', lambda *_: 1 / 0)
    larger = deepcopy(tiny_network)
    larger.config = larger.config.made_for(128, 192)
    for network, precision in ((with_labels(tiny_network, 0), 'bfloat16'),
                               (larger, 'bfloat16'), (tiny_network, 'float16')):
        with pytest.raises(ZeroDivisionError):
            find_agreement(network, 'torch', precision, 'cpu')
    monkeypatch.setattr(verdicts, 'version_family', lambda _: {'torch': '99'})
    with pytest.raises(ZeroDivisionError):
        find_agreement(tiny_network, 'torch', 'bfloat16', 'cpu')


def test_a_family_of_versions_is_a_major_one(monkeypatch):
    monkeypatch.setattr(torch, '__version__', '2.14.1+cpu')
    assert version_family('torch') == {'torch': '2'}


@pytest.mark.parametrize(
    'weights', sorted(SHIPPED.glob('*.safetensors')), ids=lambda path: path.stem)
def test_shipped_weights_come_with_their_verdict(weights):
    known = json.loads(weights.with_name(weights.stem + verdicts.ENDING).read_text())
    # If not: python studies/shipped_verdicts.py
    assert judged(load_weights(weights)[0]).items() <= known.items()
    bfloat16 = [Agreement(**verdict['agreement']) for verdict in known['verdicts']
                if (verdict['backend'], verdict['precision']) == ('openvino', 'bfloat16')]
    assert len(bfloat16) == 1 and bfloat16[0].images == 64 and bfloat16[0].problems() == []
