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

"""What a training sees depends on its seed alone, not on who asks and when."""

from dataclasses import replace

import pytest

pytest.importorskip('lightning')

import torch  # noqa: E402

from triplenet_ros.training.recipe import Recipe  # noqa: E402
from triplenet_ros.training.stream import ExampleStream, StepNumbers  # noqa: E402
from triplenet_ros.training.training_data import TrainingData  # noqa: E402

RECIPE = Recipe(network='tiny', data={'scenes': {'count': 5, 'height': 64, 'width': 96}},
                batch_size=2, iterations=4, workers=0)


class Numbers:
    """Five examples that show their index and a random number."""

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return index, torch.rand(()).item()


def test_an_example_is_a_function_of_its_number_and_the_seed():
    stream = ExampleStream(Numbers(), 7)
    forwards = [stream[number] for number in range(12)]
    torch.manual_seed(3)
    again = ExampleStream(Numbers(), 7)
    assert [again[number] for number in reversed(range(12))] == forwards[::-1]
    assert [ExampleStream(Numbers(), 8)[number] for number in range(12)] != forwards


def test_every_pass_shows_all_examples_in_another_order_and_another_way():
    stream = ExampleStream(Numbers(), 0)
    passes = [[stream[5 * epoch + place] for place in range(5)] for epoch in range(3)]
    orders = [tuple(index for index, _ in examples) for examples in passes]
    assert all(sorted(order) == list(range(5)) for order in orders) and len(set(orders)) == 3
    assert len({draw for examples in passes for _, draw in examples}) == 15


def test_the_random_state_of_others_is_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    stream = ExampleStream(Numbers(), 0)
    drawn = [torch.rand(()), stream[0], torch.rand(()), stream[1], torch.rand(())][::2]
    assert torch.equal(torch.stack(drawn), expected)


def test_processes_share_each_step_of_one_process_with_all_images():
    alone = list(StepNumbers(3, 0, 4, 0, 1))
    shares = [list(StepNumbers(3, 0, 2, rank, 2)) for rank in range(2)]
    assert [[*first, *second] for first, second in zip(*shares)] == [list(one) for one in alone]
    assert [list(one) for one in alone][2] == [8, 9, 10, 11]


def test_going_on_from_a_step_gives_the_steps_that_are_left():
    numbers = StepNumbers(5, 3, 2, 0, 1)
    assert list(numbers) == list(StepNumbers(5, 0, 2, 0, 1))[3:]
    assert len(numbers) == 5


def batches(config, **changes):
    data = TrainingData(replace(RECIPE, **changes), config)
    return list(data.loader_from(1))


def test_worker_processes_change_nothing(tiny_config):
    alone, helped = batches(tiny_config), batches(tiny_config, workers=2)
    assert len(alone) == len(helped) == 3
    for one, other in zip(alone, helped):
        assert one.names == other.names
        for part in ('images', 'boxes', 'labels'):
            assert torch.equal(getattr(one, part), getattr(other, part))


def test_a_batch_may_be_larger_than_the_data(tiny_config):
    batch, = batches(tiny_config, batch_size=8, iterations=2)
    assert len(batch.images) == 8 and len(set(batch.names)) == 5
