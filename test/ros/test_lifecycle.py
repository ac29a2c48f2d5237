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

"""Every transition, from every state, when it works and when it does not."""

from threading import enumerate as running_threads, Event, Thread

import pytest
from rcl_interfaces.msg import Log
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image
import torch
from triplenet_ros.inference.weights import save_weights, WeightsCard
from triplenet_ros.ros.outputs import Outputs
from triplenet_ros.ros.pipeline import Pipeline

LABELS = '/perception_node/label_image'
WAIT = 600


def state_of(node):
    """Return the name of the state."""
    return node._state_machine.current_state[1]


def walk(node, *transitions):
    """Make transitions one after the other; all succeed."""
    for name in transitions:
        assert getattr(node, f'trigger_{name}')().name == 'SUCCESS'


def infers():
    """Tell whether there is an inference thread."""
    return any(thread.name == 'inference' for thread in running_threads())


@pytest.mark.parametrize('before', [(), ('configure',), ('configure', 'activate')],
                         ids=['unconfigured', 'inactive', 'active'])
def test_shutdown_ends_all_in_every_state(make_node, before):
    node = make_node()
    walk(node, *before, 'shutdown')
    assert state_of(node) == 'finalized' and node.pipeline is None and not infers()
    assert not any(one.topic_name.startswith('/perception_node/') and 'image' in one.topic_name
                   for one in [*node.publishers, *node.subscriptions])


def test_states_are_those_of_the_transitions_and_images_come_in_one_of_them(make_node, listener):
    node = make_node()
    publisher = listener.node.create_publisher(Image, 'image', 1)
    for transition, state, subscribers in (
            ('configure', 'inactive', 0), ('activate', 'active', 1), ('deactivate', 'inactive', 0),
            ('activate', 'active', 1), ('deactivate', 'inactive', 0),
            ('cleanup', 'unconfigured', 0), ('configure', 'inactive', 0)):
        walk(node, transition)
        listener.until(lambda: publisher.get_subscription_count() == subscribers)
        assert state_of(node) == state and infers() == bool(subscribers)


def test_failed_configuration_can_be_mended(make_node, listener):
    listener.hear('/rosout', Log)
    node = make_node(detection_classes=['cow'])
    assert node.trigger_configure().name == 'FAILURE' and state_of(node) == 'unconfigured'
    assert node.set_parameters([Parameter('detection_classes', value=['car'])])[0].successful
    walk(node, 'configure', 'activate')
    listener.until(lambda: any('active, images come from /image' in log.msg
                               for log in listener.heard['/rosout']))


def test_error_in_a_transition_frees_everything_and_the_node_can_be_configured_again(
        active_node, listener, image_message, finished, monkeypatch):
    node = active_node()
    destroy = Pipeline.destroy

    def destroy_and_fail(self):
        destroy(self)
        monkeypatch.undo()
        raise RuntimeError('it does not want to')

    walk(node, 'deactivate')
    monkeypatch.setattr(Pipeline, 'destroy', destroy_and_fail)
    assert node.trigger_cleanup().name == 'ERROR'
    assert state_of(node) == 'unconfigured' and node.pipeline is None and not infers()
    walk(node, 'configure', 'activate')
    listener.connect('image', Image).publish(image_message())
    listener.until(lambda: finished(node) == 1)


def test_nothing_is_published_after_deactivation_however_many_images_come(
        active_node, listener, image_message, monkeypatch):
    sent, send = [], Outputs._send
    monkeypatch.setattr(Outputs, '_send', lambda self, name, message: (
        sent.append(name), send(self, name, message)))
    node = active_node()
    publisher = listener.connect('image', Image)
    over, image = Event(), image_message()
    # With a breath between them: one thread must not keep the others from the interpreter.
    flood = Thread(target=lambda: [
        publisher.publish(image) for _ in iter(lambda: over.wait(0.001), True)])
    flood.start()
    try:
        for _ in range(5):
            before = len(sent)
            listener.until(lambda: len(sent) > before)
            walk(node, 'deactivate')
            before, counted = len(sent), node.pipeline.counters()
            listener.until(lambda: publisher.get_subscription_count() == 0)
            for _ in range(20):
                listener.executor.spin_once(timeout_sec=0.01)
            assert len(sent) == before and node.pipeline.counters() == counted
            walk(node, 'activate')
    finally:
        over.set()
        flood.join()


