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

"""Data sets by name, and samples kept in memory."""

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.data.cache import InMemory
from triplenet_ros.data.sources import data_names, open_dataset
from triplenet_ros.errors import InputError
from triplenet_ros.sample import Sample


def test_unknown_name_lists_the_names_and_the_nearest():
    with pytest.raises(InputError, match=r"'camvd' \(did you mean camvid\?\), there are camvid"):
        open_dataset('camvd', '.', 'val')


def test_unknown_option_is_refused_before_anything_is_opened():
    with pytest.raises(InputError, match=r"scenes has no option 'hight' \(did you mean height\?"):
        open_dataset('scenes', None, 'train', hight=3)
    with pytest.raises(InputError, match=r"camvid has no option 'size', it takes rename"):
        open_dataset('camvid', '.', 'train', size=3)


def test_option_of_another_type_is_refused():
    with pytest.raises(InputError, match="scenes: option count is 'many', must be int"):
        open_dataset('scenes', None, 'train', count='many')
    with pytest.raises(InputError, match='coco: option ids is 5, must be str'):
        open_dataset('coco', '.', 'train', ids=5)
    assert len(open_dataset('scenes', None, 'train', count=1, seed=None)) == 1


def test_data_on_disk_need_a_root():
    with pytest.raises(InputError, match='camvid needs its folder: give --root'):
        open_dataset('camvid', None, 'val')


def test_every_name_is_listed():
    assert {'camvid', 'scenes'} <= set(data_names())


def test_splits_of_scenes_are_known_and_differ():
    with pytest.raises(InputError, match="no split 'evening'"):
        open_dataset('scenes', None, 'evening')
    train, val = (open_dataset('scenes', None, split, count=2, height=48, width=64)
                  for split in ('train', 'val'))
    assert len(train) == 2 and train[0].image.shape == (48, 64, 3)
    assert (train[0].image != val[0].image).any()


class _Counting:
    classes = CAMVID

    def __init__(self):
        self.decoded = []

    def __len__(self):
        return 3

    def __getitem__(self, index):
        self.decoded.append(index)
        return Sample(str(index), np.zeros((2, 3, 3), np.uint8))


def test_each_sample_is_decoded_once():
    source = _Counting()
    cached = InMemory(source)
    first = cached[1]
    assert cached[1] is first and cached[2] is not first
    assert source.decoded == [1, 2]
    assert len(cached) == 3 and cached.classes is CAMVID


def test_what_does_not_fit_into_memory_is_decoded_every_time():
    source = _Counting()
    cached = InMemory(source, limit=40)  # two images of 18 bytes, and not a third
    for index in (0, 1, 2, 0, 1, 2):
        assert cached[index].name == str(index)
    assert source.decoded == [0, 1, 2, 2]
