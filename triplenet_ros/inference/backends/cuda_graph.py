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
"""A forward pass recorded once on a GPU and replayed: one launch in place of hundreds."""

from typing import Any

import torch
from torch import Tensor

from triplenet_ros.network.joint import JointNetwork, NetworkOutput

_WARM_UP = 3


class CudaGraph:
    """
    Records the forward pass of one batch size and one choice of tasks.

    :param network: on the GPU, in evaluation mode
    :param images: (N, 3, H, W) uint8 on the GPU, as all that come later
    :param tasks: further arguments of the network
    :param pool: of ``torch.cuda.graph_pool_handle``: memory that other graphs use too, as only
        one of them runs at a time
    """

    def __init__(self, network: JointNetwork, images: Tensor, tasks: tuple[bool, bool],
                 pool: Any) -> None:
        """Run the network some times, so that its algorithms are chosen, and record it."""
        self._images = images.clone()
        before, aside = torch.cuda.current_stream(images.device), torch.cuda.Stream(images.device)
        aside.wait_stream(before)
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UP):
                network(self._images, *tasks)
        before.wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        # Other threads of a robot may use the GPU meanwhile.
        with torch.cuda.graph(self._graph, pool=pool, capture_error_mode='thread_local'):
            self._output = network(self._images, *tasks)

    def __call__(self, images: Tensor) -> NetworkOutput:
        """Replay it with other images; the answer is a copy, which outlives the next one."""
        self._images.copy_(images)
        self._graph.replay()
        return NetworkOutput(*(part.clone() if torch.is_tensor(part) else part
                               for part in self._output))
