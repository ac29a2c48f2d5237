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

"""How often boxes and labels of each confidence are right, as a picture."""

from typing import Any

from triplenet_ros.evaluation.calibration import BINS, Reliability


def reliability_figure(reliabilities: dict[str, Reliability]) -> Any:
    """
    Draw the share that is right against confidence: on the diagonal where it is calibrated.

    :param reliabilities: what it is of, to the counts
    :returns: a matplotlib figure with a panel each
    """
    from matplotlib.figure import Figure
    figure = Figure(figsize=(4.4 * max(len(reliabilities), 1), 4.4), layout='constrained')
    for number, (name, reliability) in enumerate(reliabilities.items(), start=1):
        axes = figure.add_subplot(1, len(reliabilities), number)
        said, confidence, right = reliability.bins()
        there = said > 0
        axes.plot([0, 1], [0, 1], color='0.6', linewidth=1)
        axes.bar(confidence[there], right[there], width=0.8 / BINS, color='tab:blue', alpha=0.35)
        axes.plot(confidence[there], right[there], color='tab:blue', marker='o', linewidth=1.5)
        axes.set(xlabel='confidence', ylabel='share that is right', xlim=(0, 1), ylim=(0, 1),
                 title=f'{name}: calibration error {100 * reliability.error():.1f} %')
        axes.grid(color='0.9')
    return figure
