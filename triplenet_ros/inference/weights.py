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

"""
Weights files: one .safetensors that carries everything needed to run it.

Beside the tensors the header holds, as JSON, the network's configuration (classes, palette,
normalisation, input size included), what it was trained on, by which command, and the scores it
reached. Nothing is ever unpickled.
"""

from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
import json
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

from safetensors import safe_open, SafetensorError
from safetensors.torch import load, save
import torch

from triplenet_ros.errors import InputError, one_line
from triplenet_ros.network.anchors import anchor_shapes
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.outputs import replacing

FORMAT = 'triplenet_ros 1'
HEADER_BYTES = 4_000_000
"""What a file may say of itself; ours take some 50,000."""


@dataclass(frozen=True)
class WeightsCard:
    """
    Where weights come from.

    :param config: of the network
    :param trained_on: data sets, in words
    :param command: that made them
    :param scores: figures of ``triplenet evaluate``, by data set
    :param temperatures: by task, what its logits were divided by so that confidences are right;
        the tensors have it in them
    :param score_threshold: from which on boxes should be reported: that of the best F1 in
        validation; None: not known
    """

    config: NetworkConfig
    trained_on: str = ''
    command: str = ''
    scores: Mapping[str, Any] = field(default_factory=dict)
    temperatures: Mapping[str, float] = field(default_factory=dict)
    score_threshold: Optional[float] = None

    def __post_init__(self) -> None:
        """Refuse what a foreign file may hold in their place."""
        for name, kind in (('trained_on', str), ('command', str), ('scores', Mapping),
                           ('temperatures', Mapping)):
            if not isinstance(getattr(self, name), kind):
                raise ValueError(f'{name} is {getattr(self, name)!r}')
        threshold = self.score_threshold
        if threshold is not None and not (isinstance(threshold, float) and 0 <= threshold <= 1):
            raise ValueError(f'score_threshold is {threshold!r}, must be in 0..1')


def card_metadata(card: WeightsCard) -> dict[str, str]:
    """Return the header that a file carries a card in; parse_card reads it."""
    card_data = {**asdict(card), 'config': card.config.to_dict()}
    return {'format': FORMAT, 'card': json.dumps(card_data)}


def save_weights(path: Path, network: JointNetwork, card: WeightsCard,
                 dtype: torch.dtype = torch.float16, overwrite: bool = False) -> None:
    """
    Write a network into one file.

    :param path: of the file, ending in .safetensors
    :param network: whose parameters and running statistics are written
    :param card: written beside them
    :param dtype: of the floating point tensors
    :param overwrite: whether an existing file may be replaced
    """
    tensors = {name: tensor.detach().to('cpu', dtype if tensor.is_floating_point() else None)
               .contiguous() for name, tensor in network.state_dict().items()}
    with replacing(path, overwrite) as temporary:
        temporary.write_bytes(save(tensors, metadata=card_metadata(card)))


def load_weights(path: Path, input_size: Optional[tuple[int, int]] = None
                 ) -> tuple[JointNetwork, WeightsCard]:
    """
    Build the network a file describes and fill it.

    :param path: of the file
    :param input_size: rows and columns of the input in the place of the file's, whose scores are
        left out then: it reached them with its own
    :return: the network in evaluation mode, float32, on the CPU; and its card
    :raises InputError: if the file is truncated, foreign, or does not fit its own description
    """
    with _open(path) as file:
        card = parse_card(path, file.metadata() or {})
        network = _build_empty(path, card.config)
        # Before memory is asked for: a file that fits holds as much as it asks for.
        _check_fit(path, network, _kinds_in(file), card.config.name)
        network.to_empty(device='cpu')
        # Not file.get_tensor: each call of it leaves two numbers behind that nobody refers to. And
        # of a file that is written over meanwhile this reads something, a mapped one ends Python.
        network.load_state_dict(load(path.read_bytes()))
    _check_finite(path, network)
    network.reset_constants()
    if input_size is not None:
        network.config = card.config.made_for(*input_size)
        card = replace(card, config=network.config, scores={})
    return network.eval(), card


def load_parts(path: Path, network: JointNetwork, parts: Sequence[str]) -> None:
    """
    Fill some modules of a network with those of another one.

    :param path: weights file of the other
    :param network: filled in place
    :param parts: names of its modules: encoder, layers, ...
    :raises InputError: as load_weights, and if a part is not there or does not fit
    """
    other, _ = load_weights(path)
    for part in parts:
        if part not in dict(network.named_children()):
            raise InputError(f'{network.config.name} has no part {part!r}, it has '
                             f'{", ".join(dict(network.named_children()))}')
        tensors = getattr(other, part).state_dict() if getattr(other, part, None) else {}
        _check_fit(path, getattr(network, part), _kinds(tensors),
                   f'{part} of {network.config.name}')
        getattr(network, part).load_state_dict(tensors)


