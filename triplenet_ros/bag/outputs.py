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

"""Everything that one replay writes: the bag, and pictures of it where they are wanted."""

from contextlib import contextmanager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Optional, Sequence

import cv2

from triplenet_ros.bag.overlays import Overlays
from triplenet_ros.bag.realtime import replay_realtime
from triplenet_ros.bag.replay import Observer, Predicts, replay
from triplenet_ros.bag.report import ReplayReport
from triplenet_ros.bag.sink import bag_sink, is_bag_folder
from triplenet_ros.bag.source import Source
from triplenet_ros.bag.video import DEFAULT_RATE
from triplenet_ros.classes import ClassSet
from triplenet_ros.drawing.contact_sheet import ContactSheet
from triplenet_ros.drawing.video import check_video_name, video_file
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import replacing
from triplenet_ros.overlap import Output


@dataclass(frozen=True)
class ReplayOutputs:
    """
    What a replay writes, and where.

    :param bag: a name that ends in .mcap gives one file, any other a rosbag2 folder
    :param video: overlays as .mp4, or None
    :param contact_sheet: overlays at even times as one .png or .jpg, or None
    :param overlay: whether the bag holds the overlays too
    :param overwrite: whether existing ones may be replaced
    """

    bag: Path
    video: Optional[Path] = None
    contact_sheet: Optional[Path] = None
    overlay: bool = True
    overwrite: bool = False

    @property
    def paths(self) -> list[Path]:
        """All files that are written."""
        return [path for path in (self.bag, self.video, self.contact_sheet) if path is not None]

    def declared(self) -> list[Output]:
        """
        Return the files as ``check_outputs`` takes them.

        :raises InputError: if the name of a file does not end as its format needs it
        """
        if self.video:
            check_video_name(self.video)
        if self.contact_sheet and self.contact_sheet.suffix not in ('.png', '.jpg'):
            raise InputError(f'{self.contact_sheet} cannot be written as an image: the name must '
                             'end in .png or .jpg')
        return [Output(path, self.overwrite, path == self.bag and is_bag_folder(path))
                for path in self.paths]


def replay_into(outputs: ReplayOutputs, source: Source, predictor: Predicts,
                observers: Sequence[Observer] = (), realtime: bool = False) -> ReplayReport:
    """
    Replay a recording into files; each is whole or not there.

    :param outputs: the files
    :param source: the recording, open
    :param predictor: the network, with its ``classes``
    :param observers: called with each frame and its prediction
    :param realtime: play at the recorded rate and drop frames, as the node does
    :raises InputError: if an output cannot be written or no frame can be used
    """
    draw = Overlays()
    play = replay_realtime if realtime else replay
    with ExitStack() as stack:
        pictures = _picture_observers(outputs, source, predictor.classes, draw, stack)
        sink = stack.enter_context(bag_sink(outputs.bag, outputs.overwrite))
        return play(source, predictor, sink, [*observers, *pictures],
                    draw if outputs.overlay else None)


def _picture_observers(outputs: ReplayOutputs, source: Source, classes: ClassSet, draw: Overlays,
                       stack: ExitStack) -> list[Observer]:
    observers: list[Observer] = []
    if outputs.video is not None:
        rate = source.frame_rate or DEFAULT_RATE
        video = stack.enter_context(video_file(outputs.video, rate, outputs.overwrite))
        observers.append(lambda frame, prediction: video.add(draw(frame, prediction)))
    if outputs.contact_sheet is not None:
        sheet = stack.enter_context(_contact_sheet_file(outputs, classes))
        observers.append(lambda frame, prediction: sheet.add(
            draw(frame, prediction), frame.time_ns / 1e9))
    return observers


@contextmanager
def _contact_sheet_file(outputs: ReplayOutputs, classes: ClassSet) -> Iterator[Any]:
    """Give a sheet that is written when the block succeeds."""
    sheet = ContactSheet()
    with replacing(outputs.contact_sheet, outputs.overwrite) as temporary:
        yield sheet
        picture = cv2.cvtColor(sheet.picture(classes), cv2.COLOR_RGB2BGR)
        # Not imwrite: that says nothing of a full disk.
        temporary.write_bytes(cv2.imencode(temporary.suffix, picture)[1])
