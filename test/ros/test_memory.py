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

"""However often the node is activated and reloaded, it takes no more than the first time."""

import ctypes
import gc
import os
from pathlib import Path
import subprocess
import sys

import pytest
from triplenet_ros.ros import node as node_module
from triplenet_ros.ros.environment import KEEP_MEMORY

ACTIVATION = ('deactivate', 'activate')
RELOAD = ('deactivate', 'cleanup', 'configure', 'activate')
CYCLES = 4

FREES_MOST_BUT_NOT_THE_LAST = """
import os
from pathlib import Path
from triplenet_ros.ros.memory import free_memory

def resident():
    return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6

blocks = [b'x' * 100_000 for _ in range(1000)]
del blocks[:-1]
before = resident()
free_memory()
print(before - resident())
"""


def walk(node, listener, transitions):
    """Make transitions and let the executor see them, which refers to all that it waits for."""
    for name in transitions:
        assert getattr(node, f'trigger_{name}')().name == 'SUCCESS'
    for _ in range(5):
        listener.executor.spin_once(timeout_sec=0)


def python_objects():
    """Return how many objects there are that refer to others."""
    gc.collect()
    return len(gc.get_objects())


@pytest.mark.parametrize('transitions', [ACTIVATION, RELOAD], ids=['activation', 'reload'])
@pytest.mark.parametrize('options', [{}, {'cameras': ['a', 'b'], 'paint_cloud': True}],
                         ids=['plain', 'cameras and cloud'])
def test_cycles_leave_no_python_objects(active_node, listener, transitions, options):
    node = active_node(no_image_warning=0.0, **{'diagnostic_updater.period': 1000.0}, **options)
    walk(node, listener, CYCLES * transitions)
    before, entities = python_objects(), len(node.default_callback_group.entities)
    walk(node, listener, CYCLES * transitions)
    assert len(node.default_callback_group.entities) <= entities
    # Fewer than one for each cycle: what else runs in this process keeps some now and then.
    assert python_objects() - before < CYCLES


def test_memory_is_given_back_once_loaded_and_once_cleaned_up(make_node, listener, monkeypatch):
    pipelines = []
    node = make_node()
    monkeypatch.setattr(node_module, 'free_memory', lambda: pipelines.append(node.pipeline))
    walk(node, listener, ['configure'])
    assert pipelines == [None]
    walk(node, listener, ['cleanup'])
    assert pipelines == [None, None]


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), 'malloc_trim'), reason='needs glibc')
def test_freed_memory_goes_back_to_the_system_where_messages_keep_theirs():
    run = subprocess.run(
        [sys.executable, '-c', FREES_MOST_BUT_NOT_THE_LAST], capture_output=True, text=True,
        env={**os.environ, **KEEP_MEMORY}, cwd=Path(__file__).parents[2], check=True)
    assert float(run.stdout) > 50
