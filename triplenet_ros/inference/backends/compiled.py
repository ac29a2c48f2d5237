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

"""The network compiled by PyTorch for this very processor."""

import logging
import os
from pathlib import Path
import shutil
from time import perf_counter

import torch
from torch import Tensor

from triplenet_ros.errors import InputError, one_line
from triplenet_ros.inference.backends.pytorch import PyTorchBackend
from triplenet_ros.inference.engines import cache_folder
from triplenet_ros.network.joint import JointNetwork, NetworkOutput

_FOLDER = 'TORCHINDUCTOR_CACHE_DIR'
_TEMPORARY = 'torchinductor_'
_LOG = logging.getLogger('triplenet_ros')


class InductorBackend(PyTorchBackend):
    """
    Compiles the network where PyTorchBackend runs it layer by layer; on a GPU it is recorded too.

    :param network: the weights
    :param device: as PyTorchBackend's
    :param precision: as PyTorchBackend's
    :raises InputError: as PyTorchBackend, or without a C++ compiler
    """

    name = 'inductor'

    def __init__(self, network: JointNetwork, device: str, precision: str) -> None:
        compiler = os.environ.get('CXX', 'g++')
        if shutil.which(compiler) is None:
            raise InputError(f'the backend {self.name} needs a C++ compiler, and there is no '
                             f'{compiler}: apt install g++, or another backend')
        super().__init__(network, device, precision)
        _keep_what_is_compiled()
        self._compiled: set[tuple] = set()
        try:
            # Its weights never change: they are laid out as each layer's code wants them.
            self._network = torch.compile(self._network, dynamic=False, options={
                'freezing': self.device.type == 'cpu'})
        except RuntimeError as error:
            raise InputError(f'the backend {self.name} cannot be had: '
                             f'{one_line(error)}') from error

    def __call__(self, images: Tensor, detection: bool, segmentation: bool) -> NetworkOutput:
        """
        Run one forward pass; the first of a batch size and choice of tasks also compiles it.

        :param images: as PyTorchBackend's
        :param detection: whether boxes are wanted
        :param segmentation: whether labels are wanted
        """
        key = len(images), detection, segmentation
        if key in self._compiled:
            return super().__call__(images, detection, segmentation)
        begun = perf_counter()
        _LOG.warning(f'compiling the network for batches of {len(images)}, which takes about a '
                     'minute the first time')
        output = super().__call__(images, detection, segmentation)
        _LOG.info(f'compiled in {perf_counter() - begun:.1f} s')
        self._compiled.add(key)
        return output


def _keep_what_is_compiled() -> None:
    """Keep compiled code beside the engines, where it outlives a restart, unless told where."""
    # Importing torchvision makes PyTorch name a temporary folder of its own there.
    if not Path(os.environ.get(_FOLDER, _TEMPORARY)).name.startswith(_TEMPORARY):
        return
    try:
        os.environ[_FOLDER] = str(cache_folder() / 'inductor')
    except OSError:  # the temporary one does as well
        pass
