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

"""Many recordings on a Ray cluster; its scheduler decides where."""

import socket
from typing import Any, Iterable, Iterator, Optional

from triplenet_ros.errors import InputError, one_line
from triplenet_ros.fleet.bag_job import BagJob
from triplenet_ros.fleet.fleet_row import FAILED, FleetRow
from triplenet_ros.fleet.local import Run

RETRIES = 3
"""So often a recording is tried again elsewhere when its worker or its machine is lost."""

_PATIENCE = 10.0
"""Seconds until an address counts as one where nobody is."""


def run_on_ray(jobs: Iterable[BagJob], address: str, cores: int, gpus: Optional[int],
               run: Run) -> Iterator[FleetRow]:
    """
    Yield a row for each job as it ends, in any order.

    Recordings, truth, weights and the output must be under the same paths on all machines.

    :param jobs: to be done
    :param address: of the cluster, or ``auto`` for the one that this machine belongs to
    :param cores: of a CPU that each job needs
    :param gpus: that each job needs; None = one where the cluster has any
    :param run: does a job
    :raises InputError: if there is no such cluster, or no machine in it has what a job needs
    """
    ray = _connected(address)
    try:
        if gpus is None:
            gpus = int(ray.cluster_resources().get('GPU', 0) >= 1)
        _check_fits(ray, cores, gpus)
        task = ray.remote(num_cpus=cores, num_gpus=gpus, max_retries=RETRIES)(run)
        running = {task.remote(job, cores): job for job in jobs}
        while running:
            done, _ = ray.wait(list(running), num_returns=1)
            for reference in done:
                yield _row_of(ray, reference, running.pop(reference))
    finally:
        ray.shutdown()


def _row_of(ray: Any, reference: Any, job: BagJob) -> FleetRow:
    try:
        return ray.get(reference)
    except ray.exceptions.RayError as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return FleetRow(job.name, str(job.recording), FAILED,
                        f'lost {RETRIES + 1} times: {lines[0]}')


def _connected(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise InputError("--ray needs pip install 'triplenet_ros[fleet]'") from error

    _check_listens(address)
    try:
        ray.init(address=address, log_to_driver=False, logging_level='ERROR')
    # Ray raises a different kind for each thing that can be wrong with an address.
    except Exception as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(f'no Ray cluster at {address!r}: {first}') from error
    return ray


def _check_listens(address: str) -> None:
    """Refuse an address at which nobody is: Ray would try it for minutes."""
    host, _, port = address.rpartition('://')[2].rpartition(':')
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip('[]'), int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise InputError(f'no Ray cluster at {address!r}: {one_line(error)}') from error


def _check_fits(ray: Any, cores: int, gpus: int) -> None:
    """Refuse what no machine has: Ray would wait for such a machine for ever."""
    machines = [node['Resources'] for node in ray.nodes() if node['Alive']]
    if not any(machine.get('CPU', 0) >= cores and machine.get('GPU', 0) >= gpus
               for machine in machines):
        largest = max((int(machine.get('CPU', 0)) for machine in machines), default=0)
        most = max((int(machine.get('GPU', 0)) for machine in machines), default=0)
        raise InputError(f'no machine of the Ray cluster has {cores} cores and {gpus} GPUs: '
                         f'the largest have {largest} and {most}')
