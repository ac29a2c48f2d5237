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

"""compare --report: pictures of the frames that got worse, from the bags of both runs."""

from dataclasses import replace

import cv2

from triplenet_ros.cli.main import main
from triplenet_ros.evaluation.comparison import compare_runs
from triplenet_ros.evaluation.report.compare_page import picture_name


def test_frames_that_got_worse_are_drawn_from_both_bags(scored_bags, tmp_path):
    truth = scored_bags.write(tmp_path / 'truth.mcap', scored_bags.TRUTH)
    for name, noise in (('a', 0.02), ('b', 0.6)):
        bag = scored_bags.write(tmp_path / f'{name}.mcap', scored_bags.image_messages(),
                                replace(scored_bags.RESULTS, noise=noise))
        assert main(['score', str(bag), '--truth', str(truth), '--report',
                     str(tmp_path / name)]) == 0
    out = tmp_path / 'compared'
    assert main(['compare', str(tmp_path / 'a'), str(tmp_path / 'b'), '--report',
                 str(out)]) == 0
    worse = compare_runs(tmp_path / 'a', tmp_path / 'b').worse
    assert worse
    pictures = [out / 'pictures' / picture_name(worse[0].stamp_ns, side)
                for side in ('a', 'b', 'truth')]
    shapes = {cv2.imread(str(picture)).shape for picture in pictures}
    assert shapes == {(48, 64, 3)}
    assert (out / 'compare.html').read_text().count('data:image/jpeg') >= 3
    assert (out / 'compare.json').is_file()
