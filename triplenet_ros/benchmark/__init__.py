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

"""
Speed of networks and of what runs them, side by side in one run.

A Subject is one row of the table: a network run in one way on batches of one size, be it one of
the family or one of others'. All are built and warmed up, then measured in turn, round by
round, so that a machine whose speed drifts is as slow for one as for the other.

May import network, scenes, inference and export.
"""
