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

"""Other runtimes answer as PyTorch does, behind the same interface."""

from copy import deepcopy
import subprocess
import sys
from unittest.mock import Mock

import pytest
import torch

from triplenet_ros import Predictor
from triplenet_ros.errors import InputError
from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.backends.pytorch import PyTorchBackend
from triplenet_ros.inference.names import BACKEND_NAMES
from triplenet_ros.inference.runtimes import import_runtime
from triplenet_ros.inference.weights import save_weights, WeightsCard
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS

OTHERS = ('onnxruntime', 'openvino')


@pytest.fixture(params=OTHERS)
def backend(request):
    """Return the class of each backend that is installed."""
    for name in ('onnx', request.param):
        pytest.importorskip(name)
    return BACKENDS[request.param]


@pytest.fixture
def tiny_file(tiny_network, tmp_path):
    """Return a tiny network's file."""
    pytest.importorskip('openvino')
    path = tmp_path / 'tiny.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_network.config))
    return path


def noise(count):
    """Return random images of the tiny network's size."""
    return torch.randint(0, 256, (count, 64, 96, 3), dtype=torch.uint8,
                         generator=torch.Generator().manual_seed(count))


def test_raw_outputs_are_pytorchs_for_any_batch(backend, tiny_network):
    reference, other = (kind(tiny_network, 'cpu', 'float32')
                        for kind in (PyTorchBackend, backend))
    for count in (1, 3, 2):
        expected, given = (run(noise(count), True, True) for run in (reference, other))
        for name in ('class_logits', 'box_codes', 'segmentation'):
            torch.testing.assert_close(getattr(given, name), getattr(expected, name),
                                       rtol=1e-4, atol=1e-4)


def test_an_answer_outlives_the_next_one(backend, tiny_network):
    run = backend(tiny_network, 'cpu', 'float32')
    first = run(noise(1), True, True).segmentation
    before = first.clone()
    run(noise(1) + 99, True, True)
    assert torch.equal(first, before)


@pytest.mark.parametrize('tasks', [(True, False), (False, True)])
def test_tasks_that_are_not_wanted_are_not_answered(backend, tiny_network, tasks):
    run = backend(tiny_network, 'cpu', 'float32')
    whole, part = run(noise(1), True, True), run(noise(1), *tasks)
    for name, wanted in zip(('class_logits', 'box_codes', 'segmentation'),
                            (tasks[0], *tasks)):
        if wanted:
            torch.testing.assert_close(getattr(part, name), getattr(whole, name))
        else:
            assert getattr(part, name) is None
    # Nor computed: an output that is not there needs nothing.
    names = tuple(name for name, value in part._asdict().items() if torch.is_tensor(value))
    engine = run._ready[names]
    outputs = engine.outputs if backend.name == 'openvino' else engine.get_outputs()
    assert len(outputs) == len(names)


def test_a_task_that_the_network_lacks_is_no_error(backend):
    config = NETWORKS['ssd300-r50'].evolve(
        backbone='resnet18', extra_width=16, input_height=64, input_width=96)
    run = backend(JointNetwork(config).eval(), 'cpu', 'float32')
    assert run(noise(1), True, True).segmentation is None
    assert run(noise(1), False, True) == (None, None, None, (), ())


def test_the_predictor_says_what_runs(backend, tiny_network):
    predictor = Predictor(tiny_network, backend=backend.name, precision='float32')
    assert (predictor.backend, predictor.device, predictor.precision) == (
        backend.name, 'cpu', 'float32')


def test_it_takes_the_threads_that_pytorch_has(backend, tiny_network, monkeypatch):
    monkeypatch.setattr(torch, 'get_num_threads', lambda: 3)
    run = backend(tiny_network, 'cpu', 'float32')
    if backend.name == 'openvino':
        run._core = Mock()  # the real one takes no more than this machine has
        run._compile(('segmentation',))
        assert run._core.compile_model.call_args[0][2]['INFERENCE_NUM_THREADS'] == 3
    else:
        options = run._open_session(('segmentation',)).get_session_options()
        assert options.intra_op_num_threads == 3
        # They must not spin where PyTorch makes boxes of the answer.
        assert options.get_session_config_entry('session.force_spinning_stop') == '1'


