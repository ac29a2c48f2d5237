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

"""Percentiles over the latest batches; what is said again is said rarely."""

from triplenet_ros.ros.measurements import Measurements, Percentiles, Report
from triplenet_ros.ros.throttle import Throttle


def test_percentiles_are_of_the_latest_batches_in_milliseconds():
    measurements = Measurements()
    measurements.done({'forward': 9.0}, {'': 9.0})
    for value in range(300):
        measurements.done({'forward': value / 1e3}, {'': 0.5})
    report = measurements.report()
    assert report.stages['forward'] == Percentiles(p50=149.5, p95=284.05)
    assert report.ages[''] == Percentiles(p50=500.0, p95=500.0)


def test_nothing_measured_is_an_empty_report():
    assert Measurements().report() == Report()


def test_failure_lasts_until_a_batch_succeeds():
    measurements = Measurements()
    measurements.failed('out of memory')
    assert measurements.report().failure == 'out of memory'
    measurements.done({}, {})
    assert measurements.report().failure is None


def test_report_does_not_change_afterwards():
    measurements = Measurements()
    measurements.wrong_image('front', 'size 0')
    report = measurements.report()
    measurements.wrong_image('front', 'size 0')
    assert report.wrong_images == {'front': {'size 0': 1}}


def test_each_cause_is_due_once_in_a_while():
    now = [0.0]
    throttle = Throttle(10.0, clock=lambda: now[0])
    assert throttle.is_due('a') and throttle.is_due('b') and not throttle.is_due('a')
    now[0] = 9.9
    assert not throttle.is_due('a')
    now[0] = 10.0
    assert throttle.is_due('a') and not throttle.is_due('a')
