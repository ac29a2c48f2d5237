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

"""The rate of the data is measured where the network waits."""

from types import SimpleNamespace

import pytest

pytest.importorskip('lightning')

import torch  # noqa: E402

from triplenet_ros.training import data_rate  # noqa: E402
from triplenet_ros.training.data_rate import DataRate, TimedLoader  # noqa: E402


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that stands still unless it is moved."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(data_rate, 'perf_counter', lambda: clock.now)
    return clock


def test_the_loader_counts_the_time_until_each_batch(clock):
    class Slow(torch.utils.data.Dataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            clock.now += 2
            return index

    loader = TimedLoader(Slow(), batch_size=1)
    for _ in loader:
        clock.now += 100  # the step itself
    assert loader.waited == 6


class Training:
    """Steps of two images in each of three processes."""

    def __init__(self, clock):
        self.clock = clock
        self.rate = DataRate()
        self.logged = []
        self.trainer = SimpleNamespace(train_dataloader=SimpleNamespace(waited=0.0),
                                       world_size=3, global_step=0, log_every_n_steps=2)
        self.module = SimpleNamespace(log_dict=self.logged.append)

    def step(self, seconds, waited):
        self.clock.now += seconds
        self.trainer.train_dataloader.waited += waited
        self.trainer.global_step += 1
        self.rate.on_train_batch_end(self.trainer, self.module, None,
                                     SimpleNamespace(images=torch.zeros(2)), 0)

    def validate(self, seconds):
        self.rate.on_validation_start(self.trainer, self.module)
        self.clock.now += seconds
        self.rate.on_validation_end(self.trainer, self.module)


def test_the_rate_counts_all_processes_and_leaves_out_start_and_validation(clock):
    training = Training(clock)
    assert str(training.rate) == 'too few steps to tell images/s'
    training.step(60.0, 50.0)
    training.step(2.0, 0.5)
    training.validate(1000.0)
    training.step(4.0, 1.0)
    assert str(training.rate) == '2.0 images/s, 25% of the time waiting for data'


def test_what_is_logged_is_of_the_steps_since_the_last_time(clock):
    training = Training(clock)
    for seconds, waited in ((9.0, 9.0), (2.0, 0.0), (1.0, 0.5), (1.0, 0.5)):
        training.step(seconds, waited)
    assert training.logged == [
        {'data/images_per_second': 3.0, 'data/waiting_share': 0.0},
        {'data/images_per_second': 6.0, 'data/waiting_share': 0.5}]
