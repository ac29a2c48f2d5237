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

"""Exported files: written, checked, and only then put in their place."""

from contextlib import contextmanager
import logging
from pathlib import Path
from typing import Any, Callable, ContextManager, Iterable, Iterator, Optional

import numpy as np

from triplenet_ros.errors import InputError
from triplenet_ros.export.comparison import compare, Differences
from triplenet_ros.export.description import describe, HOW_TO_READ
from triplenet_ros.export.quantize import quantize
from triplenet_ros.inference.engines import file_digest
from triplenet_ros.inference.exported import (
    DIGEST, ExportedNetwork, read_exported, SECTION)
from triplenet_ros.inference.graph import to_onnx
from triplenet_ros.inference.runtimes import import_runtime, openvino_core
from triplenet_ros.inference.weights import WeightsCard
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.outputs import check_writable, NotWritten, replacing

SUFFIXES = {'onnx': '.onnx', 'openvino': '.xml'}
"""How the file of each format ends; the ``.bin`` beside an ``.xml`` holds its tensors."""


_LOG = logging.getLogger('triplenet_ros')


def exported_files(form: str, path: Path) -> list[Path]:
    """
    Return the files that an export writes.

    :param form: the format
    :param path: of the file to be made
    :raises InputError: for an unknown format, or another ending than the format's
    """
    if form not in SUFFIXES:
        raise InputError(f'format is {form!r}, must be one of {", ".join(SUFFIXES)}')
    if path.suffix != SUFFIXES[form]:
        raise InputError(f'{path} must end in {SUFFIXES[form]} for the format {form}')
    return _files(path)


def export(network: JointNetwork, card: WeightsCard, form: str, path: Path,
           images: Iterable[np.ndarray], *, calibration: Optional[Iterable[np.ndarray]] = None,
           overwrite: bool = False, advance: Callable[[], None] = lambda: None) -> Differences:
    """
    Write a network for another runtime, once that runtime answers as PyTorch does.

    :param network: the weights, in evaluation mode, on the CPU
    :param card: written into the file
    :param form: one of SUFFIXES
    :param path: of the file to be made
    :param images: what both are asked, each (H, W, 3) uint8 RGB, at least one
    :param calibration: images of the same kind that an int8 file, for openvino alone, is
        calibrated on; None: float32
    :param overwrite: whether an existing file may be replaced
    :param advance: as compare's
    :return: how far apart they are
    :raises InputError: as exported_files and check_writable, if the runtime is not
        installed, or if the answers of a float32 file differ; then there is no file. How far int8
        is off is yours to judge
    """
    for file in exported_files(form, path):
        check_writable(file, overwrite)
    import_runtime('onnxruntime' if form == 'onnx' else form)
    with _writer(network, card, form, path, calibration, overwrite) as exported:
        differences = compare(network, exported, images, advance)
        problems = '; '.join(differences.problems(same_numbers=calibration is None))
        if problems and calibration is None:
            raise InputError(f'{path} is not written, it would not answer as PyTorch does: '
                             f'{problems}')
    if problems:
        _LOG.warning(f'{path} does not answer as PyTorch does: {problems}')
    return differences


def written_bytes(path: Path) -> int:
    """Return the size of an exported network, both files of a pair together."""
    return sum(file.stat().st_size for file in _files(path))


def _files(path: Path) -> list[Path]:
    return [path, path.with_suffix('.bin')] if path.suffix == SUFFIXES['openvino'] else [path]


def _writer(network: JointNetwork, card: WeightsCard, form: str, path: Path,
            calibration: Optional[Iterable[np.ndarray]],
            overwrite: bool) -> ContextManager[ExportedNetwork]:
    model = to_onnx(network)
    model.doc_string = HOW_TO_READ
    if form == 'onnx':
        return _write_onnx(model, describe(card), path, overwrite)
    converted = openvino_core().read_model(model.SerializeToString())
    if calibration is None:
        return _write_openvino(converted, describe(card), path, overwrite)
    _LOG.info('calibrating, which takes about a minute')
    return _write_openvino(quantize(converted, network.config, calibration),
                           {**describe(card), 'precision': 'int8'}, path, overwrite)


@contextmanager
def _write_onnx(model: Any, metadata: dict[str, str], path: Path,
                overwrite: bool) -> Iterator[ExportedNetwork]:
    """Give the file under a temporary name; it takes its place when the block succeeds."""
    onnx = import_runtime('onnx')
    onnx.helper.set_model_props(model, metadata)
    with replacing(path, overwrite) as temporary:
        onnx.save(model, str(temporary))
        onnx.checker.check_model(str(temporary), full_check=True)
        yield read_exported(temporary)


@contextmanager
def _write_openvino(model: Any, metadata: dict[str, str], path: Path,
                    overwrite: bool) -> Iterator[ExportedNetwork]:
    """Give the pair under temporary names; both take their places when the block succeeds."""
    # The .xml comes last: without it nobody looks for the .bin.
    with replacing(path, overwrite) as temporary, \
            replacing(path.with_suffix('.bin'), overwrite) as tensors:
        for key, value in metadata.items():
            model.set_rt_info(value, [SECTION, key])
        _serialize(model, temporary, tensors)
        # Between the two renames the pair is of two exports: the .xml tells which .bin is its own.
        model.set_rt_info(file_digest(tensors), [SECTION, DIGEST])
        _serialize(model, temporary, tensors)
        yield read_exported(temporary, tensors)


def _serialize(model: Any, path: Path, tensors: Path) -> None:
    try:
        import_runtime('openvino').serialize(model, str(path), str(tensors))
    except RuntimeError as error:
        raise NotWritten(path, ' '.join(str(error).split())) from error
