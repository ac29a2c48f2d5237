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

"""What is to be done: a job for each recording, with a key that tells when it is finished."""

from dataclasses import dataclass, field, replace
import hashlib
import json
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

from triplenet_ros import __version__
from triplenet_ros.errors import InputError
from triplenet_ros.fleet.bag_job import BagJob
from triplenet_ros.fleet.recordings import find_recordings, fingerprint, names_of
from triplenet_ros.inference.weights_file import find_weights

BAGS = 'bags'


@dataclass(frozen=True)
class FleetOptions:
    """
    What all recordings have in common.

    :param out: folder of everything that is written
    :param predictor: arguments of ``Predictor.load``
    :param topic: of the images; None = the only one
    :param overlay: whether the results hold overlays
    :param truth: paths in which ``{name}`` stands for the recording's name, ``{bag}`` for its
        path and ``{folder}`` for the folder it lies in
    :param scoring: what the user says about how to score, plain data
    :param files: whose content decides too: criteria, names of classes
    :param criteria: file, or None
    :param command: the command line, for the reports
    """

    out: Path
    predictor: Mapping[str, Any]
    topic: Optional[str] = None
    overlay: bool = False
    truth: tuple[str, ...] = ()
    scoring: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    criteria: Optional[Path] = None
    command: str = ''


def plan(names: Sequence[str], options: FleetOptions) -> list[BagJob]:
    """
    Return a job for each recording.

    :param names: as ``find_recordings`` takes them
    :raises InputError: if there is no recording, or the weights cannot be found
    """
    recordings = find_recordings(names, options.out / BAGS)
    options = replace(options, predictor={
        **options.predictor, 'weights': _weights_anywhere(options.predictor['weights'])})
    common = _common(options)
    return [_job(recording.absolute(), name, options, common)
            for recording, name in zip(recordings, names_of(recordings))]


def _job(recording: Path, name: str, options: FleetOptions, common: Mapping[str, Any]) -> BagJob:
    truth = tuple(_filled(pattern, recording) for pattern in options.truth)
    key = _digest({**common, 'recording': [str(recording), fingerprint(recording)],
                   'truth': [[str(path), fingerprint(path) if path.exists() else None]
                             for path in truth]})
    return BagJob(name=name, recording=recording, folder=options.out.absolute() / BAGS / name,
                  key=key, predictor=dict(options.predictor), topic=options.topic,
                  overlay=options.overlay, truth=truth,
                  criteria=options.criteria and options.criteria.absolute(),
                  command=options.command)


def _weights_anywhere(weights: Any) -> str:
    """Return weights as other processes find them: a shipped name, or the whole path."""
    path = find_weights(weights)
    return str(path.absolute()) if path == Path(weights) else str(weights)


def _filled(pattern: str, recording: Path) -> Path:
    """Put in what stands for the recording; other braces are part of a name."""
    stands = {'{name}': recording.name if recording.is_dir() else recording.stem,
              '{bag}': str(recording), '{folder}': str(recording.parent)}
    for mark, text in stands.items():
        pattern = pattern.replace(mark, text)
    return Path(pattern).absolute()


def _common(options: FleetOptions) -> dict[str, Any]:
    weights = find_weights(options.predictor['weights'])
    files = [weights, weights.with_suffix('.bin')] if weights.suffix == '.xml' else [weights]
    return {'version': __version__, 'weights': [_digest_of(file) for file in files],
            'predictor': dict(options.predictor), 'topic': options.topic,
            'overlay': options.overlay, 'scoring': dict(options.scoring),
            'files': [_digest_of(file) for file in options.files]}


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _digest_of(path: Path) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror}') from error
