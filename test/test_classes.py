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

"""Classes of the sets that are known, and what they are drawn in."""

from triplenet_ros.classes import CAMVID, CITYSCAPES, usual_palette, VOC, voc_palette


def test_names_without_colours_are_drawn_as_their_set_is():
    for classes in (CITYSCAPES, CAMVID, VOC):
        assert usual_palette(classes.segmentation) == classes.palette
    assert usual_palette(('sky', 'road')) == (CITYSCAPES.palette[10], CITYSCAPES.palette[0])
    assert usual_palette(('road', 'kerb')) == voc_palette(2)