def read_card(path: Path) -> WeightsCard:
    """
    Read what a file says of itself, without its tensors.

    :raises InputError: as load_weights
    """
    with _open(path) as file:
        return parse_card(path, file.metadata() or {})


# What torch.save writes, a zip of pickles, and what it wrote before.
_CHECKPOINTS = (b'PK\x03\x04', b'\x80\x02', b'\x80\x03', b'\x80\x04', b'\x80\x05')


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    try:
        with path.open('rb') as start:
            begin = start.read(8)
        if begin.startswith(_CHECKPOINTS):
            raise InputError(f'{path} is no whole .safetensors file: it is a PyTorch checkpoint, '
                             'which can run code when it is read; triplenet train writes weights')
        if begin == b'version ':  # https://git-lfs.github.com/spec/v1
            raise InputError(f'{path} is no whole .safetensors file: it is a pointer of Git LFS; '
                             'git lfs pull fetches what it stands for')
        header = int.from_bytes(begin, 'little')
        if HEADER_BYTES < header < path.stat().st_size:
            raise InputError(f'{path} is no weights file: its header takes {header} bytes, at '
                             f'most {HEADER_BYTES} are read')
        with safe_open(path, framework='pt') as file:
            yield file
    # What a damaged type or size makes of a tensor is the libraries' to say, in many words.
    except (SafetensorError, OSError, RuntimeError, TypeError, OverflowError) as error:
        raise InputError(f'{path} is no whole .safetensors file: {one_line(error)}') from error


def parse_card(path: Path, metadata: Mapping[str, str]) -> WeightsCard:
    """
    Read the card in a file's header.

    :param path: of the file, for the error
    :param metadata: its header
    :raises InputError: if the file is another program's, or the card describes no network
    """
    if metadata.get('format') != FORMAT:
        raise InputError(f'{path} holds weights of another program: its format is '
                         f'{metadata.get("format")!r}, must be {FORMAT!r}')
    try:
        data = json.loads(metadata['card'])
        return WeightsCard(**{**data, 'config': NetworkConfig.from_dict(data['config'])})
    except RecursionError:
        raise InputError(f'{path} describes no network: it is nested too deeply') from None
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f'{path} describes no network: {one_line(error)}') from error


def _build_empty(path: Path, config: NetworkConfig) -> JointNetwork:
    """Build a network without memory for its tensors."""
    try:
        if config.detects:
            anchor_shapes(config)
        with torch.device('meta'):
            return JointNetwork(config)
    # Each value is within its limits, but together they may be those of no network.
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError,
            ValueError) as error:
        raise InputError(f'{path} describes no network: {one_line(error)}') from error


def _check_fit(path: Path, module: torch.nn.Module, given: Mapping[str, tuple],
               what: str) -> None:
    expected = _kinds(module.state_dict())
    if expected == given:
        return
    name = next(name for name in [*expected, *given] if expected.get(name) != given.get(name))
    raise InputError(f'{path} does not fit the network {what}: {name} is '
                     f'{given.get(name, "missing")}, must be {expected.get(name, "absent")}')


def _kinds(tensors: Mapping[str, torch.Tensor]) -> dict[str, tuple]:
    """Return the shapes, and beside them the type where it is not one of floats, which differ."""
    return {name: tuple(tensor.shape) if tensor.is_floating_point() else (
        *tensor.shape, str(tensor.dtype)) for name, tensor in tensors.items()}


_NOT_FLOATS = {'BOOL': torch.bool, 'U8': torch.uint8, 'I8': torch.int8, 'I16': torch.int16,
               'I32': torch.int32, 'I64': torch.int64}


def _kinds_in(file: Any) -> dict[str, tuple]:
    """Return the same of the tensors of an open file, none of which is read."""
    found = {}
    for name in file.keys():
        tensor = file.get_slice(name)
        shape, dtype = tensor.get_shape(), tensor.get_dtype()
        found[name] = tuple(shape) if dtype.startswith(('F', 'BF')) else (
            *shape, str(_NOT_FLOATS.get(dtype, dtype)))
    return found


def _check_finite(path: Path, network: JointNetwork) -> None:
    """Refuse weights that can only give NaN: those of a training that had gone wrong."""
    for name, tensor in network.state_dict().items():
        if not torch.isfinite(tensor).all():
            raise InputError(f'{path} cannot be used: {name} holds NaN or infinity')