def test_images_of_before_an_activation_are_not_answered_after_it(
        active_node, listener, image_message, make_gate, finished):
    node = active_node()
    listener.hear(LABELS, Image)
    gate, publisher = make_gate(node), listener.connect('image', Image)
    for count in (1, 2):
        publisher.publish(image_message(count))
        listener.until(lambda: node.pipeline.counters().received == count)
        assert gate.begun.wait(WAIT)
    deactivation = Thread(target=node.trigger_deactivate)
    deactivation.start()
    listener.until(lambda: node.pipeline.counters().dropped == 1)
    gate.go.set()
    deactivation.join(WAIT)
    listener.until(lambda: publisher.get_subscription_count() == 0)
    walk(node, 'activate')
    listener.until(lambda: publisher.get_subscription_count() == 1)
    publisher.publish(image_message(3))
    listener.until(lambda: finished(node) == 2 and len(listener.heard[LABELS]) == 2)
    assert [labels.header.stamp.nanosec for labels in listener.heard[LABELS]] == [1, 3]


@pytest.mark.parametrize('transitions', [('deactivate', 'cleanup'), ('shutdown',)])
def test_the_image_at_work_is_finished_before_the_node_frees_what_it_needs(
        active_node, listener, image_message, make_gate, transitions):
    node = active_node()
    gate, publisher = make_gate(node), listener.connect('image', Image)
    publisher.publish(image_message(1))
    listener.until(gate.begun.is_set)
    pipeline = node.pipeline
    leaving = Thread(target=walk, args=(node, *transitions))
    leaving.start()
    listener.until(lambda: publisher.get_subscription_count() == 0)
    gate.go.set()
    leaving.join(WAIT)
    assert node.pipeline is None and not infers()
    counters = pipeline.counters()
    assert (counters.processed, counters.errors, counters.waiting) == (1, 0, 0)


def test_weights_that_are_overwritten_or_deleted_change_nothing_until_they_are_read_again(
        active_node, listener, image_message, tiny_network, tmp_path):
    weights = tmp_path / 'mine.safetensors'
    # In the type that is computed in: a type that has to be changed is copied anyway.
    card = WeightsCard(tiny_network.config)
    save_weights(weights, tiny_network, card, torch.float32)
    listener.hear(LABELS, Image)
    listener.hear('/rosout', Log)
    node, size = active_node(weights=str(weights)), weights.stat().st_size
    publisher = listener.connect('image', Image)

    def ask(count):
        publisher.publish(image_message())
        listener.until(lambda: len(listener.heard[LABELS]) == count)
        return listener.heard[LABELS][-1].data

    before = ask(1)
    with weights.open('r+b') as stream:  # as cp does it: in place
        stream.write(bytes(size))
        stream.truncate(size // 2)
    assert ask(2) == before
    weights.unlink()
    assert ask(3) == before
    walk(node, 'deactivate', 'cleanup')
    assert node.trigger_configure().name == 'FAILURE' and state_of(node) == 'unconfigured'
    listener.until(lambda: any('mine.safetensors' in log.msg and '\n' not in log.msg
                               for log in listener.heard['/rosout']))
    save_weights(weights, tiny_network, card, torch.float32)
    walk(node, 'configure', 'activate')
    listener.until(lambda: publisher.get_subscription_count() == 1)
    assert ask(4) == before


def test_impossible_transitions_are_refused_and_the_node_stays(make_node, listener):
    from lifecycle_msgs.srv import ChangeState
    node = make_node()
    client = listener.node.create_client(ChangeState, '/perception_node/change_state')
    listener.until(client.service_is_ready)

    def ask(transition):
        request = ChangeState.Request()
        request.transition.id = transition
        answer = client.call_async(request)
        listener.until(answer.done)
        return answer.result().success

    configure, activate, deactivate = 1, 3, 4
    for transition, works, state in (
            (activate, False, 'unconfigured'), (configure, True, 'inactive'),
            (configure, False, 'inactive'), (activate, True, 'active'),
            (activate, False, 'active'), (deactivate, True, 'inactive'),
            (deactivate, False, 'inactive')):
        assert ask(transition) == works and state_of(node) == state
