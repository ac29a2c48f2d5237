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

"""What metadata.yaml says of a rosbag2 folder: a claim, the files are what counts."""

from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any, Iterable, Mapping, Optional, Sequence

from rosbags.rosbag2.metadata import parse_qos

from triplenet_ros.bag.stored import Channel
from triplenet_ros.errors import InputError
from triplenet_ros.strict_yaml import read_yaml

NAME = 'metadata.yaml'


@dataclass(frozen=True)
class TopicClaim:
    """
    What is said of a topic; None where nothing is.

    :param msgtype: full name of its type
    :param encoding: of its messages
    :param qos: profiles the publishers offered (rosbags' Qos)
    :param count: messages on it
    :param digest: RIHS01 hash of the type
    """

    msgtype: Optional[str]
    encoding: Optional[str]
    qos: Optional[tuple]
    count: Optional[int]
    digest: str


@dataclass(frozen=True)
class Metadata:
    """
    What is said of a folder.

    :param parts: names of its files in the order of their recording
    :param counts: name of a file to its number of messages, where that is said
    :param total: messages in all, None where that is not said
    :param topics: by name
    """

    parts: Sequence[str] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    total: Optional[int] = None
    topics: Mapping[str, TopicClaim] = field(default_factory=dict)


def read_metadata(folder: Path) -> Metadata:
    """
    Read metadata.yaml, whatever of it is as expected.

    :raises InputError: if it is there and is no YAML of a bag
    """
    path = folder / NAME
    if not path.exists():
        return Metadata()
    content = read_yaml(path)
    about = content.get('rosbag2_bagfile_information') if isinstance(content, dict) else None
    if not isinstance(about, dict):
        raise InputError(f'{path} has no rosbag2_bagfile_information')
    parts = [_file_name(one) for one in _list(about.get('relative_file_paths'))]
    counts = {_file_name(one.get('path')): count for one in _dicts(about.get('files'))
              if (count := _count(one.get('message_count'))) is not None}
    topics = dict(_topic(one) for one in _dicts(about.get('topics_with_message_count')))
    return Metadata(tuple(dict.fromkeys(part for part in parts if part)), counts,
                    _count(about.get('message_count')), topics)


def disagreements(metadata: Metadata, channels: Iterable[Channel],
                  counted: bool) -> Sequence[str]:
    """
    Return what is said otherwise than the files have it, a few words for each topic.

    :param counted: whether the files are whole, so that their messages can be compared
    """
    held: dict[str, list] = {}
    for channel in channels:
        held.setdefault(channel.topic, []).append(channel)
    found = [f'{name} ({words})' for name, claim in metadata.topics.items()
             if (words := ', '.join(_differs(claim, held.get(name, []), counted)))]
    return found + [f'{name} (not named)' for name in held
                    if metadata.topics and name not in metadata.topics]


def _differs(claim: TopicClaim, channels: Sequence[Channel], counted: bool) -> Iterable[str]:
    count = sum(channel.count for channel in channels)
    if counted and claim.count is not None and claim.count != count:
        yield f'{claim.count} messages, {count} are there'
    if not channels:
        return
    for name, value, field_name in (('type', claim.msgtype, 'msgtype'),
                                    ('encoding', claim.encoding, 'encoding'),
                                    ('QoS', claim.qos, 'qos')):
        if value is not None and all(getattr(one, field_name) != value for one in channels):
            yield name


def _topic(entry: dict) -> tuple[str, TopicClaim]:
    about = entry.get('topic_metadata')
    about = about if isinstance(about, dict) else {}
    digest = _text(about.get('type_description_hash')) or ''
    return str(about.get('name')), TopicClaim(
        _text(about.get('type')), _text(about.get('serialization_format')),
        _qos(about.get('offered_qos_profiles')), _count(entry.get('message_count')), digest)


def _qos(value: Any) -> Optional[tuple]:
    try:
        return tuple(parse_qos(value))
    # Foreign text: the parser raises anything on it.
    except Exception:
        return None


def _file_name(value: Any) -> str:
    """Return the last part of a path of either system; a bag may have been moved."""
    return PureWindowsPath(value).name if isinstance(value, str) else ''


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list:
    return [one for one in _list(value) if isinstance(one, dict)]


def _text(value: Any) -> Optional[str]:
    return value if isinstance(value, str) else None


def _count(value: Any) -> Optional[int]:
    return value if type(value) is int and value >= 0 else None
