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

"""Trainings and scores that studies compare: each made by triplenet's commands, once."""

import json
from pathlib import Path
import subprocess
import sys
from typing import Any, Sequence


def train(recipe: str, folder: Path, changes: Sequence[str]) -> Path:
    """Train as a user would, unless it is done; return the weights."""
    weights = folder / 'weights.safetensors'
    if not weights.is_file():
        resume = ['--resume'] if (folder / 'last.ckpt').is_file() else []
        sets = [part for change in changes for part in ('--set', change)]
        run('train', recipe, *sets, '--out', str(folder), *resume)
    return weights


def score(weights: Path, target: Path, *data: str) -> dict[str, Any]:
    """Return the figures of weights on data, options of evaluate, which are kept in a file."""
    if not target.is_file():
        run('evaluate', '--weights', str(weights), *data, '--split', 'val', '--json', str(target))
    return json.loads(target.read_text(encoding='utf-8'))


def run(*arguments: str) -> None:
    """Run one command of triplenet; stop if it fails."""
    subprocess.run([sys.executable, '-m', 'triplenet_ros', *arguments], check=True,
                   stdout=sys.stderr)


def line(first: str, cells: Sequence[str]) -> str:
    """Write one line of a Markdown table."""
    return f'| {first} | {" | ".join(cells)} |'
