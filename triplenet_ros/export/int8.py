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
"""Engines in whole numbers of 8 bits: calibrated, judged and kept."""

from dataclasses import asdict
import logging
from pathlib import Path
from typing import Any, Mapping

import torch

from triplenet_ros.clip import clip_frames
from triplenet_ros.evaluation.agreement import Agreement
from triplenet_ros.export.comparison import compare_results, JUDGED_FRAMES
from triplenet_ros.export.quantize import calibration_scenes, quantize
from triplenet_ros.inference.backends.openvino import (
    float32_engine, MODEL_FILE, OpenVinoBackend, save_model)
from triplenet_ros.inference.backends.pytorch import PyTorchBackend
from triplenet_ros.inference.built_from import built_from
from triplenet_ros.inference.engines import find_engine
from triplenet_ros.inference.exported import ExportedNetwork
from triplenet_ros.inference.runtimes import openvino_core
from triplenet_ros.inference.weights import WeightsCard
from triplenet_ros.network.joint import JointNetwork

_LOG = logging.getLogger('triplenet_ros')


def int8_network(network: JointNetwork) -> ExportedNetwork:
    """
    Return a network as an OpenVINO file in int8, calibrated on generated scenes.

    It is made once and kept. Where it does not answer as float32 does, the log says so each time.

    :raises InputError: without OpenVINO, onnx or nncf
    """
    def build(folder: Path) -> Mapping[str, Any]:
        exact = float32_engine(network)
        model = openvino_core().read_model(str(exact.folder / MODEL_FILE))
        save_model(quantize(model, network.config, calibration_scenes()), folder)
        agreement = compare_results(
            PyTorchBackend(network, 'cpu', 'float32'),
            OpenVinoBackend(_exported(network, folder), 'cpu', 'int8'), network.config,
            clip_frames(JUDGED_FRAMES))
        return {'calibrated_on': 'generated scenes', 'agreement': asdict(agreement)}

    engine = find_engine(
        f'building the OpenVINO engine of {network.config.name} in int8, which takes about a '
        'minute', built_from(network, OpenVinoBackend.name, 'int8', torch.device('cpu'),
                             (*OpenVinoBackend.packages, 'nncf')), build, level=logging.WARNING)
    problems = Agreement(**engine.notes['agreement']).problems()
    if problems:
        _LOG.warning(f'{network.config.name} in int8 does not answer as float32 does: '
                     f'{"; ".join(problems)}')
    return _exported(network, engine.folder, engine)


def _exported(network: JointNetwork, folder: Path, owner: Any = None) -> ExportedNetwork:
    return ExportedNetwork(folder / MODEL_FILE, WeightsCard(network.config), precision='int8',
                           owner=owner)
