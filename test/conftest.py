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

"""What all tests share."""

from contextlib import contextmanager
import importlib.util
import logging
import os
from pathlib import Path
import random
import resource
import runpy
import signal
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, Callable, Iterator, Optional

import cv2
import numpy as np
import pytest
import torch

from triplenet_ros import Predictor
from triplenet_ros.classes import CAMVID
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS

# A shell starts what it runs in the background with Ctrl-C ignored; some tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup ignores it

# Tests run beside each other and beside other work: none may take the whole machine, nor may what
# it starts; and how many cores there are makes no difference.
os.environ['OMP_NUM_THREADS'] = '1'
torch.set_num_threads(1)
cv2.setNumThreads(1)

OWN_PROCESS = 'TRIPLENET_TEST_OWN_PROCESS'


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Optional[bool]:
    """
    Run a test that is marked so in a process of its own, which has run no other.

    Processes that are forked after torch.compile has run cannot compute gradients.
    """
    if pyfuncitem.get_closest_marker('own_process') is None or OWN_PROCESS in os.environ:
        return None
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:randomly', pyfuncitem.nodeid],
        cwd=pyfuncitem.config.rootpath, env={**os.environ, OWN_PROCESS: '1'}, text=True,
        capture_output=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return True


@pytest.fixture(scope='session', autouse=True)
def cache(tmp_path_factory):
    """Keep engines away from those of the user, for processes that tests start too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('XDG_CACHE_HOME', str(tmp_path_factory.mktemp('cache')))
        yield


@pytest.fixture(autouse=True)
def chance():
    """Begin each test at the same random numbers, whatever ran before it."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture
def told(caplog, monkeypatch):
    """Return what keeps the library's log; launch_testing lets no logger hand anything up."""
    logger = logging.getLogger('triplenet_ros')
    monkeypatch.setattr(logger, 'propagate', False)
    monkeypatch.setattr(logger, 'handlers', [caplog.handler])
    caplog.set_level(logging.INFO, 'triplenet_ros')
    return caplog


@pytest.fixture(scope='session')
def shared_data() -> Path:
    """Folder of real data beside the repository; what needs it is skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / 'shared' / 'data'
    if not folder.is_dir():
        pytest.skip('needs ../shared/data')
    return folder


@pytest.fixture(scope='session')
def tiny_config() -> NetworkConfig:
    """Return a whole TripleNet, small enough to run in milliseconds."""
    return NETWORKS['triplenet300-r50'].evolve(
        name='tiny', classes=CAMVID, input_height=64, input_width=96, keep_aspect=True,
        backbone='resnet18', extra_blocks=1, extra_width=16, decoder_width=16, head_width=16,
        finest_stride=4, detection_stride=8, supervision_stride=2, smallest_scale=0.04,
        min_scale=0.10)


@pytest.fixture(scope='session')
def tiny_network(tiny_config: NetworkConfig) -> JointNetwork:
    """Return a network with random weights from a seed, in evaluation mode."""
    torch.manual_seed(0)
    return JointNetwork(tiny_config).eval()


@pytest.fixture(scope='session')
def tiny_predictor(tiny_network: JointNetwork) -> Predictor:
    """Return a predictor that boxes and labels by random weights: many boxes, all labels."""
    return Predictor(tiny_network, device='cpu', backend='torch', score_threshold=0.2)


@pytest.fixture(scope='session')
def scored_example() -> Any:
    """Return the functions frames(), run() and write_example(folder) of a made-up scored run."""
    path = Path(__file__).parent / 'evaluation' / 'scored_example.py'
    return SimpleNamespace(**runpy.run_path(str(path)))


@pytest.fixture(scope='session')
def load_script() -> Callable[[Path], Any]:
    """Return a function that gives a Python file that is in no package, with those beside it."""
    def load(path: Path) -> Any:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module  # where dataclasses look for the module of their class
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(str(path.parent))
            spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope='session')
def scored_bags(load_script: Callable[[Path], Any]) -> Any:
    """Return what bag/scored_bags.py has: bags with results and truth."""
    return load_script(Path(__file__).parent / 'bag' / 'scored_bags.py')


@pytest.fixture(scope='session')
def little_room() -> Callable:
    """Return a context in which no file grows beyond some bytes, as if the disk were full."""
    @contextmanager
    def room(most: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return room
