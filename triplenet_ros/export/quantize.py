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

"""Networks in whole numbers of 8 bits: several times faster where a CPU has units for them."""

from contextlib import contextmanager, redirect_stdout
from io import StringIO
import logging
import platform
from typing import Any, Iterable, Iterator

import numpy as np
import torch

from triplenet_ros.inference.preprocess import fit_image, to_network_inputs
from triplenet_ros.inference.runtimes import import_runtime
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.scenes import Scenes

CALIBRATION_IMAGES = 128
"""How many images the ranges of the numbers are taken from; more change no score."""
_SEED = 1
# Boxes are read off these: a place in 8 bits is a rough one, and they are a small part of it all.
_FLOAT = r'.*/(class_conv|box_conv)/.*'
_TALKATIVE = ('nncf', 'torch.utils.cpp_extension')


def quantize(model: Any, config: NetworkConfig, images: Iterable[np.ndarray]) -> Any:
    """
    Return an ``openvino.Model`` whose convolutions, but for the last before boxes, are int8.

    Made for CPUs such as this one: where sums of products of 8 bits are kept in 16, weights have
    7, so that no sum leaves its range.

    :param model: an ``openvino.Model`` in float32, of a network that to_onnx has traced
    :param config: of the network
    :param images: what it will see, each (H, W, 3) uint8 RGB, at least one
    :raises InputError: if nncf is not installed
    """
    with _in_silence():
        nncf = import_runtime('nncf')
    with _in_silence():  # importing it has set its level anew
        inputs = [
            to_network_inputs(config, [image], [fit_image(config, *image.shape[:2])]).numpy()
            for image in images]
        return nncf.quantize(
            model, nncf.Dataset(inputs), subset_size=len(inputs),
            ignored_scope=nncf.IgnoredScope(patterns=[_FLOAT], validate=False),
            advanced_parameters=nncf.AdvancedQuantizationParameters(overflow_fix=(
                nncf.OverflowFix.ENABLE if sums_in_16_bits() else nncf.OverflowFix.DISABLE)))


def sums_in_16_bits() -> bool:
    """Tell whether this is an x86 CPU without VNNI, as far as PyTorch can tell."""
    has_vnni = getattr(torch.cpu, '_is_vnni_supported', None)
    return platform.machine() in ('x86_64', 'AMD64') and not (has_vnni and has_vnni())


def calibration_scenes() -> Iterator[np.ndarray]:
    """Draw road scenes to calibrate on, for want of images of the road itself."""
    scenes = Scenes(count=CALIBRATION_IMAGES, seed=_SEED)
    return (scenes[index].image for index in range(len(scenes)))


@contextmanager
def _in_silence() -> Iterator[None]:
    """Keep standard output clean, and standard error free of a hundred lines on layers."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with redirect_stdout(StringIO()):
            yield
    finally:
        for logger, level in zip(loggers, levels):
            logger.setLevel(level)
