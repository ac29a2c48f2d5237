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

"""Scores a recording into a folder: report.json, frames.jsonl and what people look at."""

from pathlib import Path
from typing import Any, Callable, Optional

from triplenet_ros.bag.score import RecordingScore
from triplenet_ros.bag.worst_images import with_images
from triplenet_ros.evaluation.report.pictures import write_pictures
from triplenet_ros.evaluation.report.scored_page import write_page
from triplenet_ros.evaluation.report_folder import FRAMES, write_frame, write_run
from triplenet_ros.evaluation.scored_frame import ScoredFrame
from triplenet_ros.evaluation.scored_run import RunDescription, ScoredRun
from triplenet_ros.outputs import replacing


def write_scored(recording: RecordingScore, folder: Optional[Path], overwrite: bool = False,
                 on_frame: Callable[[ScoredFrame], Any] = lambda frame: None,
                 about: RunDescription = RunDescription()) -> ScoredRun:
    """
    Score a recording and write its folder; the folder is whole or not there.

    :param recording: opened
    :param folder: to be made, None = figures only
    :param overwrite: whether an existing one may be replaced
    :param on_frame: called with each scored frame
    :param about: what is known about the run beside its bag
    :raises InputError: if a frame or the folder cannot be used
    """
    if folder is None:
        return recording.run(on_frame, about).run
    with replacing(folder, overwrite, folder=True) as temporary:
        temporary.mkdir()
        with (temporary / FRAMES).open('w', encoding='utf-8') as file:
            def keep(frame: ScoredFrame) -> None:
                write_frame(file, frame)
                on_frame(frame)

            scored = recording.run(keep, about)
        run = scored.run
        worst = with_images(scored.worst, recording.path, recording.image_topic)
        write_pictures(temporary, worst, run.run.options)
        write_run(temporary, run)
        write_page(temporary)
    return run