def test_images_that_are_a_view_are_read_as_what_they_show(backend, tiny_network):
    run, images = backend(tiny_network, 'cpu', 'float32'), noise(2)
    view = images.flip(0).permute(0, 2, 1, 3).contiguous().permute(0, 2, 1, 3)
    assert not view.is_contiguous()
    torch.testing.assert_close(run(view, True, True).segmentation,
                               run(images.flip(0), True, True).segmentation)


def test_the_second_time_nothing_is_exported(backend, tiny_network, tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    first = backend(tiny_network, 'cpu', 'float32')(noise(1), True, True)
    monkeypatch.setattr(f'triplenet_ros.inference.backends.{backend.name}.to_onnx', None)
    again = backend(tiny_network, 'cpu', 'float32')(noise(1), True, True)
    assert torch.equal(first.segmentation, again.segmentation)


def test_other_weights_are_another_engine(backend, tiny_network, tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    backend(tiny_network, 'cpu', 'float32')
    other = deepcopy(tiny_network)
    with torch.no_grad():
        other.fused.logits.bias[3] += 0.1
    torch.testing.assert_close(
        backend(other, 'cpu', 'float32')(noise(1), False, True).segmentation,
        PyTorchBackend(other, 'cpu', 'float32')(noise(1), False, True).segmentation,
        rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize('options, message', [
    ({'device': 'tpu'}, "device is 'tpu'"), ({'device': 'cuda:99'}, "device is 'cuda:99'"),
    ({'precision': 'int4'}, "precision is 'int4', must be auto or .*float32")])
def test_what_it_cannot_do_is_refused(backend, tiny_network, options, message):
    with pytest.raises(InputError, match=message):
        Predictor(tiny_network, backend=backend.name, **options)


@pytest.mark.parametrize('name', OTHERS)
def test_a_runtime_that_is_not_installed_is_named(name, tiny_network, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=rf"{name} is not installed: pip install 'triplenet_ros"):
        Predictor(tiny_network, device='cpu', backend=name)


def test_a_runtime_that_cannot_be_loaded_says_why(tmp_path, monkeypatch):
    (tmp_path / 'broken_runtime.py').write_text('raise ImportError("libfoo.so:\\nnot found")')
    (tmp_path / 'needy_runtime.py').write_text('import no_such_dependency')
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match='broken_runtime cannot be loaded: libfoo.so: not found'):
        import_runtime('broken_runtime')
    with pytest.raises(InputError, match='needy_runtime cannot be loaded.*no_such_dependency'):
        import_runtime('needy_runtime')


@pytest.mark.parametrize('name', ['openvino', 'nncf'])
def test_their_makers_are_not_told_of_it(name):
    pytest.importorskip(name)
    program = f"""
import sys
from types import ModuleType
telemetry = sys.modules['openvino_telemetry'] = ModuleType('openvino_telemetry')
telemetry.Telemetry = lambda **_: sys.exit('they are told')
from triplenet_ros.inference.runtimes import import_runtime
import_runtime({name!r})
assert sys.modules['openvino_telemetry'] is telemetry
"""
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, '')


def test_every_backend_is_named_to_who_asks():
    assert BACKEND_NAMES == tuple(BACKENDS)


def test_nothing_else_needs_the_runtimes():
    # Beginning with what the backends import themselves.
    code = ('import sys; '
            'sys.modules.update(dict.fromkeys(("onnx", "onnxruntime", "openvino"))); '
            'import triplenet_ros.inference.graph, triplenet_ros.predictor')
    assert subprocess.run([sys.executable, '-c', code]).returncode == 0


def test_ctrl_c_is_safe_when_the_first_of_two_openvino_networks_has_gone_first(tiny_file):
    program = f"""
import faulthandler, gc, signal
faulthandler.enable()
from triplenet_ros import Predictor
kept = [Predictor.load({str(tiny_file)!r}, backend='openvino', precision='float32')
        for _ in range(2)]
while kept:
    del kept[0]
    gc.collect()
signal.signal(signal.SIGINT, lambda *_: print('safe'))
signal.raise_signal(signal.SIGINT)
"""
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True,
                          timeout=600)
    assert (done.returncode, done.stdout) == (0, 'safe\n')
