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

"""The printed table."""

import pytest

from triplenet_ros.evaluation.table import table

COCO = {'AP': 0.5, 'AP50': 0.625, 'AP75': 0.375, 'APs': None, 'APm': 0.25, 'APl': 1.0,
        'AR1': 0.1, 'AR10': 0.2, 'AR100': 0.3, 'ARs': None, 'ARm': 0.4, 'ARl': 0.6}


def figures(count, coco=True):
    """Return figures of so many classes."""
    names = [f'class {index}' for index in range(count)]
    scores = {'AP50': 0.75, 'AP50_07': 0.5, 'truths': 1234, **({'AP': 0.25} if coco else {})}
    return {
        'images': 2,
        'detection': {'images': 2, 'not_scored': [], 'mAP50': 0.875, 'mAP50_07': 0.8,
                      **(COCO if coco else {}), 'per_class': dict.fromkeys(names, scores)},
        'segmentation': {'images': 2, 'not_scored': ['dog'], 'mIoU': 0.75, 'pixel_accuracy': 1.0,
                         'per_class': {'background': None, **dict.fromkeys(names, 0.5)}}}


def test_classes_come_first_in_percent_and_what_is_not_known_is_a_dash():
    lines = [line.split() for line in table(figures(2), boxes='derived boxes').splitlines()]
    assert lines[0] == ['2', 'images']
    assert lines[2] == ['detection,', 'derived', 'boxes', 'AP50', 'AP50', '(07)', 'AP', 'truths']
    assert lines[3] == ['class', '0', '75.0', '50.0', '25.0', '1234']
    assert lines[6] == ['segmentation', 'IoU'] and lines[7] == ['background', '-']
    assert lines[10] == 'not known to the network, not scored: dog'.split()


@pytest.mark.parametrize('count', [3, 20, 80])
def test_all_means_are_on_the_last_lines_of_a_table_of_any_length(count):
    lines = table(figures(count)).splitlines()
    assert [line.split() for line in lines[-4:]] == [
        ['VOC', 'AP50', '87.5', 'AP50', '(07)', '80.0'],
        ['COCO', 'AP', '50.0', 'AP50', '62.5', 'AP75', '37.5', 'APs', '-', 'APm', '25.0',
         'APl', '100.0'],
        ['AR1', '10.0', 'AR10', '20.0', 'AR100', '30.0', 'ARs', '-', 'ARm', '40.0',
         'ARl', '60.0'],
        ['labels', 'mIoU', '75.0', 'pixel', 'accuracy', '100.0']]
    assert max(map(len, lines)) <= 80


def test_what_was_not_measured_has_no_column_and_no_line():
    text = table({**figures(1, coco=False), 'segmentation': None})
    assert 'COCO' not in text and 'AR1' not in text and 'mIoU' not in text
    assert text.splitlines()[2].split() == ['detection,', 'boxes', 'AP50', 'AP50', '(07)',
                                            'truths']
    assert text.splitlines()[-1].split()[0] == 'VOC'


def test_no_truth_is_said():
    assert table({'images': 1, 'detection': None, 'segmentation': None}).splitlines() == [
        '1 image', '', 'none with truth that can be compared']
