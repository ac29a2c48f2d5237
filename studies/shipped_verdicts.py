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
Judge shorter numbers for weights that are shipped, so that nobody who uses them waits for it.

``python studies/shipped_verdicts.py drive`` compares every type that this machine is made for with
float32, as choosing one would, and writes ``triplenet_ros/weights/drive.verdicts.json`` beside the
weights. What another machine found of the same weights stays in it.
"""

import argparse
from dataclasses import asdict
import json
from pathlib import Path
from typing import Any, Mapping

from triplenet_ros.export.verdicts import ENDING, judge, judged, version_family
from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.built_from import device_name
from triplenet_ros.inference.weights import load_weights
from triplenet_ros.inference.weights_file import find_weights
from triplenet_ros.outputs import replacing

BY = ('torch', 'openvino')
_KEY = ('backend', 'precision', 'device', 'versions')


def main() -> None:
    """Judge, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('weights', help='name of shipped weights')
    path = find_weights(parser.parse_args().weights)
    network, _ = load_weights(path)
    found = []
    for backend in BY:
        device = BACKENDS[backend].find_device('auto')
        for precision in BACKENDS[backend].native(device):
            agreement = judge(network, backend, precision, str(device))
            print(f'{backend}, {precision}: {agreement}; {agreement.problems() or "alike"}')
            found.append({'backend': backend, 'precision': precision, 'device': device.type,
                          'versions': version_family(backend), 'judged_on': device_name(device),
                          'agreement': asdict(agreement)})
    write(path.with_name(path.stem + ENDING), judged(network), found)


def write(file: Path, subject: Mapping[str, Any], found: list[dict[str, Any]]) -> None:
    """Put verdicts into a file, in the place of older ones of the same kind."""
    known = json.loads(file.read_text(encoding='utf-8')) if file.exists() else {}
    older = known['verdicts'] if subject.items() <= known.items() else []
    new = [[verdict[name] for name in _KEY] for verdict in found]
    kept = [verdict for verdict in older if [verdict[name] for name in _KEY] not in new]
    with replacing(file, overwrite=True) as temporary:
        temporary.write_text(json.dumps({**subject, 'verdicts': kept + found}, indent=1)
                             + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
