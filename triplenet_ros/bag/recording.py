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

"""Recordings: bags of one file, and folders of them, where metadata.yaml is a hint."""

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Iterator, Optional, Sequence

from triplenet_ros.bag.bag_file import open_file, Recording, STORAGE_SUFFIXES
from triplenet_ros.bag.metadata import disagreements, Metadata, NAME, read_metadata
from triplenet_ros.bag.stored import Channel, join_channels, StoredMessage
from triplenet_ros.errors import InputError

_PACKED = ('.zstd', '.zst')
_SHOWN = 3


def open_recording(path: Path) -> Recording:
    """
    Open a bag.

    :param path: rosbag2 folder (metadata.yaml may be missing or wrong), its metadata.yaml, .mcap,
        .db3 or ROS 1 .bag, also packed by zstd
    :raises InputError: if nothing in it can be read
    """
    if path.name == NAME:
        path = path.parent
    return _open_folder(path) if path.is_dir() else open_file(path)


def _open_folder(path: Path) -> 'FolderRecording':
    notes: list = []
    try:
        metadata = read_metadata(path)
    except InputError as error:
        metadata = Metadata()
        notes.append(f'{error}: the files are taken as they are')
    names = _names(path, metadata, notes)
    parts = _open_parts(path, names, metadata, notes)
    return FolderRecording(path, parts, metadata, notes, whole=not notes)


def _names(path: Path, metadata: Metadata, notes: list) -> Sequence[str]:
    """Return the names of the files to read, in order."""
    there = sorted((file.name for file in path.iterdir() if _is_storage(file)), key=_order)
    listed = [found for name in metadata.parts if (found := _found(name, there))]
    if not listed:
        return _all_of_one_bag(path, there, metadata)
    others = [name for name in there if name not in listed
              and not any(_found(one, [name]) for one in metadata.parts)]
    of_it = [name for name in others if _bag_name(name) in map(_bag_name, listed)]
    for name in others:
        fate = 'it is used too' if name in of_it else 'it is left out'
        notes.append(f'{path / name} is not named in {NAME}: {fate}')
    return [*metadata.parts, *of_it]


def _all_of_one_bag(path: Path, there: Sequence[str], metadata: Metadata) -> Sequence[str]:
    """Return the files of a folder whose recorder was killed before it could close the bag."""
    if not there:
        missing = f', and {metadata.parts[0]} is missing' if metadata.parts else ''
        raise InputError(f'{path} is no bag: it has no {" or ".join(STORAGE_SUFFIXES)} '
                         f'files{missing}' if metadata.parts or metadata.topics else
                         f'{path} is no bag: it has neither a {NAME} nor '
                         f'{" or ".join(STORAGE_SUFFIXES)} files')
    if len(there) > 1 and len({_bag_name(name) for name in there}) > 1:
        raise InputError(f'{path} holds {len(there)} bags, choose one: {", ".join(there)}')
    return there


def _is_storage(file: Path) -> bool:
    return not file.name.startswith('.') and _unpacked(file.name).lower().endswith(
        STORAGE_SUFFIXES) and file.is_file()


def _unpacked(name: str) -> str:
    return name.rpartition('.')[0] if name.lower().endswith(_PACKED) else name


def _found(name: str, there: Sequence[str]) -> Optional[str]:
    """Return the file that is meant; somebody may have unpacked it, or packed it."""
    if name in there:
        return name
    return next((one for one in there if _unpacked(one) == _unpacked(name)), None)


def _order(name: str) -> tuple:
    return _part_number(name), name


def _part_number(name: str) -> int:
    """Return which part of a split recording a file is: recorders append ``_0``, ``_1``, ..."""
    number = Path(_unpacked(name)).stem.rpartition('_')[2]
    return int(number) if number.isdecimal() else -1


def _bag_name(name: str) -> tuple:
    plain = Path(_unpacked(name))
    stem = plain.stem.rpartition('_')[0] if _part_number(name) >= 0 else plain.stem
    return stem, plain.suffix.lower()


def _open_parts(path: Path, names: Sequence[str], metadata: Metadata,
                notes: list) -> Sequence[Recording]:
    there = [file.name for file in path.iterdir() if file.is_file()]
    parts, refusals, missing = [], [], []
    for name in names:
        found = _found(name, there)
        if found is None:
            missing.append(name)
            continue
        try:
            parts.append(open_file(path / found))
        except InputError as error:
            refusals.append(error)
    if not parts:
        raise refusals[0] if refusals else InputError(
            f'{path} is no bag: {names[0]} is missing, and all others that {NAME} names')
    notes += [f'{error}: this part is left out' for error in refusals]
    known = None if refusals else sum(
        channel.count for part in parts for channel in part.channels)
    for name in missing:
        count = _should_hold(name, missing, known, metadata)
        notes.append(f'{path / name} is missing: its {count} are left out')
    # In the order of their times, whatever the order of their names.
    return sorted(parts, key=lambda part: part.start_ns)


def _should_hold(name: str, missing: Sequence[str], known: Optional[int],
                 metadata: Metadata) -> str:
    """Return how many messages a missing file has, as far as that is said."""
    if name in metadata.counts:
        return f'{metadata.counts[name]} messages'
    if len(missing) == 1 and known is not None and (metadata.total or 0) > known:
        return f'{metadata.total - known} messages'
    return 'messages'


class FolderRecording:
    """
    The storage files of one folder, one after the other.

    :param path: of the folder
    :param parts: in the order of their times
    :param metadata: what metadata.yaml says
    :param notes: lines about what could not be read so far
    :param whole: whether all parts are there
    """

    def __init__(self, path: Path, parts: Sequence[Recording], metadata: Metadata,
                 notes: Sequence[str], whole: bool) -> None:
        """Join the channels of the files; compare them with what is said of them."""
        self._parts = parts
        joined = join_channels(chain.from_iterable(part.channels for part in parts))
        self._channels = {key: _with_digest(channel, metadata) for key, channel in joined.items()}
        self.channels = tuple(self._channels.values())
        self.start_ns = parts[0].start_ns
        self.span_ns = max((part.start_ns + part.span_ns for part in parts if part.channels),
                           default=self.start_ns) - self.start_ns
        whole = whole and not any(part.notes for part in parts)
        self._notes = [*notes, *_comparison(path, metadata, self.channels, whole)]

    @property
    def notes(self) -> list:
        """Lines about what could not be read in any of the files."""
        return [*self._notes, *chain.from_iterable(part.notes for part in self._parts)]

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all messages, file by file."""
        for message in chain.from_iterable(part.messages() for part in self._parts):
            yield replace(message, channel=self._channels[message.channel.key])

    def close(self) -> None:
        """Release the files."""
        for part in self._parts:
            part.close()


def _with_digest(channel: Channel, metadata: Metadata) -> Channel:
    claim = metadata.topics.get(channel.topic)
    if channel.digest or claim is None or claim.msgtype != channel.msgtype:
        return channel
    return replace(channel, digest=claim.digest)


def _comparison(path: Path, metadata: Metadata, channels: Sequence, whole: bool) -> Sequence[str]:
    found = disagreements(metadata, channels, whole)
    if not found:
        return []
    more = f' and {len(found) - _SHOWN} more' if len(found) > _SHOWN else ''
    return [f'{path / NAME} and the files disagree on {"; ".join(found[:_SHOWN])}{more}: the '
            'files are right']
