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

"""Exported files as they are found: described by themselves, run by their runtime."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from triplenet_ros.errors import InputError, one_line
from triplenet_ros.inference.engines import file_digest
from triplenet_ros.inference.graph import INPUT, output_shapes
from triplenet_ros.inference.runtimes import import_runtime, openvino_core
from triplenet_ros.inference.weights import parse_card, WeightsCard
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import JointNetwork

RUNTIMES = {'.onnx': 'onnxruntime', '.xml': 'openvino'}
"""By the ending of an exported file: the backend it is made for."""

SECTION = 'triplenet_ros'
"""Where an OpenVINO file keeps our metadata."""
DIGEST = 'tensors'
"""Name there of the SHA-256 of the ``.bin`` that belongs to the ``.xml``."""


@dataclass(frozen=True)
class ExportedNetwork:
    """
    A network in a file of another runtime.

    :param path: a ``.onnx`` file, or the ``.xml`` of an OpenVINO pair
    :param card: what it says of itself
    :param tensors: the other file of the pair; None: the ``.bin`` beside the ``.xml``
    :param precision: of its weights, ``'float32'`` or ``'int8'``
    :param owner: what keeps the files there for as long as this is held; None: they stay
    """

    path: Path
    card: WeightsCard
    tensors: Optional[Path] = None
    precision: str = 'float32'
    owner: Any = None

    @property
    def config(self) -> NetworkConfig:
        """Which network it is."""
        return self.card.config

    @property
    def files(self) -> list[Path]:
        """Return all that it consists of."""
        if self.path.suffix == '.onnx':
            return [self.path]
        return [self.path, self.tensors or self.path.with_suffix('.bin')]


Runnable = Union[JointNetwork, ExportedNetwork]
"""What a backend is built from."""


def read_exported(path: Path, tensors: Optional[Path] = None) -> ExportedNetwork:
    """
    Read what an exported file says of itself.

    :param path: ending in one of RUNTIMES
    :param tensors: as in ExportedNetwork
    :raises InputError: if it is damaged or foreign, or its runtime is not installed
    """
    metadata, ports = (_read_onnx(path) if path.suffix == '.onnx'
                       else _read_openvino(path, tensors))
    card = parse_card(path, metadata)
    _check_ports(path, card.config, ports)
    return ExportedNetwork(path, card, tensors, metadata.get('precision', 'float32'))


Ports = dict[str, tuple[Optional[int], ...]]
"""Inputs and outputs by name, with their shapes but for the batch; None: any length."""


def _check_ports(path: Path, config: NetworkConfig, ports: Ports) -> None:
    """Refuse the graph of another network beside our description: its numbers mean nothing."""
    expected = {INPUT: (config.input_height, config.input_width, 3), **output_shapes(config)}
    for name in {**expected, **ports}:
        given, right = ports.get(name), expected.get(name)
        if given is None or right is None or len(given) != len(right) or any(
                length not in (None, must) for length, must in zip(given, right)):
            raise InputError(f'{path} does not fit the network {config.name}: {name} is '
                             f'{given or "missing"}, must be {right or "absent"}')


def _read_onnx(path: Path) -> tuple[dict[str, str], Ports]:
    onnx = import_runtime('onnx')
    from google.protobuf.message import DecodeError  # came with onnx
    try:
        model = onnx.load(str(path), load_external_data=False)
    except (DecodeError, OSError) as error:
        raise InputError(f'{path} is no whole .onnx file: {one_line(error)}') from error
    if any(tensor.external_data for tensor in model.graph.initializer):
        raise InputError(f'{path} keeps tensors in other files, must hold all itself')
    constants = {tensor.name for tensor in model.graph.initializer}
    ports = {port.name: tuple(dimension.dim_value or None
                              for dimension in port.type.tensor_type.shape.dim[1:])
             for port in (*model.graph.input, *model.graph.output) if port.name not in constants}
    return {entry.key: entry.value for entry in model.metadata_props}, ports


def _read_openvino(path: Path, tensors: Optional[Path]) -> tuple[dict[str, str], Ports]:
    tensors = tensors or path.with_suffix('.bin')
    if not tensors.is_file():
        raise InputError(f'{path} lacks its other half: no file {tensors}')
    core, digest = openvino_core(), file_digest(tensors)
    try:
        model = core.read_model(str(path), str(tensors))
        metadata = {key: model.get_rt_info([SECTION, key]).astype(str)
                    for key in ('format', 'card', 'precision', DIGEST)
                    if model.has_rt_info([SECTION, key])}
        ports = {port.any_name: tuple(None if length.is_dynamic else length.get_length()
                                      for length in list(port.partial_shape)[1:])
                 for port in (*model.inputs, *model.outputs)}
    except (RuntimeError, TypeError) as error:
        raise InputError(f'{path} is no whole OpenVINO file: {one_line(error)}') from error
    if metadata.get(DIGEST, digest) != digest:
        raise InputError(f'{tensors} is not the other half of {path}, but that of another export: '
                         'export again')
    return metadata, ports
