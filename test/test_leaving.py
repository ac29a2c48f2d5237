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

"""A process ends with the status of its work, whatever a thread that was given up still does."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[1]
BUSY = """
import atexit, os, signal, sys, threading
import torch
from triplenet_ros.cli import main as commands
from triplenet_ros.leaving import leave
from triplenet_ros.worker import LatestFrameWorker
convolution, begun = torch.nn.Conv2d(8, 8, 3, padding=1), threading.Event()
def compute(times):
    for _ in range(times):
        convolution(torch.zeros(1, 8, 64, 64))
def work(frames):
    begun.set()
    while worker._thread is not None:
        compute(1)
    compute(200)
    os.kill(os.getpid(), signal.SIGINT)  # while it is waited for
    compute(10 ** 9)
worker = LatestFrameWorker(work, print)
worker.start()
worker.submit('a frame')
begun.wait()
try:
    worker.stop()
except KeyboardInterrupt:
    pass
atexit.register(print, 'at exit', end='')
print('done', end=', ')
commands.main = lambda: 130
"""


def end(program):
    """Return how a process ends, and what it says on standard output and error."""
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True,
                          env={**os.environ, 'PYTHONPATH': str(ROOT)}, timeout=300)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize('last, status', [('leave(3)', 3), ('commands.command()', 130)])
def test_work_that_goes_on_in_torch_does_not_change_the_status(last, status):
    assert end(f'{BUSY}sys.exit({last})') == (status, 'done, at exit', '')


def test_where_nothing_is_at_work_any_more_the_process_ends_as_ever():
    assert end('from triplenet_ros.leaving import leave; '
               'from triplenet_ros.worker import LatestFrameWorker; '
               'worker = LatestFrameWorker(print, print); worker.start(); worker.stop(); '
               'assert leave(3) == 3') == (0, '', '')
