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

"""One recording of many: replayed, and scored where there is truth."""

from dataclasses import replace
from functools import lru_cache
import json
from pathlib import Path
from typing import Any

from triplenet_ros.bag.outputs import replay_into, ReplayOutputs
from triplenet_ros.bag.replayed import (check_truth, replay_options, ReplayedStamps,
                                        truth_of_replay)
from triplenet_ros.bag.report import ReplayReport
from triplenet_ros.bag.run_description import describe_run
from triplenet_ros.bag.score import Measured, RecordingScore
from triplenet_ros.bag.scored_folder import write_scored
from triplenet_ros.bag.source import open_source, Source
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.criteria import Criteria, read_criteria
from triplenet_ros.evaluation.report.wording import measured
from triplenet_ros.evaluation.scored_run import ScoredRun
from triplenet_ros.fleet.bag_job import BagJob, failed_row
from triplenet_ros.fleet.finished import finished_row, REPORT, write_row
from triplenet_ros.fleet.fleet_row import DONE, FleetRow
from triplenet_ros.fleet.threads import limit_threads
from triplenet_ros.outputs import replacing
from triplenet_ros.predictor import Predictor

RESULTS = 'results.mcap'


def run_job(job: BagJob, cores: int) -> FleetRow:
    """
    Do a job, unless somebody has done it already; whatever is wrong with it becomes its row.

    :param cores: of the CPU that it may use, at least 1
    :raises KeyboardInterrupt: after Ctrl-C; nothing is left behind
    """
    finished = finished_row(job.folder, job.key)
    if finished is not None:
        return finished
    limit_threads(cores)
    try:
        return _worked(job)
    except InputError as error:
        return failed_row(job, str(error))
    # One recording's trouble, of whatever kind, must not stop the others.
    except Exception as error:
        return failed_row(job, f'{type(error).__name__}: {error}')


def _worked(job: BagJob) -> FleetRow:
    with replacing(job.folder, overwrite=True, folder=True) as folder:
        folder.mkdir()
        predictor = _predictor(json.dumps(dict(job.predictor)))
        with open_source(job.recording, job.topic) as source:
            scoring = _Scoring(job, source.image_channel.topic) if job.score else None
            report, stamps = _replay(job, source, predictor, folder / RESULTS)
        scores = scoring.score(folder, stamps.measured(report), predictor) if scoring else {}
        row = FleetRow(job.name, str(job.recording), DONE, replay=report.figures(), **scores)
        write_row(folder, job.key, row)
    return row


def _replay(job: BagJob, source: Source, predictor: Predictor,
            results: Path) -> tuple[ReplayReport, ReplayedStamps]:
    stamps = ReplayedStamps()
    report = replay_into(ReplayOutputs(results, overlay=job.overlay), source, predictor, [stamps])
    if report.interrupted:
        raise KeyboardInterrupt
    return report, stamps


@lru_cache(maxsize=1)
def _predictor(options: str) -> Predictor:
    """Load the network once for all jobs of a process; options as JSON, which can be hashed."""
    arguments = json.loads(options)
    return Predictor.load(**{**arguments, 'tasks': tuple(arguments['tasks'])})


class _Scoring:
    """Truth and criteria of a recording, seen to be usable before it is replayed."""

    def __init__(self, job: BagJob, image: str) -> None:
        self._job = job
        self._criteria = read_criteria(job.criteria) if job.criteria else Criteria()
        self._options = replay_options(job.score, job.predictor['tasks'], image)
        check_truth(job.truth, job.recording, self._options)

    def score(self, folder: Path, times: Measured, predictor: Predictor) -> dict[str, Any]:
        """Write the report of the scores into the folder, and return what the row has of it."""
        job, results = self._job, folder / RESULTS
        # What is written here now will be found in the job's folder.
        about = replace(describe_run(job.predictor['weights'], predictor), command=job.command,
                        results=str(job.folder / RESULTS))
        recording = RecordingScore(results, truth_of_replay(job.truth, job.recording, results),
                                   self._options, self._criteria, times)
        return _scores(write_scored(recording, folder / REPORT, about=about))


def _scores(run: ScoredRun) -> dict[str, Any]:
    scores = {}
    if run.detection:
        scores['mAP50'] = run.detection['mAP50']
        scores['F1'] = run.detection['operating']['f1']
    if run.segmentation:
        scores['mIoU'] = run.segmentation['mIoU']
    return {'scores': scores, 'passed': run.passed,
            'missed': tuple(f'{one.text}: {measured(one.value, one.unit)}' for one in run.criteria
                            if not one.passed)}
