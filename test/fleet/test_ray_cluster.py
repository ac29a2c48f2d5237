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

"""Recordings on a Ray cluster of two nodes, where Ray is installed and may be started."""

from collections import Counter
import json
import os
from pathlib import Path

import pytest

from triplenet_ros.cli.main import main
from triplenet_ros.errors import InputError
from triplenet_ros.fleet import run_job
from triplenet_ros.fleet.bag_job import BagJob
from triplenet_ros.fleet.fleet_row import DONE, FleetRow
from triplenet_ros.fleet.ray_cluster import run_on_ray
from triplenet_ros.inference.weights import save_weights, WeightsCard

pytest.importorskip('ray')

PATIENT = {
    'health_check_period_ms': 10_000, 'health_check_timeout_ms': 60_000,
    'health_check_failure_threshold': 30, 'health_check_initial_delay_ms': 60_000,
    'worker_register_timeout_seconds': 600, 'gcs_server_request_timeout_seconds': 600,
    'memory_monitor_refresh_ms': 0}
"""For machines that are busy: nobody is taken for dead because he is slow."""

BAGS, FRAMES, KILLED = 20, 3, 'drive07'


@pytest.fixture(scope='module')
def address():
    if not os.environ.get('TRIPLENET_TEST_RAY'):
        pytest.skip('starts a cluster of its own: only with TRIPLENET_TEST_RAY=1')
    from ray.cluster_utils import Cluster
    cluster = Cluster(initialize_head=True, head_node_args={
        'num_cpus': 1, 'include_dashboard': False, 'object_store_memory': 100_000_000,
        '_system_config': PATIENT})
    cluster.add_node(num_cpus=1, object_store_memory=100_000_000)
    cluster.wait_for_nodes(600)
    yield cluster.address
    cluster.shutdown()


def jobs(folder, *names):
    return [BagJob(name, Path(name), folder, '', {}) for name in names]


def test_a_lost_worker_costs_no_recording_and_nothing_counts_twice(address, tmp_path):
    def run(job, cores):
        import os
        tried = job.folder / job.name
        before = tried.exists()
        tried.touch()
        if job.name == 'dies always' or job.name == 'dies once' and not before:
            os._exit(9)
        return FleetRow(job.name, str(job.recording), DONE, replay={'cores': cores})

    names = ('a', 'dies once', 'b', 'dies always', 'c')
    rows = list(run_on_ray(jobs(tmp_path, *names), address, 1, 0, run))
    assert sorted(row.name for row in rows) == sorted(names)
    assert {row.name for row in rows if not row.is_done} == {'dies always'}
    assert {row.replay['cores'] for row in rows if row.is_done} == {1}


@pytest.fixture
def command(address, tmp_path, scored_bags, tiny_network):
    """Return replay-all of twenty bags with truth on topics, and where their figures go."""
    for drive in range(BAGS):
        numbers = tuple(range(drive, drive + FRAMES))
        images = scored_bags.image_messages(numbers)
        scored_bags.write(tmp_path / f'drives/drive{drive:02}.mcap', images,
                          scored_bags.Side('/truth', numbers=numbers))
    weights = tmp_path / 'tiny.safetensors'
    save_weights(weights, tiny_network, WeightsCard(tiny_network.config))
    return ['replay-all', tmp_path / 'drives', '--truth', '{bag}', '--out', tmp_path / 'out',
            '--weights', weights, '--device', 'cpu', '--backend', 'torch', '--precision',
            'float32', '--ray', address, '--json', tmp_path / 'all.json']


def test_twenty_bags_are_right_although_a_worker_is_killed(
        command, tmp_path, monkeypatch, capsys):
    log = tmp_path / 'log'

    def killed_once(job, cores):
        import os
        import signal

        import ray
        from triplenet_ros.fleet import run_job as module
        first = not log.exists() or job.name not in log.read_text()
        with log.open('a') as file:
            file.write(f'{job.name} {ray.get_runtime_context().get_node_id()}\n')
        if job.name == KILLED and first:
            # When all is done but for the last file: the worst moment.
            module.write_row = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
        return module.run_job(job, cores)

    monkeypatch.setattr(run_job, 'run_job', killed_once)
    assert main([*map(str, command)]) == 0
    told = json.loads((tmp_path / 'all.json').read_text())
    assert [(row['name'], row['status'], row['replay']['processed']) for row in told['bags']] == [
        (f'drive{drive:02}', DONE, FRAMES) for drive in range(BAGS)]
    assert told['sum']['frames'] == told['sum']['scored'] == BAGS * FRAMES
    tried, nodes = zip(*map(str.split, log.read_text().splitlines()))
    assert Counter(tried)[KILLED] == 2 and len(set(nodes)) == 2
    page = (tmp_path / 'out/report/report.html').read_text()
    assert all(f'../bags/drive{drive:02}/report/report.html' in page for drive in range(BAGS))
    capsys.readouterr()
    assert main([*map(str, command)]) == 0
    assert '20 of 20 recordings are finished already' in capsys.readouterr().out
    assert len(log.read_text().splitlines()) == len(tried)
    alone = [*map(str, command[:1]), str(tmp_path / f'drives/{KILLED}.mcap'), *map(
        str, command[2:5]), str(tmp_path / 'alone'), *map(str, command[6:-4])]
    monkeypatch.undo()
    assert main([*alone, '--workers', '1', '--json', str(tmp_path / 'alone.json')]) == 0
    row, = json.loads((tmp_path / 'alone.json').read_text())['bags']
    other, = (row for row in told['bags'] if row['name'] == KILLED)
    assert row['scores'] == other['scores']


@pytest.mark.parametrize('needs', [(64, 0), (1, 1)])
def test_what_no_machine_has_is_refused_at_once(address, tmp_path, needs):
    with pytest.raises(InputError, match='no machine of the Ray cluster'):
        list(run_on_ray(jobs(tmp_path, 'a'), address, *needs, print))


@pytest.mark.parametrize('nowhere', ['nowhere.invalid:1', '127.0.0.1:1', 'ray://127.0.0.1:1'])
def test_no_cluster_is_one_line_at_once(tmp_path, nowhere):
    with pytest.raises(InputError, match='no Ray cluster at'):
        list(run_on_ray(jobs(tmp_path, 'a'), nowhere, 1, 0, print))
