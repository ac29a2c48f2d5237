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

"""YAML that a user is handed: plain data of bounded size, or one line that says why not."""

from pathlib import Path
from typing import Any, Optional

from triplenet_ros.errors import InputError, one_line
from triplenet_ros.textfile import read_text

import yaml

CHARACTERS = 300_000
VALUES = 100_000
"""So many values a document may hold, those that aliases repeat counted each time."""


def read_yaml(path: Path) -> Any:
    """
    Read a file of plain data.

    :return: None, numbers, texts, lists, mappings
    :raises InputError: if it cannot be read, and as parse_yaml
    """
    try:
        if path.stat().st_size > 4 * CHARACTERS:
            raise InputError(f'{path} is longer than {CHARACTERS} characters')
        text = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'{path} is no YAML: {one_line(error)}') from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, name: str) -> Any:
    """
    Return the plain data that a text holds.

    :param name: of the text, for the error
    :raises InputError: for what is no YAML, other tags than those of plain data, a key that is
        there twice, and more than CHARACTERS or VALUES
    """
    if len(text) > CHARACTERS:
        raise InputError(f'{name} is longer than {CHARACTERS} characters')
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _check_size(node, name)
        return loader.construct_document(node)
    except RecursionError:
        raise InputError(f'{name} is no YAML: it is nested too deeply') from None
    # Not only YAML's own: a date such as 2026-99-99 or a number of 5000 digits is a ValueError.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f'{name} is no YAML: {one_line(error)}') from error


def read_assignment(option: str, text: str) -> tuple[str, Any]:
    """
    Return what ``key=value`` says, the value in YAML.

    :param option: that the text was given to, for the error
    :raises InputError: if it is something else, and as parse_yaml
    """
    key, equals, value = text.partition('=')
    if not equals or not key:
        raise InputError(f'{option} {text!r} must be key=value')
    return key, parse_yaml(value, f'the value of {option} {text!r}')


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice; YAML forbids it, PyYAML takes the last."""

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key {key.value!r} is there twice', node.start_mark)
            seen.update({name} - {None})
        return super().construct_mapping(node, deep)


def _check_size(root: yaml.Node, name: str) -> None:
    """Refuse what aliases blow up: each is one object in memory, but is written out as many."""
    sizes: dict[int, Optional[int]] = {}

    def size(node: yaml.Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = None
            children = node.value if isinstance(node, yaml.CollectionNode) else ()
            sizes[id(node)] = 1 + sum(
                size(child) for entry in children
                for child in (entry if isinstance(entry, tuple) else (entry,)))
        known = sizes[id(node)]
        if known is None:
            raise InputError(f'{name} holds a value that contains itself')
        return known

    values = size(root)
    if values > VALUES:
        raise InputError(f'{name} holds {values} values with what its aliases repeat, at most '
                         f'{VALUES} are read')
