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

import os
from pathlib import Path

import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.fleet.bag_job import BagJob
from triplenet_ros.fleet.fleet_row import DONE, FleetRow
from triplenet_ros.fleet.ray_cluster import run_on_ray

pytest.importorskip('ray')


@pytest.fixture(scope='module')
def address():
    if not os.environ.get('TRIPLENET_TEST_RAY'):
        pytest.skip('starts a cluster of its own: only with TRIPLENET_TEST_RAY=1')
    from ray.cluster_utils import Cluster
    cluster = Cluster(initialize_head=True, head_node_args={
        'num_cpus': 1, 'include_dashboard': False, 'object_store_memory': 100_000_000})
    cluster.add_node(num_cpus=1, object_store_memory=100_000_000)
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


@pytest.mark.parametrize('needs', [(64, 0), (1, 1)])
def test_what_no_machine_has_is_refused_at_once(address, tmp_path, needs):
    with pytest.raises(InputError, match='no machine of the Ray cluster'):
        list(run_on_ray(jobs(tmp_path, 'a'), address, *needs, print))


def test_no_cluster_is_one_line(address, tmp_path):
    with pytest.raises(InputError, match='no Ray cluster at'):
        list(run_on_ray(jobs(tmp_path, 'a'), 'nowhere:1', 1, 0, print))
