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

"""The folder of a run that is scored while it comes by."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable, Optional

import numpy as np

from triplenet_ros.bag.live_score import LiveScore
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.evaluation.criteria import Criteria
from triplenet_ros.evaluation.report.pictures import write_pictures
from triplenet_ros.evaluation.report.scored_page import write_page
from triplenet_ros.evaluation.report_folder import FRAMES, write_frame, write_run
from triplenet_ros.evaluation.scored_frame import ScoredFrame
from triplenet_ros.evaluation.scored_run import RunDescription, ScoredRun
from triplenet_ros.messages.decode import decode
from triplenet_ros.outputs import replacing


class LiveReport:
    """
    A LiveScore whose frames go to a folder; use it in a ``with`` statement.

    The folder takes its place at the end of the statement, if finish() was called.

    :param folder: to be made, None = no files
    :param overwrite: whether an existing one may be replaced
    :param options: of the user
    :param criteria: to be met
    """

    def __init__(self, folder: Optional[Path], overwrite: bool,
                 options: ScoreOptions = ScoreOptions(), criteria: Criteria = Criteria()) -> None:
        """Nothing is opened yet."""
        self._folder, self._overwrite = folder, overwrite
        self._stack = ExitStack()
        self._place: Optional[Path] = None
        self._file: Any = None
        self.live = LiveScore(options, criteria, self._keep)

    def __enter__(self) -> 'LiveReport':
        """
        Begin the folder.

        :raises InputError: if it cannot be written
        """
        if self._folder is not None:
            self._place = self._stack.enter_context(
                replacing(self._folder, self._overwrite, folder=True))
            self._place.mkdir()
            self._file = (self._place / FRAMES).open('w', encoding='utf-8')
        return self

    def __exit__(self, *exception: Any) -> Any:
        """Put the folder into its place, or remove it where something failed."""
        if self._file is not None:
            self._file.close()
        return self._stack.__exit__(*exception)

    def finish(self, about: RunDescription,
               decode: Callable[[Any], np.ndarray] = decode) -> ScoredRun:
        """
        Score what is left and write the rest of the folder.

        :param about: what is known about the run
        :param decode: image message -> (H, W, 3) uint8 RGB
        :raises InputError: if nothing was scored
        """
        scored = self.live.finish(about)
        if self._place is not None:
            self._file.close()
            worst = self.live.images.shown(scored.worst, decode)
            write_pictures(self._place, worst, scored.run.run.options)
            write_run(self._place, scored.run)
            write_page(self._place)
        return scored.run

    def _keep(self, frame: ScoredFrame) -> None:
        if self._file is not None:
            write_frame(self._file, frame)
